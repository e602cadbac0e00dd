"""The only place that reads the clock; acts and rules are handed ``now``."""

from datetime import UTC, datetime


def utcnow() -> datetime:
    """Return the present instant as an aware datetime in UTC."""
    return datetime.now(UTC)
