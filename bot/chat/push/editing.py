"""What an editor changes in a draft: its length, sentences, title, text, picture and sound; each tap shows it anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.chat.push.desk import open_draft, panel, preview, say_found_trouble, say_reading, stale
from bot.chat.push.drafts import Found, draft_of, find_draft, keep, message_of, store
from bot.chat.turn import questions
from bot.chat.turn.turns import Action, Rewrite, Say, Toast
from bot.messages.callbacks import Callback
from bot.messages.html import escape, one_line
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.shortening import cut
from storage.model import Priority, PushState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.push.drafts import Draft
    from bot.chat.turn.turns import Reply, Turn
    from storage import Work
    from storage.model import Push

_PAGE: Final = 8
_SHOWN_CHARS: Final = 60
_LONGEST_TITLE_CHARS: Final = 200


async def _gone(turn: Turn, work: Work) -> Sequence[Reply]:
    return stale(turn, await work.pushes.find(turn.subject_id))


async def _redrawn(turn: Turn, work: Work, push: Push, draft: Draft) -> Push:
    """Keep a change and bring the preview up to date."""
    push = await store(turn, work, push, draft)
    if push.preview_id is not None:
        await work.outbox.revise(
            push.preview_id,
            push.content.payload,
            subscriber_id=turn.subscriber.id,
            priority=Priority.REPLY,
            now=turn.now,
        )
    return push


async def shorten(turn: Turn, work: Work) -> Sequence[Reply]:
    """Take the next shorter choice of sentences."""
    return await _step(turn, work, by=-1)


async def lengthen(turn: Turn, work: Work) -> Sequence[Reply]:
    """Take the next longer choice of sentences."""
    return await _step(turn, work, by=1)


async def _step(turn: Turn, work: Work, *, by: int) -> Sequence[Reply]:
    push = await open_draft(turn, work)
    if push is None:
        return await _gone(turn, work)
    wanted = draft_of(push).step(by)
    if wanted is None:
        words = turn.speech.toast("That is the shortest.") if by < 0 else turn.speech.toast("That is the longest.")
        return [Toast(text=words)]
    push = await _redrawn(turn, work, push, wanted)
    return [Rewrite(message=panel(turn, push, wanted))]


async def pick(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show a page of the text's sentences to choose from."""
    push = await open_draft(turn, work)
    if push is None:
        return await _gone(turn, work)
    page = int(turn.argument) if turn.argument.isdecimal() and len(turn.argument) < 6 else 0
    return [Rewrite(message=_sentence_screen(turn, push, draft_of(push), page=page))]


async def choose(turn: Turn, work: Work) -> Sequence[Reply]:
    """Take a sentence in, or leave it out: the button names its place and whether it is wanted."""
    push = await open_draft(turn, work)
    place, _, wanted = turn.argument.partition(".")
    if push is None or not place.isdecimal() or len(place) > 6 or wanted not in {"0", "1"}:
        return await _gone(turn, work)
    draft, number = draft_of(push), int(place)
    if number >= len(draft.sentences):
        return await _gone(turn, work)
    draft = draft.choose(number, wanted=wanted == "1")
    if not draft.chosen and not draft.title:
        return [Toast(text=turn.speech.toast("A title or one sentence must stay."))]
    push = await _redrawn(turn, work, push, draft)
    return [Rewrite(message=_sentence_screen(turn, push, draft, page=number // _PAGE))]


def _sentence_screen(turn: Turn, push: Push, draft: Draft, *, page: int) -> OutgoingMessage:
    speech, total = turn.speech, len(draft.sentences)
    pages = max(1, (total + _PAGE - 1) // _PAGE)
    page = min(page, pages - 1)
    here = list(enumerate(draft.sentences))[page * _PAGE : (page + 1) * _PAGE]
    head = speech.say("{n} of {total} chosen.", n=speech.number(len(draft.chosen)), total=speech.number(total))
    lines = [head, *(f"{place + 1} {escape(cut(one_line(text), _SHOWN_CHARS))}" for place, (_, text) in here)]
    toggles = []
    for place, _ in here:
        is_chosen = place in draft.chosen
        label = speech.label("topic.button", "✓ {name}", name=str(place + 1)) if is_chosen else str(place + 1)
        wanted = f"{place}.{0 if is_chosen else 1}"
        toggles.append(Button(label, data=Callback("pu", "choose", push.id, wanted).encode()))
    rows = [tuple(toggles[start : start + 4]) for start in range(0, len(toggles), 4)]
    last = []
    if page:
        last.append(_page_button(speech.label("page.button", "Back"), push.id, page - 1))
    if page + 1 < pages:
        last.append(_page_button(speech.label("page.button", "Next"), push.id, page + 1))
    done = Button(speech.label("settings.button", "Done"), data=Callback("pu", "panel", push.id).encode())
    return OutgoingMessage("\n".join(lines), (*rows, (*last, done)))


def _page_button(label: str, push_id: int, page: int) -> Button:
    return Button(label, data=Callback("pu", "pick", push_id, str(page)).encode())


async def show_panel(turn: Turn, work: Work) -> Sequence[Reply]:
    """Go back to what can be changed."""
    push = await open_draft(turn, work)
    if push is None:
        return await _gone(turn, work)
    await questions.end(turn, work)
    return [Rewrite(message=panel(turn, push, draft_of(push)))]


async def set_picture(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show the small picture of its page, or none."""
    push = await open_draft(turn, work)
    if push is None:
        return await _gone(turn, work)
    if not draft_of(push).url:
        return [Toast(text=turn.speech.toast("A text has no picture. A link brings one."))]
    draft = replace(draft_of(push), picture=turn.argument == "1")
    push = await _redrawn(turn, work, push, draft)
    return [Rewrite(message=panel(turn, push, draft))]


async def set_sound(turn: Turn, work: Work) -> Sequence[Reply]:
    """Let it arrive with a sound, or without."""
    push = await open_draft(turn, work)
    if push is None:
        return await _gone(turn, work)
    draft = replace(draft_of(push), sound=turn.argument == "1")
    push = await store(turn, work, push, draft)  # a preview that stands makes no sound: it needs no edit
    return [Rewrite(message=panel(turn, push, draft))]


async def test(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send it to the editor alone, as readers get it."""
    push = await open_draft(turn, work)
    if push is None:
        return await _gone(turn, work)
    toast = Toast(text=turn.speech.toast("Sent to you alone."))
    return [toast, Say(message=message_of(turn, draft_of(push), push.id, at=push.created_at))]


async def discard(turn: Turn, work: Work) -> Sequence[Reply]:
    """Throw a draft away."""
    push = await work.pushes.find(turn.subject_id)
    if push is None or not await work.pushes.discard(push.id):
        return stale(turn, push)
    await questions.end(turn, work)
    await work.newsroom.record(turn.request.user_id, "discard", f"p:{push.id}", {}, now=turn.now)
    return [Rewrite(message=OutgoingMessage(turn.speech.say("Push {id} is discarded.", id=push.id)))]


async def ask_title(turn: Turn, work: Work) -> Sequence[Reply]:
    """Wait for another title."""
    return await _ask(turn, work, "push_title", turn.speech.say("Send the title."))


async def ask_text(turn: Turn, work: Work) -> Sequence[Reply]:
    """Wait for another text."""
    return await _ask(turn, work, "push_text", turn.speech.say("Send the new text, its title in the first line."))


async def _ask(turn: Turn, work: Work, expects: str, question: str) -> Sequence[Reply]:
    push = await open_draft(turn, work)
    if push is None:
        return await _gone(turn, work)
    await questions.expect(turn, work, expects, {"push": str(push.id)})
    back = Button(turn.speech.label("page.button", "Back"), data=Callback("pu", "panel", push.id).encode())
    return [Rewrite(message=OutgoingMessage(question, ((back,),)))]


async def _asked_about(turn: Turn, work: Work) -> Push | None:
    await questions.end(turn, work)
    push = await work.pushes.find(int(turn.data["push"])) if turn.data else None
    return push if push is not None and push.state is PushState.DRAFT else None


async def hear_title(turn: Turn, work: Work) -> Sequence[Reply]:
    """Take another title, and show the message with it."""
    push = await _asked_about(turn, work)
    if push is None:
        return [Say(message=OutgoingMessage(turn.speech.say("That draft is gone. /push begins another.")))]
    title = one_line(turn.argument)
    if not title or len(title) > _LONGEST_TITLE_CHARS:
        await questions.expect(turn, work, "push_title", turn.data)
        text = turn.speech.say("Send one line, {n} characters at most.", n=_LONGEST_TITLE_CHARS)
        return [Say(message=OutgoingMessage(text))]
    draft = replace(draft_of(push), title=title)
    push = await store(turn, work, push, draft)
    return preview(turn, push, draft)


async def hear_text(turn: Turn, work: Work) -> Sequence[Reply]:
    """Take another text for the same push, and show the message that it makes."""
    found: Found = turn.found
    push = await _asked_about(turn, work)
    if push is None:
        return [Say(message=OutgoingMessage(turn.speech.say("That draft is gone. /push begins another.")))]
    trouble = say_found_trouble(turn, found)
    if trouble or found.draft is None:
        await questions.expect(turn, work, "push_text", turn.data)
        return [Say(message=OutgoingMessage(trouble))]
    before = draft_of(push)
    draft = replace(found.draft, sound=before.sound, picture=before.picture and bool(found.draft.url))
    push = await keep(turn, work, found, draft, push=push)
    return preview(turn, push, draft)


PUSH_TITLE: Final = Action(handler=hear_title, newsroom=True, private_only=True)
PUSH_TEXT: Final = Action(
    handler=hear_text, research=find_draft, progress=say_reading, newsroom=True, fetches=True, private_only=True
)
EDITING_TAPS: Final[Mapping[str, Action]] = {
    f"pu.{verb}": Action(handler=handler, newsroom=True, private_only=True)
    for verb, handler in {
        "panel": show_panel,
        "short": shorten,
        "long": lengthen,
        "pick": pick,
        "choose": choose,
        "title": ask_title,
        "text": ask_text,
        "pic": set_picture,
        "sound": set_sound,
        "test": test,
        "drop": discard,
    }.items()
}
