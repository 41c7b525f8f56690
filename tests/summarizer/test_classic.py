"""sumy's algorithms through our tokenizer: what is computed by matrices comes out as sumy's own classes would say."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sumy.models.dom import ObjectDocumentModel, Paragraph
from sumy.summarizers.lsa import LsaSummarizer

from summarizer import SUPPORTED, Document, Method, split_sentences, summarize
from summarizer.classic.graphs import lexrank, reduction, textrank
from summarizer.classic.lsa import lsa
from summarizer.classic.methods import LONGEST, MOST_CHARS, classic_order, prepare
from summarizer.classic.words import count_terms
from summarizer.cleaning.report import Piece
from summarizer.text.stopwords import stop_words, word_set
from summarizer.text.terms import words
from tests.summarizer.articles import ALL
from tests.support.properties import examples
from tests.support.sumys import sumys_order, sumys_sentences

TEXT = (
    "The storm tore planks off the pier. The pier will be mended. The mending of the pier will cost nine million. "
    "A cat was seen on the roof of the inn. The council chose to mend the pier after the storm."
)
CLASSICS = [method for method in Method if method not in {Method.NEWS, Method.LEAD}]
ORDERED = [method for method in CLASSICS if method is not Method.LSA]


def pieces_of(text: str, lang: str) -> list[Piece]:
    return [Piece(start, end, place) for place, (start, end) in enumerate(split_sentences(text, lang))]


def long_text(count: int) -> str:
    rng = random.Random(count)
    known = [f"w{number}" for number in range(900)]
    weights = [1 / (number + 3) for number in range(900)]
    return " ".join(" ".join(rng.choices(known, weights, k=rng.randint(1, 7))).capitalize() + "." for _ in range(count))


@pytest.mark.parametrize("method", CLASSICS)
def test_an_order_names_every_sentence_once(method: Method) -> None:
    pieces = pieces_of(TEXT, "en")
    assert sorted(classic_order(method, TEXT, "Pier to be mended", pieces, "en")) == list(range(len(pieces)))


@pytest.mark.parametrize("method", [Method.LUHN, Method.REDUCTION])
def test_what_has_nothing_to_do_with_the_rest_ranks_last(method: Method) -> None:
    assert classic_order(method, TEXT, "", pieces_of(TEXT, "en"), "en")[-1] == 3


def test_methods_differ() -> None:
    orders = {method: tuple(classic_order(method, TEXT, "", pieces_of(TEXT, "en"), "en")) for method in CLASSICS}
    assert len(set(orders.values())) >= 3


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.lang)
@pytest.mark.parametrize("method", ORDERED)
def test_articles_are_ordered_as_by_sumy(method: Method, document: Document) -> None:
    assert document.lang
    pieces = pieces_of(document.text, document.lang)
    ours = classic_order(method, document.text, document.title, pieces, document.lang)
    assert ours == sumys_order(method, document.text, document.title, pieces, document.lang)


@pytest.mark.parametrize("method", ORDERED)
@examples(40)
@given(
    sentences=st.lists(
        st.lists(st.sampled_from(sorted(word_set("the pier storm storms council mended of winter ferry ferries 9")))),
        min_size=1,
        max_size=9,
    )
)
def test_any_sentences_are_ordered_as_by_sumy(method: Method, sentences: list[list[str]]) -> None:
    """Equal sentences, empty ones and sentences of one word are where the corners are."""
    text, pieces = "", []
    for place, found in enumerate(sentences):
        begin, text = len(text), text + " ".join(found)
        pieces.append(Piece(begin, len(text), place))
        text += "\n"
    if text.strip():
        assert classic_order(method, text, "", pieces, "en") == sumys_order(method, text, "", pieces, "en")


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.lang)
def test_lsa_rates_as_sumys_decomposition_does(document: Document) -> None:
    lang = document.lang or ""
    found = [words(document.text[one.start : one.end], lang) for one in pieces_of(document.text, lang)]
    known = {word for sentence in found for word in sentence} - stop_words(lang)
    theirs = prepare(LsaSummarizer(), lang)
    source = ObjectDocumentModel([Paragraph(sumys_sentences(document.text, pieces_of(document.text, lang), lang))])
    matrix = theirs._compute_term_frequency(theirs._create_matrix(source, theirs._create_dictionary(source)))
    _, sigma, turned = np.linalg.svd(matrix, full_matrices=False)
    np.testing.assert_allclose(lsa(found, known), theirs._compute_ranks(sigma, turned), atol=1e-8)


@pytest.mark.parametrize("count", [150, 400])
def test_long_texts_are_rated_alike_without_a_matrix_of_all_pairs(count: int) -> None:
    text = long_text(count)
    found = [words(text[one.start : one.end], "xx") for one in pieces_of(text, "xx")]
    counts = count_terms(found, {word: word for sentence in found for word in sentence})
    for rate in (lexrank, textrank, reduction):
        np.testing.assert_allclose(rate(counts, held=0), rate(counts, held=count), rtol=1e-9)


def test_sentences_beyond_the_longest_keep_the_order_of_the_article() -> None:
    text = " ".join(f"W{number % 4000}." for number in range(LONGEST + 20))
    pieces = pieces_of(text, "xx")
    order = classic_order(Method.LEXRANK, text, "", pieces, "xx")
    assert sorted(order[:LONGEST]) == list(range(LONGEST))
    assert order[LONGEST:] == list(range(LONGEST, len(pieces)))


@pytest.mark.parametrize("method", CLASSICS)
def test_what_stands_beyond_the_characters_read_keeps_the_order_of_the_article(method: Method) -> None:
    text = f"Boats came home. {'X' * MOST_CHARS}. Boats came home late. Nets were torn. Boats came home."
    order = classic_order(method, text, "", pieces_of(text, "xx"), "xx")
    assert sorted(order[:2]) == [0, 1]
    assert order[2:] == [2, 3, 4]


def test_rounds_beyond_those_told_apart_exactly_keep_the_order_of_the_article() -> None:
    text = " ".join(f"Boat b{number} came home." for number in range(260))
    order = classic_order(Method.KL, text, "", pieces_of(text, "xx"), "xx")
    assert sorted(order) == list(range(260))
    assert order[200:] == sorted(order[200:])


def test_ties_keep_the_order_of_the_article() -> None:
    text = "Boats came home. Nets were torn. Crews slept late."
    assert classic_order(Method.LSA, text, "", pieces_of(text, "xx"), "xx") == [0, 1, 2]


@pytest.mark.parametrize("lang", [*sorted(SUPPORTED), "xx"])
def test_languages_with_and_without_a_stemmer_are_ranked(lang: str) -> None:
    document = Document(text="Один два три чотири. Два три пять шість. Сім вісім два три.", lang=lang)
    for method in (Method.LEXRANK, Method.TEXTRANK, Method.LUHN, Method.SUMBASIC):
        assert summarize(document, sentences=1, method=method).sentences
