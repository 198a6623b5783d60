"""The configured targets: each is a connector, found by its kind among the installed entry points, with a label."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from pydantic import ValidationError

from provisioner.connector import Connector, ConnectorContext, TaskBoard

ENTRY_POINT_GROUP = "provisioner.connectors"


@dataclass(frozen=True)
class Target:
    """One target of the office."""

    name: str
    """Identifier in the settings, e.g. ``direktori``; stands in the audit trail, so it never changes."""
    kind: str
    """Name of the connector's entry point, e.g. ``ldap``."""
    label: str
    """What the pages call it."""
    connector: Connector


@cache
def installed_kinds() -> Mapping[str, EntryPoint]:
    """Every kind of target that an installed package offers. Loads none of them. Looked up once in a process, because
    every installed package has to be asked.
    """
    return {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}


def build_targets(
    configured: Mapping[str, Mapping[str, Any]],
    *,
    board: TaskBoard | None = None,
    call_timeout: float = 10.0,
) -> dict[str, Target]:
    """Build all targets, in the order of the settings; connects to none.

    :param configured: target name -> ``kind``, ``label`` (optional: the name) and the connector's own settings.
    :param board: where connectors for people pin their cards.
    :param call_timeout: seconds allowed for one call; shorter than a lease.
    :raises ValueError: a setting is missing or wrong; the message names target and setting, never a value.
    """
    kinds = installed_kinds()
    targets: dict[str, Target] = {}
    for name, section in configured.items():
        context = ConnectorContext(target=name, call_timeout=call_timeout, board=board)
        targets[name] = _build(name, section, kinds, context)
    return targets


def _build(name: str, section: Mapping[str, Any], kinds: Mapping[str, EntryPoint], context: ConnectorContext) -> Target:
    kind = section.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        raise ValueError(f"targets.{name}.kind: must be one of {', '.join(sorted(kinds))}")
    connector_class = kinds[kind].load()
    settings = {key: value for key, value in section.items() if key not in ("kind", "label")}
    try:
        connector = connector_class.from_settings(settings, context)
    except ValidationError as error:
        raise ValueError(_told(name, error)) from None
    except ValueError as error:
        raise ValueError(f"targets.{name}: {error}") from error
    if not isinstance(connector, Connector):
        raise ValueError(f"targets.{name}.kind: {kind!r} is not a connector of this version")
    return Target(name, kind, section.get("label", name), connector)


def _told(name: str, error: ValidationError) -> str:
    """The first fault with its place in the settings. pydantic's own text would quote values, secrets among them."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in ("targets", name, *first["loc"]))
    return f"{place}: {first['msg']}"
