"""What readers do with a story: more of it, keep it, less like it, ask why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.chat.turn.turns import Action, Alert, Rekey, Rewrite, Toast
from bot.messages.keywords import title_words
from bot.messages.shortening import cut
from bot.messages.speech import speech
from bot.messages.story import render_story
from bot.messages.story_buttons import dislike_keyboard, story_keyboard, undo_keyboard, words_keyboard
from bot.messages.why import MAX_ALERT_UNITS, join_lines, render_why
from storage.model import ChatKind, DeliveryKind, HiddenWord, StoryChoices, SubscriptionState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.outgoing import OutgoingMessage
    from storage import Work
    from storage.model import StoryView

_MOST_NAME_CHARS: Final = 40


async def show_more(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show all that is kept of a story, or as much as the chat's length says."""
    view = await _view(turn, work)
    if view is None:
        return _gone(turn)
    is_long = turn.argument == "1"
    await work.choices.lengthen(turn.subscriber.id, view.story.id, turn.request.thread_id, is_long=is_long)
    is_saved = await work.choices.is_saved(turn.subscriber.id, view.story.id)
    return [Rewrite(message=_message(turn, view, StoryChoices(is_long=is_long, is_saved=is_saved)))]


async def save(turn: Turn, work: Work) -> Sequence[Reply]:
    """Keep a story or let it go; from a group it is kept in the person's own chat with the bot."""
    view = await _view(turn, work)
    if view is None:
        return _gone(turn)
    toast = await keep_story(turn, work, view.story.id, wanted=turn.argument == "1")
    if not turn.request.is_private:
        return [toast]
    return [toast, await _buttons(turn, work, view)]


async def keep_story(turn: Turn, work: Work, story_id: int, *, wanted: bool) -> Toast | Alert:
    """Keep a story or let it go, for the person who tapped; give what to tell them."""
    keeper = turn.subscriber
    if not turn.request.is_private:
        own = await work.subscribers.find_by_chat(turn.request.user_id)
        if own is None:
            words = turn.speech.plain("Start me first, in private: @{bot}.", bot=turn.house.username)
            return Alert(text=words)
        keeper = own
    if wanted:
        await work.choices.save(keeper.id, story_id, reader_id=turn.subscriber.id, now=turn.now)
        return Toast(text=speech(keeper.lang).toast("Saved. /saved lists it."))
    await work.choices.unsave(keeper.id, story_id)
    return Toast(text=speech(keeper.lang).toast("No longer saved."))


async def dislike(turn: Turn, work: Work) -> Sequence[Reply]:
    """Offer what there can be less of."""
    view = await _view(turn, work)
    if view is None:
        return _gone(turn)
    feeds = await _feeds_of(turn, work, view)
    return [Rekey(keyboard=dislike_keyboard(view, turn.speech, feeds=list(feeds.items())))]


async def hide_outlet(turn: Turn, work: Work) -> Sequence[Reply]:
    """Pause the chat's subscription to an outlet, which the list of subscriptions shows too."""
    view = await _view(turn, work)
    feeds = await _feeds_of(turn, work, view) if view is not None else {}
    feed_id = int(turn.argument) if turn.argument.isdecimal() and len(turn.argument) < 19 else 0
    mark = await work.subscribers.find_subscription_to(turn.subscriber.id, feed_id, turn.request.thread_id)
    if view is None or mark is None or feed_id not in feeds:
        return _gone(turn)
    await work.subscribers.set_subscription_state(mark.id, SubscriptionState.PAUSED)
    toast = Toast(text=turn.speech.toast("{name} hidden.", name=feeds[feed_id]))
    return [toast, Rekey(keyboard=undo_keyboard(turn.speech, "unhide", view.story.id, str(feed_id)))]


async def show_outlet(turn: Turn, work: Work) -> Sequence[Reply]:
    """Undo the hiding of an outlet."""
    feed_id = int(turn.argument) if turn.argument.isdecimal() and len(turn.argument) < 19 else 0
    mark = await work.subscribers.find_subscription_to(turn.subscriber.id, feed_id, turn.request.thread_id)
    if mark is None:
        return _gone(turn)
    await work.subscribers.set_subscription_state(mark.id, SubscriptionState.ACTIVE)
    feed = await work.feeds.get(feed_id)
    view = await _view(turn, work)
    toast = Toast(text=turn.speech.toast("{name} is back.", name=mark.name or feed.title))
    return [toast, *([await _buttons(turn, work, view)] if view is not None else [])]


async def offer_words(turn: Turn, work: Work) -> Sequence[Reply]:
    """Offer the words of the title, to hide what has them."""
    view = await _view(turn, work)
    if view is None:
        return _gone(turn)
    found = title_words(view.story.title, view.story.lang)
    return [Rekey(keyboard=words_keyboard(view, turn.speech, found=found))]


async def hide_word(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send no more stories with a word of the title in theirs."""
    view = await _view(turn, work)
    found = {word.key: word for word in title_words(view.story.title, view.story.lang)} if view is not None else {}
    if view is None or turn.argument not in found:
        return _gone(turn)
    word = found[turn.argument]
    await work.choices.hide_word(turn.subscriber.id, HiddenWord(key=word.key, word=word.word))
    toast = Toast(text=turn.speech.toast("“{word}” hidden. /filters lists it.", word=word.word))
    return [toast, Rekey(keyboard=undo_keyboard(turn.speech, "unword", view.story.id, word.key))]


async def show_word(turn: Turn, work: Work) -> Sequence[Reply]:
    """Undo the hiding of a word."""
    view = await _view(turn, work)
    await work.choices.show_word(turn.subscriber.id, turn.argument)
    toast = Toast(text=turn.speech.toast("No longer hidden."))
    return [toast, *([await _buttons(turn, work, view)] if view is not None else [])]


async def go_back(turn: Turn, work: Work) -> Sequence[Reply]:
    """Put a story's own buttons under it again."""
    view = await _view(turn, work)
    return [await _buttons(turn, work, view)] if view is not None else _gone(turn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Why a story came, and why its sentences were chosen, in words.

    Attributes:
        words: both; ``None`` where its text is no longer kept.
        lead: why it came, as a line; empty where its feeds are no longer followed.
    """

    words: str | None
    lead: str = ""


async def look_into(turn: Turn) -> Grounds:
    """Find the reasons, where the article's text is still kept."""
    async with turn.house.storage.read() as work:
        view = await _view(turn, work)
        sentences = view.summary.sentences if view is not None and view.summary is not None else ()
        article = await work.articles.get(sentences[0].article_id) if sentences else None
        lead = await _why_here(turn, work, view) if view is not None else ""
    if article is None or not article.text:
        return Grounds(words=None, lead=lead)
    spans = tuple((each.start, each.end) for each in sentences if each.article_id == article.id)
    reasons = await turn.house.reader.explain(article.text, title=article.title, lang=article.lang or "", spans=spans)
    return Grounds(words=render_why(reasons, lang=turn.subscriber.lang, lead=lead), lead=lead)


async def _why_here(turn: Turn, work: Work, view: StoryView) -> str:
    """Name the feed by which a story came; the reader's own name for it, where they gave it one."""
    told_by = {article.feed_id for article in view.articles}
    followed = [feed for _, feed in await work.subscribers.list_subscriptions(turn.subscriber.id) if feed.id in told_by]
    if not followed:
        return ""
    if turn.request.is_private:
        return turn.speech.plain("You follow {name}.", name=cut(followed[0].title, _MOST_NAME_CHARS))
    return turn.speech.plain("This chat follows {name}.", name=cut(followed[0].title, _MOST_NAME_CHARS))


async def tell_why(turn: Turn, work: Work) -> Sequence[Reply]:
    """Tell the reasons in an alert."""
    found: Grounds = turn.found
    return [Alert(text=found.words or join_lines(found.lead, turn.speech.plain("Its text is no longer kept.")))]


async def tell_member_why(turn: Turn, work: Work) -> Sequence[Reply]:
    """Tell a group's member, who hides nothing there, whose that is, and the reasons as far as there is room."""
    admins = turn.speech.plain("Only admins change this.")
    found: Grounds = turn.found
    both = f"{admins}\n{found.words}" if found.words else admins
    return [Alert(text=both if len(both) <= MAX_ALERT_UNITS else found.words or admins)]


async def _view(turn: Turn, work: Work) -> StoryView | None:
    """View the story as this chat is told it, or as it was told when its feed was still followed."""
    chat = turn.subscriber
    thread_id = None if turn.request.is_private else turn.request.thread_id
    view = await work.stories.view(turn.subject_id, chat.summary_chars, reader_id=chat.id, thread_id=thread_id)
    if view is None and (
        await work.subscribers.has_seen(chat.id, turn.subject_id, turn.request.thread_id)
        or await work.outbox.is_leaving(chat.id, DeliveryKind.STORY, f"s:{turn.subject_id}")
    ):
        view = await work.stories.view(turn.subject_id, chat.summary_chars)
    return view


def _message(turn: Turn, view: StoryView, choices: StoryChoices) -> OutgoingMessage:
    chat = turn.subscriber
    return render_story(
        view,
        lang=chat.lang,
        tz=chat.tz,
        now=turn.now,
        pictures=chat.pictures,
        is_long=choices.is_long or chat.kind is not ChatKind.PRIVATE,
        keyboard=story_keyboard(view, turn.speech, kind=chat.kind, choices=choices),
    )


async def _buttons(turn: Turn, work: Work, view: StoryView) -> Rekey:
    choices = await work.choices.of(turn.subscriber.id, view.story.id, turn.request.thread_id)
    return Rekey(keyboard=story_keyboard(view, turn.speech, kind=turn.subscriber.kind, choices=choices))


async def _feeds_of(turn: Turn, work: Work, view: StoryView) -> dict[int, str]:
    """Name the feeds that told the chat of a story, by id."""
    told = {article.feed_id: article.site for article in view.articles if article.feed_id is not None}
    followed = await work.subscribers.list_subscriptions(turn.subscriber.id, turn.request.thread_id)
    return {feed.id: feed.title or told[feed.id] for _, feed in followed if feed.id in told}


def _gone(turn: Turn) -> Sequence[Reply]:
    return [Toast(text=turn.speech.toast("This button has expired. Send /help.")), Rekey(keyboard=())]


_MEMBER_WHY: Final = Action(handler=tell_member_why, research=look_into)
CHOICE_TAPS: Final[Mapping[str, Action]] = {
    "st.more": Action(handler=show_more),
    "st.save": Action(handler=save),
    "st.less": Action(handler=dislike, manages=True, otherwise=_MEMBER_WHY),
    "st.hide": Action(handler=hide_outlet, manages=True),
    "st.unhide": Action(handler=show_outlet, manages=True),
    "st.words": Action(handler=offer_words, manages=True),
    "st.word": Action(handler=hide_word, manages=True),
    "st.unword": Action(handler=show_word, manages=True),
    "st.back": Action(handler=go_back),
    "st.why": Action(handler=tell_why, research=look_into),
}
