"""How long an answer stays fresh, by its headers (RFC 9111, 4.2)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_WAIT_S: Final = 30 * 86400.0
_MAX_AGE: Final = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_STALE: Final = re.compile(r"(?:^|[,\s])no-(?:cache|store)\b", re.IGNORECASE)


def freshness_s(headers: Mapping[str, str], *, now: datetime) -> float:
    """Tell for how many seconds an answer may be taken as unchanged: from 0 to 30 days.

    Args:
        headers: The answer's, by any spelling that the mapping finds.
        now: Aware; when the answer came.
    """
    control = headers.get("Cache-Control", "")
    if _STALE.search(control):
        return 0.0
    found = _MAX_AGE.search(control)
    if found is not None:
        age = headers.get("Age", "").strip()
        spent_s = int(age[:12]) if age.isascii() and age.isdigit() else 0
        return min(max(float(int(found.group(1)) - spent_s), 0.0), LONGEST_WAIT_S)
    expires_at = parse_http_date(headers.get("Expires"))
    if expires_at is None:
        return 0.0
    sent_at = parse_http_date(headers.get("Date")) or now
    return min(max((expires_at - sent_at).total_seconds(), 0.0), LONGEST_WAIT_S)


def parse_retry_after(value: str | None, *, now: datetime) -> float | None:
    """Read a ``Retry-After``, seconds or a date (RFC 9110, 10.2.3); ``None`` where it cannot be read.

    Args:
        value: header as sent.
        now: aware; a date is counted from it.

    Returns:
        Seconds, from 0 to 30 days.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:12]), LONGEST_WAIT_S))
    until = parse_http_date(text)
    return None if until is None else min(max((until - now).total_seconds(), 0.0), LONGEST_WAIT_S)


def parse_http_date(value: str | None) -> datetime | None:
    """Read a date as HTTP writes it, aware; ``None`` where it cannot be read, as with the ``0`` of many an Expires."""
    try:
        date = parsedate_to_datetime((value or "").strip())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
