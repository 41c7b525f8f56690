"""The reasons for a sentence are true, and those of the model that chose."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from string import ascii_lowercase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from summarizer import (
    Article,
    Document,
    Method,
    Reason,
    Sentence,
    StorySentence,
    StorySummary,
    Summary,
    Why,
    explain,
    explain_story,
    summarize,
    summarize_story,
)
from tests.summarizer.articles import ALL, ENGLISH, UKRAINIAN
from tests.support.properties import examples

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)

BRIDGE = Document(
    lang="en",
    title="Sable Bridge shut after crack",
    text=(
        "The Sable Bridge in Aldmoor was shut on Monday after inspectors found a crack. "
        "Ferries from Aldmoor cross the river instead of the bridge. "
        "It rained for most of the afternoon. "
        "Anglers on the bank watched the queue of lorries grow. "
        "The ferry to Aldmoor takes twenty lorries and is full by noon. "
        "A baker on Mill Street gave tea to the drivers. "
        "The ferry company has asked Aldmoor for a second ferry. "
        "Nobody knows how the crack went unseen by last year's survey. "
        "Repairs will cost 2.4 million crowns and take 18 months."
    ),
)


def reasons_for(document: Document, number: int) -> dict[Reason, Why]:
    """Give the reasons for one sentence of a document."""
    summary = summarize(document, sentences=9)
    return {one.reason: one for one in explain(document, summary)[number]}


def test_an_opening_that_says_what_the_headline_says_is_told_so() -> None:
    assert {Reason.NEAR_TOP, Reason.HEADLINE} <= set(reasons_for(BRIDGE, 0))


def test_the_opening_would_be_worth_less_at_the_end_but_not_nothing() -> None:
    assert 0.0 < reasons_for(BRIDGE, 0)[Reason.NEAR_TOP].weight < 1.0


def test_without_a_headline_nothing_says_what_it_says() -> None:
    summary = summarize(replace(BRIDGE, title=""), sentences=9)
    found = explain(replace(BRIDGE, title=""), summary)
    assert not any(one.reason is Reason.HEADLINE for reasons in found for one in reasons)


def test_what_recurs_is_named_as_the_sentence_writes_it() -> None:
    found = reasons_for(BRIDGE, 6)[Reason.RECURRING]
    assert set(found.words) <= {"Aldmoor", "ferry"}
    assert found.words


def test_a_sentence_far_down_is_never_near_the_top() -> None:
    summary = summarize(BRIDGE, sentences=9)
    for found in explain(BRIDGE, summary)[3:]:
        assert Reason.NEAR_TOP not in {one.reason for one in found}


def test_numbers_speak_for_a_sentence_that_has_some() -> None:
    summary = summarize(BRIDGE, sentences=9)
    found = [{one.reason for one in reasons} for reasons in explain(BRIDGE, summary)]
    assert Reason.NUMBERS in found[8]
    assert all(Reason.NUMBERS not in reasons for reasons in found[:8])


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.lang)
def test_every_sentence_has_one_to_three_reasons_heaviest_first(document: Document) -> None:
    summary = summarize(document, sentences=3)
    found = explain(document, summary)
    assert len(found) == len(summary.sentences)
    for sentence, reasons in zip(summary.sentences, found, strict=True):
        assert 1 <= len(reasons) <= 3
        assert [one.weight for one in reasons] == sorted((one.weight for one in reasons), reverse=True)
        assert all(0.0 < one.weight <= 1.0 for one in reasons)
        assert all(word in sentence.text for one in reasons for word in one.words)


def test_an_opening_without_a_weightier_reason_is_near_the_top() -> None:
    line = "Aldmoor council ferry river bridge"
    same = Document(text="\n".join([f"{line}."] * 2 + [f"{line} anglers watched lorries."]), lang="en")
    (reasons,) = explain(same, summary_of(same, f"{line}."))
    assert [one.reason for one in reasons] == [Reason.NEAR_TOP]
    assert reasons[0].weight > 0


def test_what_a_sentence_tells_of_is_no_verb_that_anything_can_do() -> None:
    document = Document(text="They made the moor.", lang="en")
    (reasons,) = explain(document, summarize(document))
    assert [(one.reason, one.words) for one in reasons] == [(Reason.TELLING, ("moor",))]
    assert 0 < reasons[0].weight <= 1


def summary_of(document: Document, sentence: str) -> Summary:
    start = document.text.index(sentence)
    found = Sentence(text=sentence, start=start, end=start + len(sentence))
    return Summary(sentences=(found,), lang="en", method=Method.NEWS)


def test_the_lead_is_near_the_top_and_classic_methods_give_no_reasons() -> None:
    lead = summarize(ENGLISH, sentences=2, method=Method.LEAD)
    assert [[one.reason for one in reasons] for reasons in explain(ENGLISH, lead)] == [[Reason.NEAR_TOP]] * 2
    assert explain(ENGLISH, summarize(ENGLISH, sentences=2, method=Method.LUHN)) == ((), ())


def story(*texts: str) -> list[Article]:
    return [
        Article(id=str(n), outlet=f"Paper {n}", lang="en", text=text, published_at=NOON + timedelta(hours=n))
        for n, text in enumerate(texts)
    ]


def test_outlets_that_report_a_sentence_are_counted() -> None:
    told = "Inspectors found a crack in the Sable Bridge near Aldmoor on Monday morning."
    articles = story(
        f"The council met for six hours behind closed doors. {told} A baker gave tea to the drivers.",
        "On Monday inspectors found a crack in the Sable Bridge. Lorries queue for the boats at Orsa.",
        f"{told} Anglers watched from the bank while nobody said a word.",
    )
    summary = summarize_story(articles, sentences=4)
    found = {
        sentence.text: {one.reason: one for one in reasons}
        for sentence, reasons in zip(summary.sentences, explain_story(articles, summary), strict=True)
    }
    assert found[told][Reason.OUTLETS].outlets == 3
    assert all(Reason.OUTLETS not in reasons for text, reasons in found.items() if "crack" not in text)


def test_the_newest_report_speaks_for_its_sentences_alone() -> None:
    articles = story(BRIDGE.text, "Engineers will lift the deck of the Sable Bridge at Aldmoor on Thursday morning.")
    summary = summarize_story(articles, sentences=3)
    for sentence, reasons in zip(summary.sentences, explain_story(articles, summary), strict=True):
        assert (Reason.NEWEST in {one.reason for one in reasons}) is (sentence.article == "1")


def test_an_articles_story_in_another_script_has_reasons_too() -> None:
    articles = [Article(id="a", text=UKRAINIAN.text, title=UKRAINIAN.title, lang="uk")]
    summary = summarize_story(articles, sentences=2)
    assert all(explain_story(articles, summary))


@examples(40)
@example(text="? 1", title="")  # the sentence with a word was read before the one that has none
@given(text=st.text(alphabet="abc Ab1.?! \n港橋", max_size=200), title=st.text(alphabet="abc 港", max_size=20))
def test_any_text_can_be_asked_why(text: str, title: str) -> None:
    document = Document(text=text, title=title)
    summary = summarize(document, sentences=2)
    assert len(explain(document, summary)) == len(summary.sentences)
    article = Article(id="a", text=text, title=title)
    told = summarize_story([article], sentences=2)
    assert len(explain_story([article], told)) == len(told.sentences)


def test_more_letters_than_a_vocabulary_keeps_do_not_change_what_recurs() -> None:
    """One that has grown large gives way to an empty one, which numbers its terms anew."""
    told = "The ferry to Aldmoor takes twenty lorries and is full by noon."
    text = f"{BRIDGE.text} {' '.join(f'Nobody spelt {letter * 50_000} right.' for letter in ascii_lowercase)}"
    at = text.index(told), text.index(told) + len(told)
    summary = Summary(sentences=(Sentence(text=told, start=at[0], end=at[1]),), lang="en", method=Method.NEWS)
    [found] = explain(replace(BRIDGE, text=text), summary)
    named = next(one.words for one in found if one.reason is Reason.RECURRING)
    assert set(named) <= {"Aldmoor", "ferry"}
    article = Article(id="a", text=text, lang="en")
    story = StorySummary(sentences=(StorySentence(text=told, start=at[0], end=at[1], article="a"),), lang="en")
    assert explain_story([article], story)[0]


def test_nothing_is_loaded_before_it_is_asked() -> None:
    code = """
import sys
from summarizer import Document, summarize
summarize(Document(text="The council voted to mend the pier. Ferries land at the market.", lang="en"), sentences=1)
print([name for name in ("summarizer.counterfactuals", "summarizer.story.search") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
