"""What is compared: ours, the lead, sumy's algorithms in our hands and in its own, and other packages."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from summarizer import Document, Method, split_sentences, summarize
from summarizer.cleaning.report import clean
from summarizer.selection import Budget, Candidate, select
from summarizer.text.terms import count_words

if TYPE_CHECKING:
    from collections.abc import Callable

BUDGETS = {
    "3 sentences": Budget(sentences=3),
    "60 words": Budget(words=60),
    "400 characters": Budget(chars=400),
}

_NAMES = {
    Method.LEXRANK: "LexRank",
    Method.TEXTRANK: "TextRank",
    Method.LSA: "LSA",
    Method.LUHN: "Luhn",
    Method.KL: "KL",
    Method.SUMBASIC: "SumBasic",
    Method.REDUCTION: "Reduction",
    Method.EDMUNDSON: "Edmundson",
}

_SUMMA_LANGUAGES = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
}

_LONGEST_LEDE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One way to summarise.

    Args:
        name: as tables have it.
        choose: gives a document's sentences within a budget.
        own_code: the same sentences by sumy's own code, whose speed is measured beside ours.
        most: on how many documents of a file it is scored at most, being slow; ``None``: all.
        languages: those that it knows; ``None``: any.
    """

    name: str
    choose: Callable[[Document, Budget], list[str]]
    own_code: Callable[[Document, Budget], list[str]] | None = None
    most: int | None = None
    languages: frozenset[str] | None = None

    def knows(self, document: Document) -> bool:
        """Whether it knows a document's language."""
        return self.languages is None or document.lang in self.languages


def systems() -> dict[str, System]:
    """Give all by name; packages of the bench extra only where they are installed."""
    found = [
        System(name="news", choose=_ours(Method.NEWS)),
        System(name="news, brief", choose=_ours(Method.NEWS, brief=True)),
        System(name="lead", choose=_ours(Method.LEAD)),
        *(
            System(name=f"sumy {name}", choose=_ours(method), own_code=_by_sumy(method))
            for method, name in _NAMES.items()
        ),
    ]
    if find_spec("summa"):
        found.append(System(name="summa", choose=_summa, most=150, languages=frozenset(_SUMMA_LANGUAGES)))
    if find_spec("lede"):
        found.append(System(name="lede", choose=_lede, most=150))
    return {system.name: system for system in found}


def _ours(method: Method, *, brief: bool = False) -> Callable[[Document, Budget], list[str]]:
    def choose(document: Document, budget: Budget) -> list[str]:
        summary = summarize(
            document,
            sentences=budget.sentences,
            max_chars=budget.chars,
            max_words=budget.words,
            method=method,
            brief=brief,
        )
        return [sentence.text for sentence in summary.sentences]

    return choose


def _by_sumy(method: Method) -> Callable[[Document, Budget], list[str]]:
    def choose(document: Document, budget: Budget) -> list[str]:
        from tests.support.sumys import sumys_order  # noqa: PLC0415 - whose memory is measured must not load sumy

        lang = document.lang or "en"
        pieces = clean(document.text, split_sentences(document.text, lang), lang)
        order = sumys_order(method, document.text, document.title, pieces, lang)
        score = {number: -float(place) for place, number in enumerate(order)}
        texts = [document.text[one.start : one.end] for one in pieces]
        return _fill([(text, score[number]) for number, text in enumerate(texts)], lang, budget)

    return choose


def _summa(document: Document, budget: Budget) -> list[str]:
    from summa import summarizer  # noqa: PLC0415 - an optional package

    lang = document.lang or "en"
    ranked = summarizer.summarize(document.text, ratio=1.0, language=_SUMMA_LANGUAGES[lang], scores=True)
    return _fill([(str(text), float(score)) for text, score in ranked], lang, budget)


def _lede(document: Document, budget: Budget) -> list[str]:
    """Summarise by lede, which knows budgets in characters alone: for others, by the longest that keeps them."""
    from lede import summarize as lede_summarize  # noqa: PLC0415 - an optional package

    lang = document.lang or "en"

    def within(chars: int) -> str:
        return str(lede_summarize(document.text, max_length=chars).summary)

    if budget.chars is not None:
        return [within(budget.chars)]
    shortest, longest, kept = 1, _LONGEST_LEDE, ""
    while shortest <= longest:
        middle = (shortest + longest) // 2
        text = within(middle)
        if (budget.words is None or count_words(text, lang) <= budget.words) and (
            budget.sentences is None or len(split_sentences(text, lang)) <= budget.sentences
        ):
            shortest, kept = middle + 1, text
        else:
            longest = middle - 1
    return [kept]


def _fill(ranked: list[tuple[str, float]], lang: str, budget: Budget) -> list[str]:
    """Fill a budget by rank, as ours fills it for sumy's algorithms."""
    candidates = [
        Candidate(place, score, frozenset(), len(text), count_words(text, lang))
        for place, (text, score) in enumerate(ranked)
    ]
    return [ranked[one.place][0] for one in select(candidates, budget, repetition=0.0, brief=False)]
