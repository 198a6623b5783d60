"""The ways in which an office signs its pacts; one is chosen in the settings."""

from enum import StrEnum


class SigningWay(StrEnum):
    """How the pact is signed."""

    BUILT_IN = "built-in"
    """By this application's own authority: "tidak tersertifikasi"."""
    WET_INK = "wet-ink"
    """On paper: printed, signed, scanned."""
    BSRE = "bsre"
    """By BSrE's eSign client service: "tersertifikasi"."""
