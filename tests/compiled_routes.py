"""Routes that are compiled when an address is first made of them: an application has hundreds, a test needs a few."""

from collections.abc import Callable

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


def compile_routes_late() -> None:
    """For every application that is made from now on."""
    compile_now: Callable[[Rule, bool], Builder] = Rule._compile_builder

    def compile_late(rule: Rule, append_unknown: bool = True) -> Builder:
        compiled: list[Builder] = []

        def build(bound: Rule, /, **values: object) -> tuple[str, str]:
            if not compiled:
                compiled.append(compile_now(rule, append_unknown))
            return compiled[0](bound, **values)

        return build

    Rule._compile_builder = compile_late  # type: ignore[method-assign, assignment]
