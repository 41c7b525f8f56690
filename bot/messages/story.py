"""A story's message: title, sentences, sources, time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.messages.composition import (
    BODY,
    Size,
    choose_fitting,
    lay_out,
    line_mark,
    quote,
    sentence_html,
    sentence_joint,
    title_line,
)
from bot.messages.html import Html, fragment_url, is_blank
from bot.messages.outgoing import OutgoingMessage
from bot.messages.outlets import outlet_link
from bot.messages.speech import speech

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.messages.outgoing import Keyboard
    from bot.messages.speech import Speech
    from storage.model import Article, Correction, StoryView, SummarySentence

_SOURCES_ROOM: Final = Size(units=900, entities=30, size=12_000)
_DOT: Final = " · "


def render_story(
    view: StoryView,
    *,
    lang: str,
    tz: str,
    now: datetime,
    edited: bool = False,
    pictures: bool = False,
    is_long: bool = False,
    keyboard: Keyboard = (),
) -> OutgoingMessage:
    """Write the message about a story: one article's sentences together, several outlets' each with its own.

    Args:
        view: The story, its articles (oldest first) and its summary, if it has one.
        lang: The chat's language, for our own words; the article's decides which way the lines run.
        tz: The chat's time zone.
        now: Decides whether a time needs its day.
        edited: Whether the message replaces an earlier revision: it says so, and arrives silently.
        pictures: Whether a single article shows the small picture of its page.
        is_long: Whether all that is kept of it stands in it, what its length leaves out in an expandable quotation.
        keyboard: What stands under it.
    """
    words = speech(lang, tz)
    story, articles = view.story, view.articles
    sentences = view.summary.sentences if view.summary else ()
    more = [sentence.text for sentence in left_out(view)] if is_long else []
    head = _first_title([story.title, *(article.title for article in articles)])
    updated = f"<i>{words.say('Updated {time}', time=words.moment(story.last_at, now=now))}</i>" if edited else ""
    if edited and view.correction is not None:
        return _corrected(view, view.correction, head, words=words, now=now, keyboard=keyboard)
    if len(articles) > 1:
        by_id = {article.id: article for article in articles}
        told = [(sentence.text, by_id.get(sentence.article_id)) for sentence in sentences]
        text = _several(head, updated, told, articles, more, words=words, lang=story.lang, now=now)
    else:
        article = articles[0] if articles else None
        text = _single(
            head,
            [sentence.text for sentence in sentences],
            more,
            updated=updated,
            url=article.url if article else None,
            site=article.site if article else "",
            time=words.moment(reported_at(article), now=now) if article else "",
            words=words,
            lang=story.lang,
        )
    return OutgoingMessage(text, keyboard, silent=edited, preview=pictures and len(articles) == 1)


def _corrected(
    view: StoryView, correction: Correction, head: str, *, words: Speech, now: datetime, keyboard: Keyboard
) -> OutgoingMessage:
    """Write what a publisher has corrected: what stands there now and what stood there, then the rest."""
    story, articles = view.story, view.articles
    mark = line_mark(lang=story.lang, text=head)
    right_to_left = bool(mark)
    by_id = {article.id: article for article in articles}
    when = words.say("Corrected {time}", time=words.moment(correction.at, now=now))
    first = _DOT.join(part for part in (when, head) if part)
    stands = words.say(
        "Now: {sentence}",
        sentence=Html(_attributed(correction.now, by_id.get(correction.article_id), right_to_left=right_to_left)),
    )
    stood = words.say("Was: {sentence}", sentence=Html(f"<s>{sentence_html(correction.was)}</s>"))
    told = [
        (sentence.text, by_id.get(sentence.article_id))
        for sentence in (view.summary.sentences if view.summary else ())
        if sentence.text != correction.now and not is_blank(sentence.text)
    ]
    pieces = [_attributed(text, article, right_to_left=right_to_left) for text, article in told]
    time = words.moment(min(map(reported_at, articles)), now=now) if articles else ""
    foot = _DOT.join(part for part in (_sources(articles, words, right_to_left=right_to_left), time) if part)
    above = [first, f"{stands}\n{stood}"]
    chosen = choose_fitting(pieces, beside=lay_out([*above, BODY, foot], mark=mark), between="\n" + mark)
    body = "\n".join(pieces[place] for place in chosen)
    return OutgoingMessage(lay_out([*above, body, foot], mark=mark), keyboard, silent=True)


def left_out(view: StoryView) -> list[SummarySentence]:
    """List what is kept of a story beyond the summary that is shown."""
    if view.longest is None or view.summary is None:
        return []
    shown = {(sentence.article_id, sentence.start) for sentence in view.summary.sentences}
    return [sentence for sentence in view.longest.sentences if (sentence.article_id, sentence.start) not in shown]


def render_excerpt(
    *,
    title: str,
    sentences: Sequence[str],
    url: str | None,
    source: str,
    article_lang: str | None,
    published_at: datetime | None,
    lang: str,
    tz: str,
    now: datetime,
) -> OutgoingMessage:
    """Write the message about an article that is no story of ours, such as a pasted link or text.

    Args:
        title: The article's title; may be empty for a text.
        sentences: Its summary, each sentence word for word.
        url: Its address, or ``None``.
        source: Its outlet's name; may be empty.
        article_lang: Its language; ``None`` where unknown.
        published_at: ``None`` where unknown.
        lang: The chat's language.
        tz: The chat's time zone.
        now: Decides whether a time needs its day.
    """
    words = speech(lang, tz)
    text = _single(
        title_line(title),
        sentences,
        (),
        updated="",
        url=url,
        site=source,
        time=words.moment(min(published_at, now), now=now) if published_at else "",
        words=words,
        lang=article_lang,
    )
    return OutgoingMessage(text)


def reported_at(article: Article) -> datetime:
    """Tell when an article came out: as it says itself, but never later than we had it."""
    return min(article.published_at, article.fetched_at) if article.published_at else article.fetched_at


def told_at(view: StoryView) -> datetime:
    """Tell when a story came out, as the lists show it: by its first article that is still there."""
    return reported_at(view.articles[0]) if view.articles else view.story.first_at


def _single(
    head: str,
    sentences: Sequence[str],
    more: Sequence[str],
    *,
    updated: str,
    url: str | None,
    site: str,
    time: str,
    words: Speech,
    lang: str | None,
) -> str:
    seen = [sentence for sentence in sentences if not is_blank(sentence)]
    mark = line_mark(lang=lang, text=head or " ".join(seen))

    def foot(shown: Sequence[str]) -> str:
        address = fragment_url(url, *shown) if url else None
        return _DOT.join(part for part in (outlet_link(site, url, address, right_to_left=bool(mark)), time) if part)

    joint = sentence_joint(lang)
    pieces = [sentence_html(sentence) for sentence in seen]
    chosen = choose_fitting(pieces, beside=lay_out([head, updated, BODY, foot(seen)], mark=mark), between=joint)
    body = joint.join(pieces[place] for place in chosen)
    return _lay_out(
        [_under(head or _untitled(body, words), updated), body],
        more,
        foot([seen[place] for place in chosen]),
        joint=joint,
        mark=mark,
    )


def _several(
    head: str,
    updated: str,
    told: Sequence[tuple[str, Article | None]],
    articles: Sequence[Article],
    more: Sequence[str],
    *,
    words: Speech,
    lang: str,
    now: datetime,
) -> str:
    mark = line_mark(lang=lang, text=head)
    right_to_left = bool(mark)
    pieces = [_attributed(text, article, right_to_left=right_to_left) for text, article in told if not is_blank(text)]
    time = words.moment(min(map(reported_at, articles)), now=now)
    foot = _DOT.join(part for part in (_sources(articles, words, right_to_left=right_to_left), time) if part)
    chosen = choose_fitting(pieces, beside=lay_out([head, updated, BODY, foot], mark=mark), between="\n" + mark)
    body = "\n".join(pieces[place] for place in chosen)
    above = [_under(head or _untitled(body, words), updated), body]
    return _lay_out(above, more, foot, joint=sentence_joint(lang), mark=mark)


def _lay_out(above: Sequence[str], more: Sequence[str], foot: str, *, joint: str, mark: str) -> str:
    return lay_out([*above, quote(above, more, foot, joint=joint, mark=mark), foot], mark=mark)


def _attributed(text: str, article: Article | None, *, right_to_left: bool) -> str:
    if article is None:
        return sentence_html(text)
    address = fragment_url(article.url, text) if article.url else None
    outlet = outlet_link(article.site, article.url, address, right_to_left=right_to_left)
    return f"{sentence_html(text)} ({outlet})" if outlet else sentence_html(text)


def _sources(articles: Sequence[Article], words: Speech, *, right_to_left: bool) -> str:
    links = [outlet_link(article.site, article.url, right_to_left=right_to_left) for article in articles]
    named = list(dict.fromkeys(html for html in links if html))
    if not named:
        return ""
    chosen = choose_fitting(named, beside="", between=_DOT, room=_SOURCES_ROOM)
    shown = [named[place] for place in chosen]
    if len(named) > len(shown):
        shown.append(words.say("and {n} more", n=words.number(len(named) - len(shown))))
    return words.say("Sources: {sources}", sources=Html(_DOT.join(shown)))


def _first_title(titles: Sequence[str]) -> str:
    return next((line for line in map(title_line, titles) if line), "")


def _untitled(body: str, words: Speech) -> str:
    # A sentence leads as well as a title does; a link alone would not say what it is.
    return "" if body else f"<b>{words.say('Untitled')}</b>"


def _under(head: str, line: str) -> str:
    return "\n".join(part for part in (head, line) if part)
