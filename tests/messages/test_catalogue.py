from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.messages.catalogue import MAX_TOAST_CHARS, SOURCES, check, fields_of, flaws_of_form, flaws_of_translation
from bot.messages.extraction import UNSPOKEN, Text, find_texts_in
from bot.messages.speech import NAMES, SUPPORTED
from bot.messages.translations import load_translations

ROOT = Path(__file__).parents[2]
STRANGERS = frozenset({"title", "site", "file_name"})
"""Attributes that hold what strangers have named."""
SAYING = {"say", "say_n", "plain", "toast", "toast_n", "label"}
FEEDS = Text(None, "{n} feed", "{n} feeds")


def test_every_text_is_translated_and_can_be_said() -> None:
    assert check() == []


def test_the_command_says_what_is_wrong_by_its_exit_code() -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot.messages.catalogue", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    assert run("check").returncode == 0
    usage = run()
    assert usage.returncode == 2
    assert "update|check" in usage.stdout


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        pytest.param('say("A")', [Text(None, "A", None)], id="a function"),
        pytest.param('turn.speech.say("A {b}", b=c)', [Text(None, "A {b}", None)], id="a method with fields"),
        pytest.param('s.say_n("{n} a", "{n} as", k)', [Text(None, "{n} a", "{n} as")], id="counted"),
        pytest.param('s.label("story.button", "Save")', [Text("story.button", "Save", None)], id="a button"),
        pytest.param('s.plain("Saved." " More.")', [Text(None, "Saved. More.", None)], id="joined literals"),
        pytest.param("f\"<b>{s.say('A')}</b>\"", [Text(None, "A", None)], id="within an f-string"),
        pytest.param('s.say("A" if x else "B")', [Text(None, "A", None), Text(None, "B", None)], id="one of two"),
        pytest.param('Row(help=msgid("A"))', [Text(None, "A", None)], id="marked in a table"),
        pytest.param("s.say(row.help)", [], id="said from a table"),
        pytest.param('s.say(f"{a} b")', [None], id="an f-string"),
        pytest.param('s.say("a" + b)', [None], id="a sum"),
        pytest.param('s.say("a %s" % b)', [None], id="a percent format"),
        pytest.param('s.say("a {}".format(b))', [None], id="a format"),
        pytest.param('label("A")', [], id="a namesake with other arguments"),
        pytest.param('shout("A")', [], id="another function"),
    ],
)
def test_texts_are_found_where_they_are_said(code: str, texts: list[Text | None]) -> None:
    assert [found.text for found in find_texts_in(code, place="x.py")] == texts


@pytest.mark.parametrize(
    ("text", "forms", "flaw"),
    [
        pytest.param(Text(None, "A", None), [""], "not translated", id="empty"),
        pytest.param(FEEDS, ["{n} a", "", "{n} c"], "not translated", id="an empty plural"),
        pytest.param(Text(None, "{a} b", None), ["б"], "other fields", id="a field lost"),
        pytest.param(Text(None, "{a} b", None), ["{a} {c}"], "other fields", id="a field too many"),
        pytest.param(FEEDS, ["одна стрічка", "{n} стрічки", "{n} стрічок"], "other fields", id="one is also 21"),
        pytest.param(Text(None, "<b>a</b>", None), ["<b>а"], "other tags", id="a tag left open"),
        pytest.param(Text(None, "a", None), ["{а"], "expected '}'", id="a brace left open"),
        pytest.param(Text(None, "{a}", None), ["{}"], "no names", id="a field without a name"),
        pytest.param(
            Text("x.button", "Save", None), ["Зберегти на потім ось тут"], "too long for a button", id="a button"
        ),
    ],
)
def test_a_translation_that_would_go_wrong_is_named(text: Text, forms: list[str], flaw: str) -> None:
    flaws = flaws_of_translation(forms, text)
    assert len(flaws) == 1
    assert flaw in flaws[0]


def test_sound_translations_have_no_flaw() -> None:
    assert flaws_of_translation(["{n} стрічка", "{n} стрічки", "{n} стрічок"], FEEDS) == []
    assert flaws_of_translation(["Сховати {name}"], Text("x.button", "Hide {name}", None)) == []


def test_toasts_and_buttons_have_their_limits() -> None:
    toast = Text(None, "{a} " + "x" * 80, None)
    assert list(flaws_of_form(toast.singular, toast)) == []
    assert "too long for its place" in next(flaws_of_form(toast.singular, toast, max_chars=MAX_TOAST_CHARS))
    assert list(flaws_of_form("x" * 13 + " {a}", Text("b", "", None))) == []
    assert "too long for a button" in next(flaws_of_form("x" * 14 + " {a}", Text("b", "", None)))


def test_fields_are_named() -> None:
    assert fields_of("{a} {b} {{c}}") == {"a", "b"}


@pytest.mark.parametrize("lang", SUPPORTED)
def test_each_language_loads(lang: str) -> None:
    assert {"{day}", "{time}"} == set(re.findall(r"{\w+}", load_translations(lang).gettext("{day}, {time}")))


def test_the_voice_is_calm() -> None:
    catalogue = (ROOT / "bot/messages/locale/uk/LC_MESSAGES/newsgist.po").read_text(encoding="utf-8")
    said = "\n".join(re.findall(r'^(?:msgid|msgid_plural|msgstr(?:\[\d\])?|) ?"(.*)"$', catalogue, re.MULTILINE))
    spoken = said[said.index("8bit") :]
    assert "!" not in spoken
    assert not re.search(r"\b(?:sorry|oops|please|вибачте|перепрошую)\b", spoken, re.IGNORECASE)


def test_what_strangers_have_named_is_inserted_where_it_summons_nobody() -> None:
    """Feeds, sites and files are called what somebody likes: a name such as ``@all`` or ``t.me/x`` must stay words."""
    loose = []
    inserted = 0
    for path in sorted(SOURCES.rglob("*.py")):
        if not UNSPOKEN.isdisjoint(path.parts):
            continue
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in SAYING):
                continue
            for field in call.keywords:
                values = field.value.values if isinstance(field.value, ast.BoolOp) else [field.value]
                if any(isinstance(each, ast.Attribute) and each.attr in STRANGERS for each in values):
                    inserted += 1
                    if field.arg not in NAMES:
                        loose.append(f"{path.name}:{call.lineno}")
    assert loose == []
    assert inserted > 10
