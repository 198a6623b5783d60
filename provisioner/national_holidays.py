"""Indonesia's holidays and days of joint leave, as the library ``holidays`` knows them.

``holidays.countries`` loads every country of the world when one is asked for: 8 MB that the service would hold for as
long as it runs. The one country's file needs none of the others, so it is loaded alone.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

_PACKAGE, _FILE, _CLASS = "holidays", Path("countries", "indonesia.py"), "Indonesia"


def national_holidays(year: int) -> Mapping[date, str]:
    """Names of one year's holidays and days of joint leave, in Indonesian. Slow at the first time.

    :raises ImportError: the library is not installed as it was when this was written.
    """
    found = _calendar()(years=year, expand=False, categories=("public", "government"), language="id")
    return dict(found.items())


def load_calendar() -> None:
    """Load what the first question would otherwise wait for."""
    _calendar()


@cache
def _calendar() -> Any:
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise ImportError(_PACKAGE)
    spec = spec_from_file_location("provisioner_indonesia", Path(package.origin).parent / _FILE)
    if spec is None or spec.loader is None:
        raise ImportError(str(_FILE))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, _CLASS)
