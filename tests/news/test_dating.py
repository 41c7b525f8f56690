"""FAULTS 26: what a feed says of when its entries were published, and what is believed of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news.feeds.dating import believed_at
from bot.news.parsing.dates import parse_date

if TYPE_CHECKING:
    from tests.support.desk import Desk

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
GO_ZERO = "Mon, 01 Jan 0001 00:00:00 +0000"


@pytest.mark.parametrize(
    ("stated", "believed"),
    [
        (NOW - timedelta(days=1), True),
        (NOW, True),
        (NOW + timedelta(minutes=59), True),
        (NOW + timedelta(minutes=61), False),
        (datetime(9999, 12, 31, tzinfo=UTC), False),
        (datetime(1990, 1, 1, tzinfo=UTC), True),
        (datetime(1989, 12, 31, tzinfo=UTC), False),
        (datetime(1970, 1, 1, tzinfo=UTC), False),
        (datetime(1, 1, 1, tzinfo=UTC), False),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))), False),
        (parse_date(GO_ZERO), False),
        (parse_date("0001-01-01T00:00:00Z"), False),
        (datetime(2001, 1, 1, 0, 0, 1, tzinfo=UTC), True),
        (None, False),
    ],
)
def test_a_date_is_believed_that_can_be_meant(stated: datetime | None, believed: bool) -> None:
    assert believed_at(stated, now=NOW) == (stated if believed else None)


@pytest.mark.parametrize("stated", [GO_ZERO, "0001-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", "", "in a year"])
async def test_an_article_with_an_impossible_date_is_of_the_time_it_came(desk: Desk, stated: str) -> None:
    date = format_datetime(desk.clock() + timedelta(days=365)) if stated == "in a year" else stated
    feed = await desk.follow(paper := desk.paper())
    desk.site.serve(
        f"{paper.path}/feed",
        f"<rss version='2.0'><channel><title>Tidewatch</title><item><guid>1</guid><title>Crane stuck</title>"
        f"<link>{desk.site.url('/none')}</link><pubDate>{date}</pubDate></item></channel></rss>",
    )
    (view,) = await desk.poll(feed)
    assert view.articles[0].published_at == desk.clock()


@pytest.mark.parametrize(
    "text", ["10:30", "12", "99", "2024", "Monday", "Tue 10:30", "3 March", "March 2026", "10:30 GMT"]
)
def test_a_text_without_year_month_and_day_is_no_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "text",
    ["March 3rd, 2026 12:00", "2026-03-03 12pm", "3/3/2026 12:00 GMT", "20260303T120000Z", "Tue Mar 3 12:00:00 2026"],
)
def test_a_date_is_read_in_whatever_order(text: str) -> None:
    assert parse_date(text) == NOW


PIECES = st.sampled_from(
    [*"0123456789:-+/, TZ", "Jan", "Mon", "GMT", "2026", "0001", "9999", "+99:99", "-23:59", "PM", "é"]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_text_is_a_date_of_utc_or_none(text: str) -> None:
    when = parse_date(text)
    assert when is None or when.tzinfo is UTC
    believed_at(when, now=NOW)
