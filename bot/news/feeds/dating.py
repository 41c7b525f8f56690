"""When an entry was published, as far as its feed can be believed; the parser only tells what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

SKEW: Final = timedelta(hours=1)
"""So far a publisher's clock may be ahead of ours."""
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_NO_DATE: Final = datetime(2001, 1, 1, tzinfo=UTC)
"""What readers of RFC 822 make of ``01 Jan 0001 00:00:00``, which sites written in Go give to pages without a date."""


def says_when(stated: datetime | None) -> bool:
    """Tell whether a date says anything: it is there, no earlier than the web, and not Go's for "none"."""
    return stated is not None and stated >= _EARLIEST and stated != _NO_DATE


def believed_at(stated: datetime | None, *, now: datetime) -> datetime | None:
    """Return when an entry was published; ``None`` where its feed does not say it, or says what cannot be.

    Args:
        stated: what the feed says.
        now: the present; what lies ahead of it by more than a clock can be wrong has not been published.
    """
    return stated if says_when(stated) and stated is not None and stated <= now + SKEW else None
