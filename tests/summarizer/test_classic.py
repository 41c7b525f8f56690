"""sumy's algorithms through our tokenizer."""

import pytest

from summarizer import Document, Method, summarize
from summarizer.classic import LONGEST, classic_order
from summarizer.cleaning import Piece

TEXT = (
    "The storm tore planks off the pier. The pier will be mended. The mending of the pier will cost nine million. "
    "A cat was seen on the roof of the inn. The council chose to mend the pier after the storm."
)
BOUNDS = [(0, 35), (36, 60), (61, 108), (109, 147), (148, 199)]
PIECES = [Piece(start, end, place) for place, (start, end) in enumerate(BOUNDS)]
CLASSICS = [method for method in Method if method not in {Method.NEWS, Method.LEAD}]


@pytest.mark.parametrize("method", CLASSICS)
def test_an_order_names_every_sentence_once(method: Method) -> None:
    order = classic_order(method, TEXT, "Pier to be mended", PIECES, "en")
    assert sorted(order) == list(range(len(PIECES)))


@pytest.mark.parametrize("method", [Method.LUHN, Method.REDUCTION])
def test_what_has_nothing_to_do_with_the_rest_ranks_last(method: Method) -> None:
    assert classic_order(method, TEXT, "", PIECES, "en")[-1] == 3


def test_methods_differ() -> None:
    orders = {method: tuple(classic_order(method, TEXT, "", PIECES, "en")) for method in CLASSICS}
    assert len(set(orders.values())) >= 3


def test_sentences_beyond_the_longest_keep_the_order_of_the_article() -> None:
    line = "Boat {} landed fish. "
    text = "".join(line.format(i) for i in range(LONGEST + 20))
    pieces, at = [], 0
    for i in range(LONGEST + 20):
        length = len(line.format(i))
        pieces.append(Piece(at, at + length - 1, i))
        at += length
    order = classic_order(Method.SUMBASIC, text, "", pieces, "en")
    assert order[LONGEST:] == list(range(LONGEST, LONGEST + 20))


@pytest.mark.parametrize("lang", ["uk", "vi", "zh", "xx"])
def test_languages_with_and_without_a_stemmer_are_ranked(lang: str) -> None:
    document = Document(text="Один два три чотири. Два три пять шість. Сім вісім два три.", lang=lang)
    assert summarize(document, sentences=1, method=Method.LEXRANK).sentences
