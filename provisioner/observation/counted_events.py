"""Which events of the audit trail are counted, and as what. They are counted when they are committed, so that a counter
never tells of something that was taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Counted:
    """One counter: the names of its labels, and for each kind of event the values of its labels."""

    name: str
    text: str
    labels: tuple[str, ...]
    kinds: Mapping[str, tuple[str, ...]]


COUNTERS = (
    Counted(
        "provisioner_letters",
        "Letters by what was decided about them.",
        ("decision",),
        {
            "letter-forwarded": ("forwarded",),
            "letter-returned": ("returned",),
            "letter-rejected": ("rejected",),
        },
    ),
    Counted(
        "provisioner_requests_moved",
        "Requests of persons by what became of them.",
        ("to",),
        {
            "request-submitted": ("submitted",),
            "request-resubmitted": ("resubmitted",),
            "request-returned": ("returned",),
            "request-rejected": ("rejected",),
            "request-withdrawn": ("withdrawn",),
            "request-approved": ("approved",),
            "request-completed": ("completed",),
        },
    ),
    Counted(
        "provisioner_envelopes",
        "Envelopes by what happened to them.",
        ("event",),
        {
            "envelope-sealed": ("sealed",),
            "envelope-opened": ("opened",),
            "envelope-lapsed": ("lapsed",),
            "envelope-destroyed": ("destroyed",),
            "envelope-foreign-attempt": ("foreign-attempt",),
        },
    ),
    Counted(
        "provisioner_sign_ins",
        "Tries to sign in.",
        ("kind", "result"),
        {
            "official-signed-in": ("official", "ok"),
            "official-sign-in-failed": ("official", "refused"),
            "operator-signed-in": ("operator", "ok"),
            "operator-sign-in-failed": ("operator", "refused"),
        },
    ),
    Counted(
        "provisioner_lockouts",
        "Names that were locked after wrong passwords.",
        ("kind",),
        {"official-locked-out": ("official",), "operator-locked-out": ("operator",)},
    ),
    Counted(
        "provisioner_rate_limited",
        "Addresses that tried something too often, once for each stretch of time.",
        (),
        {"too-many-tries": ()},
    ),
    Counted(
        "provisioner_pacts_signed",
        "Signatures under pacts, by whom; renewed: by an operator who signs anew.",
        ("by",),
        {"pact-signed-by-applicant": ("applicant",), "pact-signed": ("official",), "pact-renewed": ("renewed",)},
    ),
    Counted(
        "provisioner_codes_refused",
        "Codes that were wrong.",
        ("kind",),
        {
            "ticket-refused": ("ticket",),
            "enrolment-code-refused": ("enrolment-code",),
            "check-code-refused": ("check-code",),
        },
    ),
)
