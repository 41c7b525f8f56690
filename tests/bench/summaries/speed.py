"""Articles a second, seconds against length, memory and import time; all of it processor time on one thread."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from summarizer import summarize_many
from tests.bench.summaries.made import make_article
from tests.bench.summaries.systems import BUDGETS, systems

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from summarizer import Document
    from summarizer.selection import Budget

T = TypeVar("T")

_BUDGET = BUDGETS["400 characters"]
_ROUNDS = 3
_LEAST_S = 0.7
LENGTHS = (10, 30, 100, 300, 1000, 3000, 5000)

# A length is left out where the one before lets expect more than so many seconds; the slowest grow by this power.
_MOST_S = 30.0
_POWER = {"sumy KL, its own code": 3.0}

_WORK = """
import json, sys
# nltk loads scipy where summa has brought it along; our users have none.
sys.modules["scipy"] = None if sys.argv[1] != "summa" else __import__("scipy")
from tests.bench.summaries.systems import BUDGETS, systems
from summarizer import Document
choose = systems()[sys.argv[1]].choose
for text, title, lang in json.loads(sys.stdin.read()):
    choose(Document(text=text, title=title, lang=lang), BUDGETS["400 characters"])
"""
_PEAK = """
for line in open("/proc/self/status"):
    if line.startswith("VmHWM"):
        print(int(line.split()[1]) / 1024)
"""
_IMPORT = "import time; before = time.process_time(); import summarizer; print(time.process_time() - before)"


def runs() -> dict[str, Callable[[Document], object]]:
    """Give what is timed, by name: every system, and sumy's own code beside ours."""
    found: dict[str, Callable[[Document], object]] = {}
    for name, system in systems().items():
        found[name] = _at_400(system.choose)
        if system.own_code:
            found[f"{name}, its own code"] = _at_400(system.own_code)
    return found


def _at_400(choose: Callable[[Document, Budget], list[str]]) -> Callable[[Document], object]:
    return lambda document: choose(document, _BUDGET)


def articles_per_s(work: Callable[[T], object], documents: Sequence[T]) -> float:
    """Return articles a second, the best of some rounds of two thirds of a second and more."""
    work(documents[0])  # lazy imports are not the method's
    best = 0.0
    for _ in range(_ROUNDS):
        done, started = 0, time.process_time()
        while (took_s := time.process_time() - started) < _LEAST_S:
            work(documents[done % len(documents)])
            done += 1
        best = max(best, done / took_s)
    return best


def articles_per_s_together(documents: Sequence[Document]) -> float:
    """Return articles a second of ``news`` where :func:`summarizer.summarize_many` takes them all."""

    def work(some: Sequence[Document]) -> None:
        deque(summarize_many(some, max_chars=_BUDGET.chars), maxlen=0)

    return len(documents) * articles_per_s(work, [documents])


def seconds_by_length() -> dict[str, dict[int, float]]:
    """Time one article of each length, as far as patience reaches."""
    articles = {length: make_article(length, sentences=length) for length in LENGTHS}
    found: dict[str, dict[int, float]] = {}
    for name, work in runs().items():
        work(articles[LENGTHS[0]])
        found[name] = {}
        for before, length in zip((LENGTHS[0], *LENGTHS), LENGTHS, strict=False):
            expected_s = found[name].get(before, 0.0) * (length / before) ** _POWER.get(name, 2.0)
            if expected_s > _MOST_S:
                break
            found[name][length] = _best_s(work, articles[length])
    return found


def _best_s(work: Callable[[Document], object], document: Document) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.process_time()
        work(document)
        best = min(best, time.process_time() - started)
        if best > _LEAST_S:
            break
    return best


def peak_mb(name: str, documents: Sequence[Document]) -> float:
    """Give the peak resident memory of a fresh process that summarises, in MiB."""
    given = json.dumps([(one.text, one.title, one.lang) for one in documents])
    return float(_python(_WORK + _PEAK, name, given=given))


def import_s() -> float:
    """Give the processor time of ``import summarizer`` in a fresh process, the best of five."""
    return min(float(_python(_IMPORT)) for _ in range(5))


def _python(source: str, *arguments: str, given: str = "") -> str:
    return subprocess.run(
        [sys.executable, "-c", source, *arguments], input=given, capture_output=True, text=True, check=True
    ).stdout
