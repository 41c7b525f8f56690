"""Room on a phone: commands, toasts and errors with their longest values, in each language."""

from __future__ import annotations

import pytest

from bot.chat.commands import COMMANDS
from bot.messages.catalogue import MAX_TOAST_CHARS, SOURCES, fields_of
from bot.messages.extraction import find_texts
from bot.messages.speech import SUPPORTED, speech

MAX_COMMAND_CHARS = 60
LONGEST_NAME = "x" * 300


@pytest.mark.parametrize("lang", SUPPORTED)
def test_commands_fit_their_menu(lang: str) -> None:
    lines = {command.name: command.help_line(speech(lang)) for command in COMMANDS}
    assert {name: line for name, line in lines.items() if not 0 < len(line) <= MAX_COMMAND_CHARS} == {}


@pytest.mark.parametrize("lang", SUPPORTED)
def test_toasts_are_read_in_passing_whatever_is_inserted(lang: str) -> None:
    said = [each for each in find_texts(SOURCES) if each.keyword in {"toast", "toast_n"} and each.text is not None]
    assert len(said) > 20
    words = speech(lang)
    for text in {each.text for each in said if each.text is not None}:
        fields = dict.fromkeys(fields_of(text.singular) - {"n"}, LONGEST_NAME)
        for n in (1, 12_345):
            if text.plural is None:
                shown = words.toast(text.singular, **fields, n=n)
            else:
                shown = words.toast_n(text.singular, text.plural, n, **fields)
            assert 0 < len(shown) <= MAX_TOAST_CHARS, shown


@pytest.mark.parametrize("lang", [lang for lang in SUPPORTED if lang != "en"])
def test_a_language_says_things_in_its_own_words(lang: str) -> None:
    english, own = speech("en"), speech(lang)
    lines = [(command.help_line(english), command.help_line(own)) for command in COMMANDS]
    assert all(there != here for here, there in lines)
