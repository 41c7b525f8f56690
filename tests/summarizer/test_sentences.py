"""Where sentences end, by language."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.text.sentences import split_sentences


def read_cases() -> list[tuple[str, str]]:
    """Read the tables: a file a language, a case a line; | ends a sentence where a space stands, ¦ where none does."""
    tables = sorted((Path(__file__).parent / "sentence_cases").glob("*.txt"))
    return [(table.stem, line) for table in tables for line in table.read_text(encoding="utf-8").splitlines()]


CASES = read_cases()


@pytest.mark.parametrize(("lang", "case"), [pytest.param(*case, id=f"{case[0]}: {case[1][:40]}") for case in CASES])
def test_text_is_split_where_a_reader_would_split_it(lang: str, case: str) -> None:
    text = case.replace("|", " ").replace("¦", "")
    assert [text[start:end] for start, end in split_sentences(text, lang)] == re.split("[|¦]", case)


@pytest.mark.parametrize("lang", ["en", "de", "fr", "es", "uk", "ru"])
def test_the_main_languages_have_many_hard_cases(lang: str) -> None:
    assert sum(case_lang == lang for case_lang, _ in CASES) >= 40


@pytest.mark.parametrize("lang", ["ar", "fa", "hi", "it", "ja", "ko", "nl", "pl", "pt", "tr", "vi", "zh"])
def test_every_other_language_has_some(lang: str) -> None:
    assert sum(case_lang == lang for case_lang, _ in CASES) >= 10


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\n\n", "\u2028", "\u2029", "\x85", "\f"])
def test_line_breaks_end_sentences_without_any_mark(separator: str) -> None:
    text = f"A heading{separator}The bridge is closed"
    assert [text[start:end] for start, end in split_sentences(text, "en")] == ["A heading", "The bridge is closed"]


def test_a_language_without_tables_is_split_at_plain_marks() -> None:
    text = "Jedan most je zatvoren. Trajekt je pun! Tko plaća?"
    assert len(split_sentences(text, "hr")) == 3


PIECES = st.sampled_from(
    [*".!?…。؟ \n\t\"“”„«»'()[]—-•*;,0a B1é", "Mr", "г", "«", " z. B.", "U.S.", "thЕ", "\ud800", "\u202f", "İ"]
)


@given(
    text=st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=60).map("".join)),
    lang=st.sampled_from(["en", "de", "fr", "uk", "ja", "el", "xx"]),
)
def test_every_visible_character_falls_into_exactly_one_sentence(text: str, lang: str) -> None:
    spans = split_sentences(text, lang)
    last = 0
    for start, end in spans:
        assert last <= start < end
        assert not text[last:start].strip()
        assert text[start:end] == text[start:end].strip()
        last = end
    assert not text[last:].strip()
