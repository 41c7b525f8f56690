"""Summaries of many documents, which are those of each alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer import BudgetError, Document, Summary, UnknownMethodError, summarize, summarize_many
from summarizer.news.cleaned import Cleaned
from summarizer.news.expectation import expect
from summarizer.news.reading import read_article, read_articles
from tests.summarizer.articles import ALL, ARABIC, ENGLISH, UKRAINIAN
from tests.summarizer.test_news import WORDS, pieces_of
from tests.support.properties import examples

SENTENCES = st.lists(
    st.lists(st.sampled_from([*WORDS, "She", "“so", "so”", "pier\u0301"]), min_size=1, max_size=9)
    .map(" ".join)
    .map(lambda words: words + "."),
    max_size=30,
).map("\n".join)
DOCUMENTS = st.builds(
    Document,
    text=SENTENCES | st.text(max_size=40) | st.sampled_from([one.text for one in ALL]),
    title=st.sampled_from(["", "The pier voted", "Ada, 1911"]) | st.text(max_size=10),
    lang=st.sampled_from([None, "en", "en", "en", "fr", "zh"]),
)
BUDGETS: list[dict[str, Any]] = [{"max_chars": 120}, {"max_words": 20}, {"sentences": 2}, {"max_chars": 5}, {}]


@given(documents=st.lists(DOCUMENTS, max_size=14), budget=st.sampled_from(BUDGETS), brief=st.booleans())
@examples(60)
def test_each_of_many_summaries_is_that_of_its_document_alone(
    documents: list[Document], budget: dict[str, Any], brief: bool
) -> None:
    together = list(summarize_many(documents, brief=brief, **budget))
    assert together == [summarize(document, brief=brief, **budget) for document in documents]


def test_what_is_read_of_an_article_does_not_depend_on_those_beside_it() -> None:
    texts = [ENGLISH.text, "Boats came in late. The pier!\n???", ENGLISH.text[:400], "Pier."]
    articles = [Cleaned(text, "Ferries use the pier", pieces_of(text)) for text in texts]
    together = read_articles(articles, "en")
    expected = expect(together)
    assert together.articles == len(texts)
    for number, article in enumerate(articles):
        alone = read_article(*article, "en")
        assert alone
        terms = slice(*together.term_at[number : number + 2])
        pairs = slice(*together.pair_at[number : number + 2])
        assert together.counts[terms].tolist() == alone.counts.tolist()
        assert together.pair_counts[pairs].tolist() == alone.pair_counts.tolist()
        assert expected.terms[:, terms].tolist() == expect(alone).terms.tolist()
        assert expected.pairs[pairs].tolist() == expect(alone).pairs.tolist()


def test_documents_are_taken_as_summaries_are_wanted_and_in_their_order() -> None:
    taken: list[str] = []

    def documents() -> Iterator[Document]:
        for number in range(200):
            taken.append(f"The ferry brought {number} crates.")
            yield Document(text=taken[-1], lang=("en", "fr", "de")[number % 3])

    found = summarize_many(documents())
    assert not taken
    first = next(found)
    assert first.sentences[0].text == taken[0]
    assert len(taken) < 30
    assert [first.sentences[0].text, *(each.sentences[0].text for each in found)] == taken


def test_a_long_document_is_read_by_itself() -> None:
    long = Document(text="\n".join(f"Boat {number} brought crates to the pier." for number in range(4000)), lang="en")
    documents = [ENGLISH, long, ARABIC, long, UKRAINIAN]
    assert [len(one.sentences) for one in summarize_many(documents, sentences=2)] == [2] * 5


def test_characters_beyond_the_basic_plane_change_nothing_for_others() -> None:
    plain = Document(text=ENGLISH.text, lang="en")
    faced = Document(text=ENGLISH.text + " The end 😀.", lang="en")
    documents = [plain, faced, plain]
    assert list(summarize_many(documents, max_chars=300)) == [summarize(one, max_chars=300) for one in documents]


@pytest.mark.parametrize("method", ["lead", "lexrank"])
def test_every_method_takes_many(method: str) -> None:
    found: list[Summary] = list(summarize_many(ALL[:3], method=method))
    assert found == [summarize(one, method=method) for one in ALL[:3]]


def test_what_cannot_be_done_is_said_at_the_call() -> None:
    with pytest.raises(BudgetError):
        summarize_many([], max_chars=0)
    with pytest.raises(UnknownMethodError):
        summarize_many([], method="best")


def test_no_documents_have_no_summaries() -> None:
    assert list(summarize_many([])) == []
