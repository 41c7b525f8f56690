"""Room on a phone: commands, toasts and errors with their longest values, in each language."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from bot.chat.commands import COMMANDS
from bot.messages.speech import SUPPORTED, speech

CHAT = Path(__file__).parents[2] / "bot" / "chat"
MAX_COMMAND_CHARS = 60
MAX_TOAST_CHARS = 120
LONGEST_NAME = "x" * 30


def toasts() -> list[str]:
    """List the texts that the code says in toasts outright."""
    calls = [
        node
        for path in sorted(CHAT.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Toast"
    ]
    said = [inner for call in calls for inner in ast.walk(call) if isinstance(inner, ast.Call) and inner is not call]
    return sorted(
        {
            call.args[0].value
            for call in said
            if isinstance(call.func, ast.Attribute)
            and call.func.attr == "plain"
            and isinstance(call.args[0], ast.Constant)
            and isinstance(call.args[0].value, str)
        }
    )


@pytest.mark.parametrize("lang", SUPPORTED)
def test_commands_fit_their_menu(lang: str) -> None:
    lines = {command.name: command.help_line(speech(lang)) for command in COMMANDS}
    assert {name: line for name, line in lines.items() if not 0 < len(line) <= MAX_COMMAND_CHARS} == {}


@pytest.mark.parametrize("lang", SUPPORTED)
def test_toasts_fit_on_a_phone(lang: str) -> None:
    texts = toasts()
    assert len(texts) > 10
    for text in texts:
        fields = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        said = speech(lang).plain(text, **dict.fromkeys(fields, LONGEST_NAME))
        assert len(said) <= MAX_TOAST_CHARS, said


@pytest.mark.parametrize("lang", [lang for lang in SUPPORTED if lang != "en"])
def test_a_language_says_things_in_its_own_words(lang: str) -> None:
    english, own = speech("en"), speech(lang)
    lines = [(command.help_line(english), command.help_line(own)) for command in COMMANDS]
    assert all(there != here for here, there in lines)
