"""An article that its publisher has changed: read again, compared, and where a quoted fact is another, corrected."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bot.news.errors import NewsError
from storage import Urgency
from storage.errors import NotFoundError
from storage.model import (
    DEFAULT_SUMMARY_CHARS,
    SUMMARY_LENGTHS,
    ArticleState,
    Correction,
    FanoutKind,
    LookPace,
    Priority,
    StorySummary,
    SummarySentence,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from bot.news.pages.prepare import Prepared
    from bot.news.reader import Reader
    from storage import Storage, Work
    from storage.model import Article

_log = structlog.get_logger(__name__)

MOST_AT_ONCE: Final = 5
"""A feed that changes more of its entries at once has changed its ways, not its news."""
_OLDEST: Final = timedelta(days=3)
_PACE: Final = LookPace(most_times=4, rest=timedelta(minutes=30), most_a_minute=10)
"""Some feeds count readers or turn advertisements in their entries: their pages must not be fetched at every poll."""
_AGAIN_AFTER: Final = timedelta(hours=1)
"""Most corrections are made within an hour; not every site tells them in its feed."""
_AGAIN_UNTIL: Final = timedelta(hours=6)
"""What is older when its turn comes, as after a long stop, is left alone."""
_AGAIN_EVERY_S: Final = 6.0
_MOSTLY: Final = 0.5
_LONGEST_CHARS: Final = 1_000
"""A longer sentence is none: it would burst the message that quotes it."""
_OTHER_LENGTHS: Final = tuple(chars for chars in SUMMARY_LENGTHS if chars != DEFAULT_SUMMARY_CHARS)


class Correcting:
    """Looks at changed articles again.

    Args:
        storage: Where they are kept.
        reader: Fetches, extracts and compares.
        clock: Tells the time, aware, in UTC.
    """

    def __init__(self, storage: Storage, reader: Reader, *, clock: Callable[[], datetime]) -> None:
        self._storage = storage
        self._reader = reader
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Look once more at what was told an hour ago, one page after the other, until ``stop`` is set."""
        while not stop.is_set():
            try:
                await self.look_again()
            except Exception:  # noqa: BLE001 - the loop must go on; the cause is logged
                _log.exception("looking_again_failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=_AGAIN_EVERY_S)

    async def look_again(self) -> bool:
        """Read the next told article once more, though its feed says nothing; say whether there was one."""
        now = self._clock()
        since, until = now - _AGAIN_UNTIL, now - _AGAIN_AFTER
        async with self._storage.read() as work:
            if not await work.looks.has_told(_PACE, since=since, until=until, now=now):
                return False
        async with self._storage.write(Urgency.STEADY) as work:
            found = await work.looks.claim_told(_PACE, since=since, until=until, now=now)
        if found is None:  # another process was quicker
            return False
        try:
            await self._look_at(found, "", page_alone=True)
        except (NewsError, NotFoundError) as error:
            _log.info("told_article_unreadable", article_id=found, cause=type(error).__name__)
        return True

    async def look(self, changed: Sequence[tuple[int, str]]) -> None:
        """Read articles again whose entries are not what they were; one that cannot be had stays as it is.

        Args:
            changed: Id of each, and its feed's own content as it is now.
        """
        for article_id, feed_html in changed[:MOST_AT_ONCE]:
            try:
                await self._look_at(article_id, feed_html)
            except (NewsError, NotFoundError) as error:
                _log.info("changed_article_unreadable", article_id=article_id, cause=type(error).__name__)
            except Exception:  # noqa: BLE001 - the feed itself was read, and so are its other articles; it is logged
                _log.exception("changed_article_unreadable", article_id=article_id)

    async def _look_at(self, article_id: int, feed_html: str, *, page_alone: bool = False) -> None:
        """Compare an article with what its page has now.

        Args:
            article_id: The article.
            feed_html: Its feed's own content as it is now.
            page_alone: Whether the feed says nothing new, and the look has been claimed: only a fact that is another is
                worth writing down then, and only where the text that is kept came from this page.
        """
        async with self._storage.read() as work:
            article = await work.articles.get(article_id)
        is_told = article.state is ArticleState.READY and article.story_id is not None and article.text
        if not is_told or self._clock() - article.fetched_at > _OLDEST:
            return
        if not page_alone:
            async with self._storage.write(Urgency.STEADY) as work:
                if not await work.looks.claim(article_id, _PACE, now=self._clock()):
                    return
        prepared = await self._reader.read_article(
            article.url,
            feed_html=feed_html,
            title=article.title,
            max_chars=DEFAULT_SUMMARY_CHARS,
            also=_OTHER_LENGTHS,
        )
        if not prepared.sentences or prepared.text == article.text:
            return
        found = await self._reader.find_corrections(article.text, prepared.text, lang=prepared.lang)
        told = await self._reader.split(article.text, lang=prepared.lang) if page_alone and found else ()
        async with self._storage.write(Urgency.STEADY) as work:
            quoted = await work.stories.list_quoted(article_id)
            wrong = [
                each
                for each in found
                if each.is_fact and each.was.text in quoted and len(each.now.text) <= _LONGEST_CHARS
            ]
            if page_alone:
                changed = {each.was.text for each in wrong}
                others = quoted - changed or {each.text for each in told} - changed
                if not (wrong and _stands_mostly(others, prepared.text)):
                    return
            await work.articles.rewrite(article_id, prepared.text)
            if not wrong:
                await _summarise(work, article, prepared, revision=article.story_revision or 1)
                return
            story = await work.stories.revise(article_id, now=self._clock())
            await _summarise(work, article, prepared, revision=story.revision)
            await work.stories.correct(
                Correction(
                    article_id=article_id,
                    was=wrong[0].was.text,
                    now=wrong[0].now.text,
                    revision=story.revision,
                    at=self._clock(),
                )
            )
            await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=self._clock())
        _log.info("article_corrected", article_id=article_id, story_id=story.id, corrections=len(wrong))


def _stands_mostly(sentences: Collection[str], text: str) -> bool:
    """Tell whether most of the sentences are in a text, which is then of the same making; of none nothing is known."""
    return bool(sentences) and sum(sentence in text for sentence in sentences) >= _MOSTLY * len(sentences)


async def _summarise(work: Work, article: Article, prepared: Prepared, *, revision: int) -> None:
    """Keep the sentences that the article has now."""
    assert article.story_id is not None  # noqa: S101 -- only told articles are looked at again
    for chars, chosen in {DEFAULT_SUMMARY_CHARS: prepared.sentences, **prepared.at_length}.items():
        sentences = tuple(
            SummarySentence(text=each.text, start=each.start, end=each.end, article_id=article.id) for each in chosen
        )
        await work.stories.save_summary(
            StorySummary(story_id=article.story_id, revision=revision, max_chars=chars, sentences=sentences)
        )
