import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.news.headings import heading


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Lock reopens", "Lock reopens", id="short"),
        pytest.param(" Lock\n\t reopens\u2028today ", "Lock reopens today", id="lines"),
        pytest.param("Lo\x00ck\x1b reopens\x9f", "Lock reopens", id="controls"),
        pytest.param("The lock at the weir reopens", "The lock at the…", id="at a word"),
        pytest.param("The lock reopens, again today", "The lock reopens…", id="without the comma"),
        pytest.param("x" * 30, "x" * 19 + "…", id="one endless word"),
        pytest.param("水閘重新開放" * 5, "水閘重新開放水閘重新開放水閘重新開放水…", id="a script without spaces"),
        pytest.param("\u200b\u2062 \u202e", "", id="nothing to see"),
        pytest.param(" " * 9_000, "", id="white space"),
    ],
)
def test_a_heading_is_one_line_that_fits(text: str, shown: str) -> None:
    assert heading(text, 20) == shown


@given(st.text(max_size=300), st.integers(2, 90))
def test_a_heading_never_exceeds_its_length_and_stays_as_it_is(text: str, max_chars: int) -> None:
    once = heading(text, max_chars)
    assert len(once) <= max_chars
    assert once.splitlines() == ([once] if once else [])
    assert heading(once, max_chars) == once
