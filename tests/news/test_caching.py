"""What the headers of an answer say about when to come back."""

from datetime import UTC, datetime

import pytest
from multidict import CIMultiDict

from bot.news.web.caching import freshness_s, parse_retry_after

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({}, 0, id="nothing said"),
        pytest.param({"Cache-Control": "max-age=600"}, 600, id="max-age"),
        pytest.param({"cache-control": "public, MAX-AGE=600"}, 600, id="any case"),
        pytest.param({"Cache-Control": 'max-age="600"'}, 600, id="quoted"),
        pytest.param({"Cache-Control": "max-age=600", "Age": "200"}, 400, id="less what it spent in caches"),
        pytest.param({"Cache-Control": "max-age=600", "Age": "900"}, 0, id="stale in a cache"),
        pytest.param({"Cache-Control": "max-age=600", "Age": "soon"}, 600, id="an age that is none"),
        pytest.param({"Cache-Control": "s-maxage=900"}, 0, id="for shared caches"),
        pytest.param({"Cache-Control": "s-maxage=900, max-age=60"}, 60, id="both"),
        pytest.param({"Cache-Control": "no-cache, max-age=600"}, 0, id="no-cache"),
        pytest.param({"Cache-Control": "no-store"}, 0, id="no-store"),
        pytest.param({"Cache-Control": "max-age=-1"}, 0, id="negative"),
        pytest.param({"Cache-Control": "max-age=999999999999"}, 30 * 86400, id="for ever"),
        pytest.param(
            {"Cache-Control": "max-age=60", "Expires": "Tue, 03 Mar 2026 12:00:00 GMT"}, 60, id="over Expires"
        ),
        pytest.param({"Expires": "Tue, 03 Mar 2026 10:30:00 GMT"}, 1800, id="Expires"),
        pytest.param(
            {"Expires": "Tue, 03 Mar 2026 10:30:00 GMT", "Date": "Tue, 03 Mar 2026 10:20:00 GMT"},
            600,
            id="Expires by the server's own clock",
        ),
        pytest.param({"Expires": "0"}, 0, id="Expires 0"),
        pytest.param({"Expires": "Mon, 02 Mar 2026 10:30:00 GMT"}, 0, id="expired"),
    ],
)
def test_freshness_is_what_http_says(headers: dict[str, str], seconds: float) -> None:
    assert freshness_s(CIMultiDict(headers), now=NOW) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("3600", 3600.0),
        ("99999999999999", 2_592_000.0),
        ("Tue, 03 Mar 2026 10:01:00 GMT", 60.0),
        ("Tue, 03 Mar 2026 09:00:00 GMT", 0.0),
        ("Tue, 03 Mar 2026 12:00:00 +0200", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, now=datetime(2026, 3, 3, 10, tzinfo=UTC)) == seconds
