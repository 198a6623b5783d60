"""What a use case answers, as one word: tests compare it with the code the pages turn into a sentence."""

from collections.abc import Callable

import pytest

from provisioner.errors import ProvisionerError


def code_of(call: Callable[[], object]) -> str:
    """The code of the refusal that ``call`` must end with."""
    with pytest.raises(ProvisionerError) as refused:
        call()
    return refused.value.code
