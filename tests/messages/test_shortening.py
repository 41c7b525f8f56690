from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.html import utf16_units
from bot.messages.shortening import cut, cut_at_word


@pytest.mark.parametrize(
    ("text", "chars", "shown"),
    [
        pytest.param("Tidewatch", 9, "Tidewatch", id="fits"),
        pytest.param("Tidewatch", 5, "Tide…", id="cut"),
        pytest.param("The Tide", 5, "The…", id="no space before the ellipsis"),
        pytest.param("caf\u0065\u0301s", 5, "caf…", id="an accent stays with its letter"),
        pytest.param("ab👩\u200d🚀cd", 5, "ab…", id="a joined emoji stays whole"),
        pytest.param("abc", 1, "…", id="one character"),
        pytest.param("abc", 0, "", id="no room"),
    ],
)
def test_names_are_cut(text: str, chars: int, shown: str) -> None:
    assert cut(text, chars) == shown


@pytest.mark.parametrize(
    ("text", "units", "shown"),
    [
        pytest.param("one two three", 13, "one two three", id="fits"),
        pytest.param("one two three", 10, "one two…", id="after a word"),
        pytest.param("one two, three", 10, "one two…", id="no comma before the ellipsis"),
        pytest.param("字" * 20, 10, "字" * 9 + "…", id="a script without spaces"),
        pytest.param("🦊" * 20, 10, "🦊" * 4 + "…", id="no half character"),
    ],
)
def test_titles_are_cut_after_a_word(text: str, units: int, shown: str) -> None:
    assert cut_at_word(text, units) == shown


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_nothing_is_longer_than_asked(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit
    assert utf16_units(cut_at_word(text, limit)) <= limit
