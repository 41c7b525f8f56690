"""What stands under a story: more of it, keep it, less like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.messages.callbacks import Callback
from bot.messages.outgoing import Button
from bot.messages.story import left_out
from storage.model import ChatKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.messages.outgoing import Keyboard
    from bot.messages.speech import Speech
    from storage.model import HiddenWord, StoryChoices, StoryView

_MOST_OUTLETS: Final = 3
_MOST_WORDS: Final = 6


def story_keyboard(view: StoryView, words: Speech, *, kind: ChatKind, choices: StoryChoices) -> Keyboard:
    """Lay out a story's buttons: each carries the state that it brings about.

    In a group all of the story stands in its message, and who saves it keeps it in private. A channel has no buttons:
    its readers are nobody whom we know.
    """
    if kind is ChatKind.CHANNEL:
        return ()
    story_id, is_private = view.story.id, kind is ChatKind.PRIVATE
    row: list[Button] = []
    if is_private and left_out(view):
        row.append(
            _button(words.label("story.button", "Shorter"), "more", story_id, "0")
            if choices.is_long
            else _button(words.label("story.button", "More"), "more", story_id, "1")
        )
    if is_private and choices.is_saved:
        row.append(_button(words.label("story.button", "Saved"), "save", story_id, "0"))
    else:
        row.append(_button(words.label("story.button", "Save"), "save", story_id, "1"))
    row.append(_button(words.label("story.button", "Not for me"), "less", story_id))
    return (tuple(row),)


def dislike_keyboard(view: StoryView, words: Speech, *, feeds: Sequence[tuple[int, str]]) -> Keyboard:
    """Lay out what can be had less of.

    Args:
        view: The story.
        words: The chat's voice.
        feeds: Id and name of each feed that told the chat of it.
    """
    story_id = view.story.id
    hide = [
        _button(words.label("story.button", "Hide {name}", name=name), "hide", story_id, str(feed_id))
        for feed_id, name in feeds[:_MOST_OUTLETS]
    ]
    rest = (
        _button(words.label("story.button", "Hide a word"), "words", story_id),
        _button(words.label("story.button", "Why this"), "why", story_id),
    )
    return (*((button,) for button in hide), rest, (back_button(words, story_id),))


def words_keyboard(view: StoryView, words: Speech, *, found: Sequence[HiddenWord]) -> Keyboard:
    """Lay out the words of a story's title, each of which can be hidden."""
    story_id = view.story.id
    buttons = [
        _button(words.label("story.button", "{name}", name=word.word), "word", story_id, word.key)
        for word in found[:_MOST_WORDS]
    ]
    rows = [tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
    return (*rows, (back_button(words, story_id, to="less"),))


def undo_keyboard(words: Speech, verb: str, story_id: int, arg: str) -> Keyboard:
    """Lay out the way back from something just hidden."""
    return (
        (_button(words.label("story.button", "Undo"), verb, story_id, arg),),
        (back_button(words, story_id),),
    )


def back_button(words: Speech, story_id: int, *, to: str = "back") -> Button:
    """Make the button that leads back to a story's own buttons, or to another of its menus."""
    return _button(words.label("page.button", "Back"), to, story_id)


def _button(label: str, verb: str, story_id: int, arg: str = "") -> Button:
    return Button(label, data=Callback("st", verb, story_id, arg).encode())
