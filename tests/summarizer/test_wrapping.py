"""Lines broken at a width are one paragraph; lines that mean something stay lines."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer import Document, explain, split_sentences, summarize
from summarizer.text.wrapping import unwrap

REPORT = (
    "The council of Aldmoor decided on Monday night to close the old bridge for three weeks, because inspectors had "
    "found a crack of forty centimetres in one of its main girders. Ferries will run every ten minutes from Mill "
    "Stairs until the repair is done, the harbour office said, and buses will wait for them."
)
HEADLINES = "\n".join(
    (
        "Council closes the old bridge for three weeks after a crack is found",
        "Ferries will run every ten minutes from Mill Stairs, says the harbour",
        "Schools in Aldmoor open an hour later until the buses run on time again",
        "Market moves to the meadow below the church for the whole of September",
    )
)
LIST = "\n".join(
    f"- {each}"
    for each in (
        "bread from the mill, and whatever else the baker has left by noon",
        "two pounds of apples from the orchard behind the church of Aldmoor",
        "as much butter as the dairy gives for a token of last week's market",
        "candles, if the chandler has come back from the fair at Tidewater",
    )
)


@pytest.mark.parametrize("width", [60, 72, 79])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\n    "])
def test_wrapped_text_is_summarised_by_whole_sentences(width: int, newline: str) -> None:
    text = newline.join(textwrap.wrap(REPORT, width))
    summary = summarize(Document(text=text, lang="en"), sentences=2)
    assert [" ".join(each.text.split()) for each in summary.sentences] == [
        REPORT[start:end] for start, end in split_sentences(REPORT, "en")
    ]
    assert all(each.text == text[each.start : each.end] for each in summary.sentences)


def test_wrapped_text_has_the_same_reasons() -> None:
    wrapped, plain = (Document(text=text, lang="en") for text in (textwrap.fill(REPORT, 70), REPORT))
    assert explain(wrapped, summarize(wrapped, sentences=1)) == explain(plain, summarize(plain, sentences=1)) != ((),)


def test_paragraphs_and_headings_of_a_wrapped_text_stay_apart() -> None:
    text = "\n".join(("THE BRIDGE", "", *textwrap.wrap(REPORT, 70), "", *textwrap.wrap(REPORT, 70)))
    assert unwrap(text).split("\n") == ["THE BRIDGE", "", REPORT, "", REPORT]


@pytest.mark.parametrize(
    "text", [HEADLINES, LIST, "\n".join((REPORT, REPORT, REPORT, REPORT)), "one\ntwo\nthree\nfour"]
)
def test_lines_that_mean_something_stay(text: str) -> None:
    assert unwrap(text) == text


@given(st.text(alphabet="ab .-\r\n", max_size=400))
def test_offsets_stay(text: str) -> None:
    assert len(unwrap(text)) == len(text)
    assert unwrap(text).split() == text.split()
