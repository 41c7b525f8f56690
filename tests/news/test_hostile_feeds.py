"""FAULTS 15 to 20 and 23: feeds made to harm, each read, cut or refused with a reason, in little time and memory.

One process of its own reads them all, so that its peak of memory is theirs.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.news.errors import FeedError
from bot.news.feeds.parser import parse_feed

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://tidewatch.example/feed"
ITEM = "<item><title>first</title><link>https://tidewatch.example/1</link></item>"
LAUGHS = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


def rss(items: str, *, attributes: str = "", before: str = "") -> bytes:
    return f"{before}<rss {attributes}><channel><title>T</title>{ITEM}{items}</channel></rss>".encode()


def json_feed(items: str) -> bytes:
    return f'{{"version":"https://jsonfeed.org/version/1","items":[{items}]}}'.encode()


CASES: dict[str, tuple[str | int, Callable[[], bytes]]] = {
    "laughs": ("entity_bomb", lambda: rss("<item>&a9;</item>", before=f"<!DOCTYPE rss [{LAUGHS}]>")),
    "quadratic blow-up": (
        "entity_bomb",
        lambda: rss(f"<item>{'&a;' * 100_000}</item>", before=f'<!DOCTYPE rss [<!ENTITY a "{"x" * 900}">]>'),
    ),
    "100,000 attributes": (2, lambda: rss("<item " + " ".join(f"a{n}=''" for n in range(100_000)) + "/>")),
    "50,000 namespaces": (2, lambda: rss("<item " + " ".join(f"xmlns:n{n}='u{n}'" for n in range(50_000)) + "/>")),
    "50,000 namespaces of elements": (
        2,
        lambda: rss("<item>" + "".join(f"<n{n}:a xmlns:n{n}='u{n}'/>" for n in range(50_000)) + "</item>"),
    ),
    "100,000 items": (500, lambda: rss(ITEM * 100_000)),
    "200,000 comments begun": (2, lambda: rss(f"<item>{'<!--' * 200_000}</item>")),
    "200,000 comments": (2, lambda: rss(f"<item>{'<!-- -->' * 200_000}</item>")),
    "200,000 CDATA sections begun": (2, lambda: rss(f"<item>{'<![CDATA[' * 200_000}</item>")),
    "a date of 500,000 digits": (2, lambda: rss(f"<item><pubDate>{'9' * 500_000}</pubDate></item>")),
    "a date of 500,000 digits in JSON": ("broken", lambda: json_feed(f'{{"id":1,"date_published":{"9" * 500_000}}}')),
    "an author of 64,000 characters": (2, lambda: rss(f"<item><author>{'a@' * 32_000}{'(' * 32_000}</author></item>")),
    "100,000 elements deep": (255, lambda: rss("<item>" * 100_000)[:2_000_000]),
    "deep markup": (2, lambda: rss(f"<item><description>{'<b>' * 100_000}</description></item>")),
    "deep JSON": ("broken", lambda: json_feed("[" * 500_000)),
    "20 MB of text": ("too_large", lambda: rss(f"<item><description>{'word ' * 4_000_000}</description></item>")),
    "20 MB of text in UTF-16": (
        2,
        lambda: rss(f"<item><description>{'word ' * 2_000_000}</description></item>").decode().encode("utf-16"),
    ),
    "20 MB of ill-formed text": ("too_large", lambda: rss(f"<item><description>{'a & <p> ' * 2_500_000}</item>")),
    "8 MB of ill-formed text": (2, lambda: rss(f"<item><description>{'a & <p> ' * 900_000}</item>")),
    "20 MB of JSON": ("too_large", lambda: json_feed(",".join(['{"id":"1"}'] * 2_000_000))),
    "33 MB": ("too_large", lambda: rss("x" * 33 * 1024 * 1024)),
    "400,000 fields of one item": (2, lambda: rss(f"<item>{'<author>x</author><a>y</a>' * 200_000}</item>")),
    "300,000 ampersands": (2, lambda: rss(f"<item>{'&' * 300_000}</item>")),
    "300,000 angles": (2, lambda: rss(f"<item>{'<' * 300_000}</item>")),
    "a title of entities": (2, lambda: rss(f"<item><title>{'&amp;lt;b&amp;gt; ' * 200_000}</title></item>")),
    "controls and halves of pairs": (2, lambda: rss("<item><title>a\x01b&#xD800;&#0;&#x1F;</title></item>")),
}
MOST_MEMORY_MB = 200
"""More than an idle process has, the documents themselves included."""
MOST_S = 10.0
"""Ten times the goal: a machine under test may be busy."""


def read_all() -> None:
    """Read each case; print one line of JSON about it."""
    parse_feed(rss(""), url=URL)
    idle_mb = peak_mb()
    for name, (_, make) in CASES.items():
        body = make()
        started = time.process_time()
        try:
            outcome: object = len(parse_feed(body, url=URL).entries)
        except FeedError as error:
            outcome = str(error.reason)
        took_s = time.process_time() - started
        print(json.dumps({"name": name, "outcome": outcome, "s": took_s, "mb": peak_mb() - idle_mb}), flush=True)
        del body


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-c", "from tests.news.test_hostile_feeds import read_all; read_all()"],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        check=True,
        timeout=100,
    )
    return {row["name"]: row for row in map(json.loads, done.stdout.decode().splitlines())}


@pytest.mark.parametrize("name", CASES)
def test_hostile_feeds_are_read_cut_or_refused_with_a_reason(outcomes: dict[str, dict[str, object]], name: str) -> None:
    assert outcomes[name]["outcome"] == CASES[name][0]


@pytest.mark.parametrize("name", CASES)
def test_hostile_feeds_cost_little(outcomes: dict[str, dict[str, object]], name: str) -> None:
    assert float(str(outcomes[name]["s"])) < MOST_S
    assert float(str(outcomes[name]["mb"])) < MOST_MEMORY_MB
