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

import pytest

from bot.news.errors import FeedError
from bot.news.feeds.parser import parse_feed
from tests.support.hostile_feeds import HOSTILE_FEEDS, URL, rss

MOST_MEMORY_MB = 200
"""More than an idle process has, the documents themselves included."""
MOST_S = 10.0
"""Ten times the goal: a machine under test may be busy."""


def read_all() -> None:
    """Read each case; print one line of JSON about it."""
    parse_feed(rss(""), url=URL)
    idle_mb = peak_mb()
    for name, (_, make) in HOSTILE_FEEDS.items():
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


@pytest.mark.parametrize("name", HOSTILE_FEEDS)
def test_hostile_feeds_are_read_cut_or_refused_with_a_reason(outcomes: dict[str, dict[str, object]], name: str) -> None:
    assert outcomes[name]["outcome"] == HOSTILE_FEEDS[name][0]


@pytest.mark.parametrize("name", HOSTILE_FEEDS)
def test_hostile_feeds_cost_little(outcomes: dict[str, dict[str, object]], name: str) -> None:
    assert float(str(outcomes[name]["s"])) < MOST_S
    assert float(str(outcomes[name]["mb"])) < MOST_MEMORY_MB
