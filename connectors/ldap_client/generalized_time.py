"""Moments as directories write them."""

from datetime import UTC, datetime


def moment(text: str) -> datetime | None:
    """A generalized time in UTC (RFC 4517, 3.3.13), with or without a fraction; None when it is not one."""
    whole = text.partition(".")[0].rstrip("Z")
    try:
        return datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
