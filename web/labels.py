"""Codes of the office's lists in words of the reader's language, for pages of every subject."""

from collections.abc import Iterable

from provisioner.office import Choice, PostId, find
from provisioner.procedure import APPLICANT
from web.catalog import current_language, gettext
from web.current import office, procedure
from web.states import REQUEST, State, state_of

ACTING = ("Plt. ", "Plh. ")
"""What stands before a post that somebody stands in for."""


def role_text(code: str) -> str:
    """A role an operator is given; the code itself where the office no longer has it."""
    role = office().role(code)
    return role.label.text(current_language()) if role else code


def region_text(code: str, full: bool = False) -> str:
    """ "Kecamatan Magersari"; ``full`` adds what it lies in."""
    region = office().regions.get(code)
    if region is None:
        return code
    return region.full_title if full else region.title


def post_text(post: str) -> str:
    """A post, or the applicant."""
    if post == APPLICANT:
        return gettext("Pemohon")
    return office().posts[PostId(post)].label.text(current_language()) if post in set(PostId) else post


def kept_post(kept: str) -> str:
    """A post as it was written down when somebody acted ("Plt. Kepala Dinas", "Kepala Dinas, NAMA") in the reader's
    language; words that name no post of the office by now stay what they were.
    """
    for prefix in ("", *ACTING):
        for post in sorted(office().posts.values(), key=lambda post: -len(post.label.id)):
            said = prefix + post.label.id
            if kept == said or kept.startswith((f"{said}, ", f"{said} (")):
                return prefix + post.label.text(current_language()) + kept.removeprefix(said)
    return post_text(kept)


def choice_text(choices: Iterable[Choice], code: str) -> str:
    """An entry of one of the office's lists."""
    found = find(tuple(choices), code)
    return found.label.text(current_language()) if found else code


def urgency_text(code: str) -> str:
    """How urgent a letter is."""
    return choice_text(office().urgencies, code)


def requested_action_text(code: str) -> str:
    """What a disposition asks for ("dengan hormat harap")."""
    return choice_text(office().requested_actions, code)


def employment_text(code: str) -> str:
    """A kind of employment."""
    return choice_text(office().employment_statuses, code)


def state_word(name: str) -> State:
    """A letter's or request's state."""
    return state_of(REQUEST, name)


def options(choices: Iterable[Choice]) -> list[tuple[str, str]]:
    """One of the office's lists for a select box."""
    return [(each.code, each.label.text(current_language())) for each in choices]


def words() -> dict[str, object]:
    """The same for templates: ``subject.context_processor(words)``. Macros that use them are imported with context."""
    return {
        "role_text": role_text,
        "region_text": region_text,
        "post_text": post_text,
        "kept_post": kept_post,
        "urgency_text": urgency_text,
        "requested_action_text": requested_action_text,
        "employment_text": employment_text,
        "state_word": state_word,
        "step_count": len(procedure().steps),
    }
