"""Routes are compiled once for all applications that have the same ones: tests make hundreds of applications, and an
application has hundreds of routes.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any

from werkzeug.routing import Map, Rule
from werkzeug.routing.rules import RuleFactory

_WAITING = "rules_that_wait"


def share_compiled_routes() -> None:
    """For every application that is made from now on. Its rules wait until the first of them is asked for; if another
    application had exactly these, they are taken from there.
    """
    add_now: Callable[[Map, RuleFactory], None] = Map.add
    update_now: Callable[[Map], None] = Map.update
    compiled: dict[tuple[Any, ...], Map] = {}
    one_at_a_time = Lock()

    def add(routes: Map, factory: RuleFactory) -> None:
        # What is compiled may be another's too.
        assert not routes._rules_by_endpoint, "a route was added after the first was asked for"
        vars(routes).setdefault(_WAITING, []).extend(factory.get_rules(routes))
        routes._remap = True

    def update(routes: Map) -> None:
        if routes._remap:
            with one_at_a_time:  # A server asks from several threads.
                compile_or_share(routes, vars(routes).pop(_WAITING, []))

    def compile_or_share(routes: Map, waiting: list[Rule]) -> None:
        kind = (*_settings(routes), *map(_signature, waiting))
        if waiting and kind in compiled:
            known = compiled[kind]
            routes._matcher, routes._rules_by_endpoint = known._matcher, known._rules_by_endpoint
            routes._remap = False
            return
        for rule in waiting:
            add_now(routes, rule)
        update_now(routes)
        if waiting:
            compiled[kind] = routes

    Map.add, Map.update = add, update  # type: ignore[method-assign, assignment]


def _settings(routes: Map) -> tuple[Any, ...]:
    return (routes.host_matching, routes.default_subdomain, routes.strict_slashes, tuple(routes.converters.items()))


def _signature(rule: Rule) -> tuple[Any, ...]:
    return (
        rule.rule,
        rule.endpoint,
        frozenset(rule.methods or ()),
        tuple((rule.defaults or {}).items()),
        rule.subdomain,
        rule.host,
        rule.strict_slashes,
        rule.redirect_to,
        rule.build_only,
        rule.alias,
        getattr(rule, "provide_automatic_options", None),
    )
