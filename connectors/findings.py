"""Findings that every kind of server has: how long the certificate holds, how far the clocks are apart."""

from datetime import datetime, timedelta

from provisioner.connector import Finding, PasswordRules, Severity

CERTIFICATE_WARNING = timedelta(days=30)
CERTIFICATE_ERROR = timedelta(days=7)
CLOCK_WARNING = timedelta(seconds=5)
CLOCK_ERROR = timedelta(minutes=5)


def certificate(ends: datetime, now: datetime, whose: str = "") -> Finding:
    """How long the server's certificate holds. ``whose``: its address, where there are several."""
    left = ends - now
    severity = Severity.OK
    if left < CERTIFICATE_WARNING:
        severity = Severity.ERROR if left < CERTIFICATE_ERROR else Severity.WARNING
    message = f"{whose}{': ' if whose else ''}the certificate is valid for {left.days} more days"
    remedy = "" if severity is Severity.OK else "renew the server's certificate"
    return Finding("certificate", severity, message, remedy, "ends", left.days)


def clock(apart: timedelta) -> Finding:
    """How far the server's clock and ours are apart, whichever is ahead."""
    apart = abs(apart)
    severity = Severity.OK
    if apart > CLOCK_WARNING:
        severity = Severity.ERROR if apart > CLOCK_ERROR else Severity.WARNING
    seconds = round(apart.total_seconds())
    remedy = "" if severity is Severity.OK else "let both machines keep their time by NTP"
    return Finding("clock", severity, f"the clocks differ by {seconds} s", remedy, "apart", seconds)


def cannot_tell(subject: str, why: str, remedy: str = "") -> Finding:
    """The target does not show it; that is no fault."""
    return Finding(subject, Severity.OK, why, remedy, "cannot-tell")


def rules(demanded: PasswordRules) -> Finding:
    """What a target demands of passwords, in one sentence."""
    parts = [
        f"at least {demanded.min_length} characters" if demanded.min_length else "of any length",
        f"at most {demanded.max_length}" if demanded.max_length else "",
        f"{demanded.kinds} kinds of them" if demanded.kinds else "",
        f"not the last {demanded.history}" if demanded.history else "",
        f"valid for {demanded.max_age.days} days" if demanded.max_age else "",
        f"locked after {demanded.lockout_after} wrong ones" if demanded.lockout_after else "never locked",
    ]
    told = ", ".join(part for part in parts if part)
    return Finding("policy", Severity.OK, f"passwords by {demanded.source}: {told}", code="rules")
