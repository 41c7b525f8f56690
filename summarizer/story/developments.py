"""What has changed: sentences of a story that a reader was not sent, and sentences that a publisher corrected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from summarizer.document import Document, Sentence, StorySummary, articles_of
from summarizer.errors import InputError
from summarizer.inputs import check_instant, check_strings
from summarizer.story.facts import SAME, Facts, join_facts, read_facts
from summarizer.story.summary import story_budget, story_summary
from summarizer.summary import language_of
from summarizer.text.sentences import split_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from summarizer.document import Article

# A sentence that says nothing that was said must have this much that was not, and with a new name or number this much.
_NEW = 0.4
_NEW_WITH_FACT = 0.25

# What adds something must also matter: at least these shares of what the story's sentences are worth on average, and
# of what those are that add something.
_LEAST_WORTH = 0.5
_LEAST_WORTH_OF_NEW = 0.8

# Two wordings of one sentence share this much of their terms.
_REWORDED = 0.5

# A text that was rewritten throughout has no corrections to show.
_MOST_CHANGED = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a reader was sent of a story.

    Args:
        sentences: word for word.
        at: when, aware; reports from before were at hand then, and what was not sent of them is not new. ``None``:
            every report may hold something new.

    Raises:
        InputError: ``sentences`` is one string or holds something else than strings, or ``at`` has no time zone.
    """

    sentences: tuple[str, ...]
    at: datetime | None = None

    def __post_init__(self) -> None:
        check_strings("sentences", self.sentences)
        if self.at is not None:
            check_instant("at", self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A sentence that a publisher changed.

    Args:
        was: in the text before.
        now: in the text after.
        is_fact: whether a number, a name or a yes and no changed, rather than the wording alone.
    """

    was: Sentence
    now: Sentence
    is_fact: bool


def what_is_new(
    story: Iterable[Article],
    since: Sent | datetime,
    *,
    sentences: int | None = None,
    max_chars: int | None = None,
    max_words: int | None = None,
) -> StorySummary:
    """Choose the sentences that add something to what a reader knows of a story; none where nothing does.

    A sentence adds something when it has terms, names or numbers that the reader has not met. One that says again, in
    whatever words, what a sentence before said adds nothing, unless a number differs or a yes became a no.

    Args:
        story: its articles, in any order.
        since: what the reader was sent; or an instant, aware: the reader knows every report published until then, and
            those without a time.
        sentences: how many sentences, at most; three when no budget is given.
        max_chars: how many characters, at most, as a person counts them, of the sentences joined by one space.
        max_words: how many words, at most.

    Raises:
        BudgetError: a budget is below 1.
        InputError: these are no articles, or two have one id; ``since`` is neither, or has no time zone; or a budget
            is no whole number.
    """
    budget = story_budget(sentences, max_chars, max_words)
    story = articles_of("story", story)
    if isinstance(since, datetime):
        check_instant("since", since)
    elif not isinstance(since, Sent):
        raise InputError("since", "what was Sent or a datetime with a time zone", type(since).__name__)
    langs = [language_of(article) for article in story]
    # numpy takes a tenth of a second to import.
    import numpy as np  # noqa: PLC0415 - see above

    from summarizer.story.reading import count_terms, main_language, read_story  # noqa: PLC0415
    from summarizer.story.search import best_lines, worth_by_length  # noqa: PLC0415

    lang = main_language(story, langs)
    reading = read_story(story, langs)
    if reading is None:
        return StorySummary(sentences=(), lang=lang)
    texts = [" ".join(reading.text_of(number).split()) for number in range(len(reading.lines))]
    facts = [read_facts(text, reading.langs[line.article]) for text, line in zip(texts, reading.lines, strict=True)]
    late = [_is_late(reading.articles[line.article], since) for line in reading.lines]
    early = [one for one, is_late in zip(facts, late, strict=True) if not is_late]
    if isinstance(since, Sent):
        told = frozenset(" ".join(sentence.split()) for sentence in since.sentences)
        lang_of = {text: reading.langs[line.article] for text, line in zip(texts, reading.lines, strict=True)}
        novelty = _Novelty([read_facts(sentence, lang_of.get(sentence, lang)) for sentence in told], early)
    else:
        novelty = _Novelty(early)
        told = frozenset()
    is_open = [is_late and text not in told for text, is_late in zip(texts, late, strict=True)]
    worth = worth_by_length(reading, budget)
    adds = np.array([ok and novelty.adds(one) for ok, one in zip(is_open, facts, strict=True)])
    if adds.any():
        adds &= worth >= max(_LEAST_WORTH * float(worth.mean()), _LEAST_WORTH_OF_NEW * float(worth[adds].mean()))
    corrected = np.array([ok and novelty.is_correction(one) for ok, one in zip(is_open, facts, strict=True)])
    allowed = adds | corrected
    if not allowed.any():
        return StorySummary(sentences=(), lang=lang)
    said = count_terms(reading, since.sentences, lang) if isinstance(since, Sent) else None
    found = best_lines(reading, budget, brief=True, allowed=allowed, corrected=corrected, said=said)
    return story_summary(reading, found, lang)


def corrections(before: str, after: str, *, lang: str | None = None) -> tuple[Correction, ...]:
    """Pair the sentences that a publisher changed in an article, in the order of the new text.

    Sentences that were only added or only taken out are no corrections, nor is a change of spacing, punctuation or
    letter case alone.

    Args:
        before: the text as it was.
        after: the text as it is.
        lang: ISO 639-1; ``None``: to be detected.
    """
    lang = language_of(Document(text=after, lang=lang))
    old, new = _only_in(before, after, lang), _only_in(after, before, lang)
    if len(old) > _MOST_CHANGED or len(new) > _MOST_CHANGED:
        return ()
    pairs = sorted(
        (-likeness, abs(place - at), at, place)
        for at, (_, now) in enumerate(new)
        for place, (_, was) in enumerate(old)
        if (likeness := _likeness(was, now)) >= _REWORDED
    )
    free_old, free_new = set(range(len(old))), set(range(len(new)))
    found: list[Correction] = []
    for _, _, at, place in pairs:
        if at in free_new and place in free_old:
            free_new.remove(at)
            free_old.remove(place)
            found.append(_correction(old[place], new[at]))
    return tuple(sorted(found, key=lambda one: one.now.start))


class _Novelty:
    """Judges sentences by what is known.

    Args:
        known: what the reader knows.
        reported: what was reported before, though the reader was not told: said again, it is nothing new.
    """

    def __init__(self, known: Sequence[Facts], reported: Sequence[Facts] = ()) -> None:
        self._known = [*known, *reported]
        self._all = join_facts(known)

    def is_correction(self, own: Facts) -> bool:
        """Whether a known sentence said the same with other numbers, or the contrary."""
        alike = self._alike(own)
        if not alike:
            return False
        if own.denies not in {one.denies for one in alike}:
            return True
        numbers = join_facts(alike).numbers
        return bool(own.numbers - numbers) and (bool(numbers - own.numbers) or bool(own.numbers - self._all.numbers))

    def adds(self, own: Facts) -> bool:
        """Whether a sentence says something that no known one says."""
        if not own.terms or self._alike(own):
            return False
        new = len(own.terms - self._all.terms) / len(own.terms)
        has_new_fact = bool(own.names - self._all.terms) or bool(own.numbers - self._all.numbers)
        return new >= (_NEW_WITH_FACT if has_new_fact else _NEW)

    def _alike(self, own: Facts) -> list[Facts]:
        return [one for one in self._known if own.covered_by(one) >= SAME]


def _is_late(article: Article, since: Sent | datetime) -> bool:
    if isinstance(since, datetime):
        return article.published_at is not None and article.published_at > since
    return since.at is None or article.published_at is None or article.published_at > since.at


def _only_in(text: str, other: str, lang: str) -> list[tuple[Sentence, Facts]]:
    """Give the sentences of a text that the other does not have, however often each has them."""
    theirs = Counter(_bare(other[start:end]) for start, end in split_sentences(other, lang))
    found: list[tuple[Sentence, Facts]] = []
    for start, end in split_sentences(text, lang):
        sentence = text[start:end]
        if (bare := _bare(sentence)) in theirs and theirs[bare]:
            theirs[bare] -= 1
        elif bare:
            found.append((Sentence(text=sentence, start=start, end=end), read_facts(sentence, lang)))
    return found


def _bare(sentence: str) -> str:
    """Reduce a sentence to letters and digits; marks between digits, as in 2.4, stay."""
    folded = sentence.casefold()
    last = len(folded) - 1
    return "".join(
        one
        for place, one in enumerate(folded)
        if one.isalnum() or (0 < place < last and folded[place - 1].isdigit() and folded[place + 1].isdigit())
    )


def _likeness(was: Facts, now: Facts) -> float:
    """Say how much of their terms two wordings share: Dice's coefficient."""
    size = len(was.terms) + len(now.terms)
    return 2.0 * len(was.terms & now.terms) / size if size else 0.0


def _correction(old: tuple[Sentence, Facts], new: tuple[Sentence, Facts]) -> Correction:
    (was, before), (now, after) = old, new
    is_fact = before.numbers != after.numbers or before.denies != after.denies or bool(before.names ^ after.names)
    return Correction(was=was, now=now, is_fact=is_fact)
