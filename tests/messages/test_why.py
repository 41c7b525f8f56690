"""The alert that says why sentences were chosen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.html import utf16_units
from bot.messages.translations import SUPPORTED
from bot.messages.why import MAX_ALERT_UNITS, render_why
from summarizer import Document, Reason, Why, explain, summarize

TOP = Why(reason=Reason.NEAR_TOP, weight=0.4)
HEADLINE = Why(reason=Reason.HEADLINE, weight=0.3)
RECURRING = Why(reason=Reason.RECURRING, weight=0.2, words=("Aldmoor", "ferry"))
OUTLETS = Why(reason=Reason.OUTLETS, weight=0.1, outlets=3)


def test_one_sentence_needs_no_number() -> None:
    assert render_why([[TOP, RECURRING]], lang="en") == "Near the top; names what recurs: Aldmoor and ferry."


def test_each_sentence_has_its_line() -> None:
    assert render_why([[TOP, HEADLINE], [OUTLETS]], lang="en") == (
        "Sentence 1: near the top; says what the headline says.\nSentence 2: 3 outlets report it."
    )


def test_sentences_keep_their_numbers_where_one_has_no_reason() -> None:
    assert render_why([[], [TOP]], lang="en") == "Sentence 2: near the top."


def test_the_lightest_reasons_go_first_where_room_is_short() -> None:
    alert = render_why([[TOP, HEADLINE, RECURRING]] * 3, lang="en")
    assert utf16_units(alert) <= MAX_ALERT_UNITS
    assert alert.count("ear the top") == 3
    assert alert.count("recurs") < 3


def test_lines_are_shorter_where_room_is_short() -> None:
    alert = render_why([[TOP, HEADLINE]] * 4, lang="en")
    assert alert.splitlines() == [f"{number}. Near the top; says what the headline says." for number in range(1, 5)]


def test_why_it_came_stands_first_and_leaves_room_for_the_reasons() -> None:
    assert render_why([[TOP]], lang="en", lead="You follow Tidewatch.") == "You follow Tidewatch.\nNear the top."
    alert = render_why([[TOP, HEADLINE, RECURRING]] * 3, lang="en", lead=f"You follow {'Tidewatch ' * 30}.")
    assert utf16_units(alert) <= MAX_ALERT_UNITS
    assert alert.startswith("You follow Tidewatch")
    assert alert.count("ear the top") == 3


def test_no_reasons_are_said_to_be_none() -> None:
    assert render_why([[], []], lang="en") == "These sentences were chosen by another method."


@pytest.mark.parametrize("lang", SUPPORTED)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_in_every_language(lang: str, reason: Reason) -> None:
    said = render_why([[Why(reason=reason, weight=0.5, words=("Aldmoor",), outlets=2)]], lang=lang)
    english = render_why([[Why(reason=reason, weight=0.5, words=("Aldmoor",), outlets=2)]], lang="en")
    assert len(said) > 3
    assert (said == english) is (lang == "en")


@pytest.mark.parametrize("lang", SUPPORTED)
@given(
    found=st.lists(
        st.lists(
            st.builds(
                Why,
                reason=st.sampled_from(Reason),
                weight=st.floats(0, 1),
                words=st.lists(st.text(min_size=1, max_size=60), max_size=2).map(tuple),
                outlets=st.integers(0, 99),
            ),
            max_size=3,
        ),
        max_size=9,
    )
)
def test_an_alert_always_fits(lang: str, found: list[list[Why]]) -> None:
    alert = render_why(found, lang=lang)
    assert 0 < utf16_units(alert) <= MAX_ALERT_UNITS


def test_a_real_summary_is_explained() -> None:
    document = Document(
        lang="en",
        title="Sable Bridge shut after crack",
        text="The Sable Bridge in Aldmoor was shut on Monday after inspectors found a crack. "
        "It rained all afternoon. A baker gave tea to the drivers who waited. Anglers watched from the bank.",
    )
    alert = render_why(explain(document, summarize(document, sentences=1)), lang="en")
    assert "says what the headline says" in alert.lower()
