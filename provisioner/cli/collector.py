"""Python's garbage collector, kept from looking again and again at what stays as long as the process."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_rest_while_loading() -> Iterator[None]:
    """Importing and building make many objects and no garbage: looking for some takes a fifth of that time, and of the
    time of everything that makes many objects afterwards.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()
