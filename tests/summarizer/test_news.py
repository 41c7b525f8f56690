"""What the ``news`` method reads in an article, expects of its summary, and chooses."""

import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain, combinations, pairwise
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer import Document, summarize
from summarizer.cleaning.report import Piece
from summarizer.news.expectation import MOST_TIMES, Expectation, expect, read_network
from summarizer.news.features import PAIR_FEATURES, TERM_FEATURES, SentenceTraits, pair_features, term_features
from summarizer.news.reading import Reading, read_article
from summarizer.news.scoring import FEW_SENTENCES, PAIR_WEIGHT, UNOPENED, USUAL_TOKENS, Choices
from summarizer.news.search import best_sets
from summarizer.selection import Budget
from summarizer.text.sentences import split_sentences
from summarizer.text.stemming import stem
from summarizer.text.terms import cased_words, cased_words_between
from summarizer.text.tokens import Tokens, find_tokens
from summarizer.text.vocabulary import TRAITS, Vocabulary, leanings, vocabulary
from tests.bench.train_summaries import Trained, read_examples, train, write
from tests.summarizer.articles import ALL, ENGLISH

WORDS = ["the", "mayor", "pier", "pier", "storm", "voted", "Ada", "Cole", "in", "1911", "and", "crowns", "ferry", "a"]


def pieces_of(text: str, lang: str = "en") -> list[Piece]:
    return [Piece(start, end, place) for place, (start, end) in enumerate(split_sentences(text, lang))]


def read(text: str, title: str = "") -> Reading:
    reading = read_article(text, title, pieces_of(text), "en")
    assert reading
    return reading


@pytest.mark.parametrize(
    "forms",
    [
        pytest.param("vote votes voted voting", id="final e"),
        pytest.param("plan plans planned planning", id="doubled consonant"),
        pytest.param("city cities", id="ies"),
        pytest.param("call calls called calling", id="double l stays"),
        pytest.param("loss losses", id="sses"),
    ],
)
def test_the_forms_of_an_english_word_have_one_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("word", ["was", "bus", "red", "king", "thing", "this", "basis", "1911"])
def test_words_that_only_look_inflected_stay(word: str) -> None:
    assert stem(word) == word


def test_a_vocabulary_outgrows_its_first_room_and_forgets_nothing() -> None:
    words = Vocabulary("en")
    written = [f"boat{number}x" for number in range(40_000)]
    numbers = [words[word] for word in written]
    assert [words[word] for word in written] == numbers == list(range(len(written)))
    assert len(set(words.term[numbers].tolist())) == len(written)


def test_an_article_is_read_into_terms_places_and_pairs() -> None:
    reading = read("The pier votes. Ada voted for the pier in 1911.\nThe pier!", "Pier vote")
    assert reading.lengths.tolist() == [3, 7, 2]
    the, pier, vote = reading.tokens[:3]
    assert reading.tokens[4] == vote
    assert reading.counts[[the, pier, vote]].tolist() == [3, 3, 2]
    assert [bool(reading.in_title[term]) for term in (the, pier, vote)] == [False, True, True]
    assert reading.stop[[the, pier]].tolist() == [1, 0]
    assert int(reading.digit.sum()) == 1
    assert reading.in_first_paragraph.tolist() == [True, True, False]
    pairs = dict(zip(reading.pair_keys.tolist(), reading.pair_counts.tolist(), strict=True))
    size = len(reading.counts)
    assert pairs[the * size + pier] == 3
    assert len(pairs) == 7
    assert reading.pair_in_title[reading.pair_keys == pier * size + vote].tolist() == [1]


@given(text=st.text(st.characters(max_codepoint=127), max_size=80), cut=st.integers(0, 80))
def test_the_words_of_plain_text_are_those_of_any_text(text: str, cut: int) -> None:
    bounds = [(0, cut), (cut, len(text))]
    before, after = cased_words(text[:cut], "en"), cased_words(text[cut:], "en")
    assert cased_words_between(text, bounds, "en") == (before + after, [len(before), len(before + after)])


LETTERS = st.characters(codec="utf-16-le") | st.sampled_from("aB1_ .’é\u0301Жक\u0915\u093f한\u200d😀")


@given(text=st.text(LETTERS, max_size=60), cuts=st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_words_found_as_arrays_are_those_found_one_by_one(text: str, cuts: list[int]) -> None:
    places = sorted(min(cut, len(text)) for cut in cuts)
    bounds = list(zip(places[::2], places[1::2], strict=False))
    tokens = find_tokens(text, np.array(bounds, np.intp).ravel())
    expected = [cased_words(text[start:end], "en") for start, end in bounds]
    if tokens is None:
        assert max(text) > "\uffff"
        return
    numbers = vocabulary("en").number(text, tokens)
    found = [text[start : start + size] for start, size in zip(tokens.starts, tokens.lengths, strict=True)]
    assert found == list(chain.from_iterable(expected))
    assert tokens.sentence.tolist() == [number for number, words in enumerate(expected) for _ in words]
    assert len(set(numbers.tolist())) == len(set(found))


def test_words_whose_places_are_taken_are_told_apart_all_the_same() -> None:
    written = [f"boat{number}x" for number in range(60_000)]
    words = Vocabulary("en")
    for begin in range(0, len(written), 20_000):
        text = " ".join(written[begin : begin + 20_000])
        tokens = find_tokens(text, np.array([0, len(text)]))
        assert tokens
        for _ in range(2):
            assert words.number(text, tokens).tolist() == list(range(begin, begin + 20_000))
    assert words[written[-1]] == len(written) - 1


def tokens_of(text: str) -> Tokens:
    tokens = find_tokens(text, np.array([0, len(text)]))
    assert tokens
    return tokens


def test_words_that_were_made_to_share_a_hash_are_told_apart() -> None:
    # Of long words only the beginning counts.
    one, other = f"{'a' * 2048}b", f"{'a' * 2048}c"
    words = Vocabulary("en")
    assert len({*tokens_of(f"{one} {other}").hashes.tolist()}) == 1
    assert words.number(one, tokens_of(one)).tolist() == [0]
    assert words.number(other, tokens_of(other)).tolist() == [1]
    text = f"pier {other} {one} {other} pier {one}"
    for _ in range(2):
        assert words.number(text, tokens_of(text)).tolist() == [2, 1, 0, 1, 2, 0]


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda word: f"{word}s", id="longer"),
        pytest.param(lambda word: word[:-1] or "no", id="shorter"),
        pytest.param(lambda word: word[:-1] + "\u0416", id="last letter"),
        pytest.param(lambda word: chr(ord(word[0]) + 256) + word[1:], id="first letter, a byte alike"),
    ],
)
def test_words_made_to_meet_those_of_another_article_change_nothing_in_it(made: Callable[[str], str]) -> None:
    def found(words: Vocabulary) -> tuple[list[int], Expectation]:
        reading = read_article(ENGLISH.text, ENGLISH.title, pieces, "en", words)
        assert reading
        expected = expect(reading)
        chars = [piece.end - piece.start for piece in pieces]
        choices = Choices(chars=chars, words=[0] * len(pieces), places=range(len(pieces)))
        return best_sets(reading, expected, [choices], Budget(chars=300), brief=False)[0], expected

    pieces = pieces_of(ENGLISH.text)
    written = list(dict.fromkeys(cased_words(ENGLISH.text, "en")))
    known = {word: word_hash for word in written for word_hash in tokens_of(word).hashes.tolist()}
    clean, poisoned = Vocabulary("en"), Vocabulary("en")
    hostile = " ".join(map(made, written))
    forged = np.array([known[word] for word in written], np.uint64)
    poisoned.number(hostile, tokens_of(hostile)._replace(hashes=forged))
    (chosen, expected), (chosen_after, expected_after) = found(clean), found(poisoned)
    assert chosen == chosen_after
    np.testing.assert_allclose(np.sort(expected.terms), np.sort(expected_after.terms), rtol=1e-4)
    text = ENGLISH.text
    assert poisoned.number(text, tokens_of(text)).tolist() == [poisoned[word] for word in cased_words(text, "en")]


def test_a_word_whose_hash_is_nought_is_met_like_any_other() -> None:
    words = Vocabulary("en")
    for text, number in (("pier", 0), ("storm", 1), ("pier", 0)):
        nought = tokens_of(text)._replace(hashes=np.zeros(1, np.uint64))
        assert words.number(text, nought).tolist() == [number]


def test_words_that_several_threads_meet_at_once_have_one_number_each() -> None:
    text = " ".join(f"boat{number}x" for number in range(300))
    tokens, usual = tokens_of(text), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            for _ in range(40):
                words, together = Vocabulary("en"), Barrier(4)

                def number(words: Vocabulary = words, together: Barrier = together) -> list[int]:
                    together.wait(timeout=10)
                    numbers: list[int] = words.number(text, tokens).tolist()
                    return numbers

                for found in [pool.submit(number) for _ in range(4)]:
                    assert found.result(timeout=10) == [words[word] for word in text.split()]
    finally:
        sys.setswitchinterval(usual)


def test_made_up_languages_share_one_vocabulary() -> None:
    shared = vocabulary("qq")
    assert all(vocabulary(f"q{number}") is shared for number in range(200))
    assert len({id(vocabulary(lang)) for lang in ("en", "fr", "th", "qq")}) == 4


def test_a_vocabulary_of_very_long_words_gives_way_to_an_empty_one() -> None:
    first = vocabulary("qq")
    for number in range(10):
        first[f"{number}" * (1 << 17)]
    assert first.is_large
    assert not vocabulary("qq").is_large


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.lang)
def test_expectations_are_probabilities_that_fall_with_each_repetition(document: Document) -> None:
    lang = document.lang or ""
    reading = read_article(document.text, document.title, pieces_of(document.text, lang), lang)
    assert reading
    expected = expect(reading)
    assert expected.terms.shape == (MOST_TIMES, len(reading.counts))
    assert expected.pairs.shape == reading.pair_keys.shape
    assert ((expected.terms > 0) & (expected.terms < 1)).all()
    assert (np.diff(expected.terms, axis=0) <= 0).all()
    assert ((expected.pairs > 0) & (expected.pairs < 1)).all()


def test_what_the_headline_says_is_expected_more() -> None:
    told, untold = (read(ENGLISH.text, title) for title in ("Ferries use the fish market", ""))
    market = told.tokens[[place for place in range(len(told.tokens)) if told.in_title[told.tokens[place]]]]
    assert len(market)
    assert (expect(told).terms[0, market] > expect(untold).terms[0, market]).mean() > 0.7


def score_by_definition(reading: Reading, expected: Expectation, chosen: tuple[int, ...]) -> float:
    size, gain, length = len(reading.counts), 0.0, 0
    is_unopened = len(reading.lengths) <= FEW_SENTENCES and 0 not in chosen
    counts: Counter[int] = Counter()
    pairs: set[int] = set()
    for number in chosen:
        start = reading.starts[number]
        tokens = reading.tokens[start : start + reading.lengths[number]].tolist()
        counts.update(tokens)
        pairs.update(first * size + second for first, second in pairwise(tokens))
        length += len(tokens)
    for term, count in counts.items():
        gain += float(expected.terms[:count, term].sum())
    gain += PAIR_WEIGHT * sum(float(expected.pairs[np.searchsorted(reading.pair_keys, pair)]) for pair in pairs)
    return 2 * gain / (length + USUAL_TOKENS) - UNOPENED * len(chosen) * is_unopened


@given(seed=st.integers(0, 10_000), many=st.integers(1, 9), max_chars=st.integers(20, 200), brief=st.booleans())
def test_no_set_within_the_budget_is_expected_to_score_much_better(
    seed: int, many: int, max_chars: int, brief: bool
) -> None:
    rng = random.Random(seed)
    text = "\n".join("Boats " + " ".join(rng.choices(WORDS, k=rng.randint(2, 9))) + "." for _ in range(many))
    pieces, reading = pieces_of(text), read(text)
    expected = expect(reading)
    chars = [piece.end - piece.start for piece in pieces]
    choices = Choices(chars=chars, words=[0] * many, places=range(many))
    [found] = best_sets(reading, expected, [choices], Budget(chars=max_chars, sentences=4), brief=brief)

    def used(chosen: tuple[int, ...]) -> int:
        return sum(chars[number] for number in chosen) + len(chosen) - 1

    allowed = [
        chosen for size in range(1, 5) for chosen in combinations(range(many), size) if used(chosen) <= max_chars
    ]
    if not allowed:
        assert found == []
        return
    if not brief:
        full = [chosen for chosen in allowed if len(chosen) == 4 or used(chosen) >= 0.85 * max_chars]
        most = max(map(used, allowed))
        allowed = full or [chosen for chosen in allowed if used(chosen) >= 0.6 * most]
        if not full:
            assert tuple(found) in allowed
            return
    best = max(score_by_definition(reading, expected, chosen) for chosen in allowed)
    assert tuple(found) in allowed
    # What costs more than it gains scores below nought.
    assert score_by_definition(reading, expected, tuple(found)) >= best - 0.05 * abs(best)


def test_what_tells_little_is_taken_less_readily() -> None:
    taken = kept = 0
    for document in ALL:
        lang = document.lang or ""
        pieces = pieces_of(document.text, lang)
        reading = read_article(document.text, document.title, pieces, lang)
        assert reading
        expected = expect(reading)
        plain = Choices(
            chars=[piece.end - piece.start for piece in pieces], words=[0] * len(pieces), places=range(len(pieces))
        )
        [chosen] = best_sets(reading, expected, [plain], Budget(sentences=2), brief=False)
        for number in chosen:
            [instead] = best_sets(reading, expected, [replace(plain, weak=[number])], Budget(sentences=2), brief=False)
            taken, kept = taken + 1, kept + (number in instead)
    assert kept < taken


@pytest.mark.parametrize("sentences", [1, 4, 5, 8, 9, 30])
def test_as_many_sentences_are_found_as_were_asked_for(sentences: int) -> None:
    text = "\n".join(f"Boat number {number} landed {number * 7 % 91} crates of fish." for number in range(60))
    assert len(summarize(Document(text=text, lang="en"), sentences=sentences).sentences) == sentences


def test_a_budget_that_only_many_short_sentences_use_up_is_used_up() -> None:
    text = "\n".join(f"Boat {number} came in late." for number in range(60))
    chosen = summarize(Document(text=text, lang="en"), max_chars=400).sentences
    assert 340 <= len(" ".join(sentence.text for sentence in chosen)) <= 400


def corpus(folder: Path) -> Path:
    rng = random.Random(0)
    path = folder / "made.jsonl"
    rows = []
    for _ in range(40):
        lines = [" ".join(["Boats", *rng.choices(WORDS, k=8)]) + "." for _ in range(6)]
        rows.append({"text": "\n".join(lines), "title": "Boats voted", "lang": "en", "summary": lines[0]})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_what_was_trained_is_what_ships(tmp_path: Path) -> None:
    examples = list(read_examples(corpus(tmp_path)))
    assert len(examples) == 40
    learnt = train(examples)
    terms, pairs = learnt.terms, learnt.pairs
    weights, _ = write(tmp_path, learnt)
    stored = json.loads(weights.read_text(encoding="utf-8"))
    one = examples[0]
    logits = terms.logits(one.features)
    shipped: list[tuple[str, tuple[str, ...], Trained, np.ndarray]] = [
        ("terms", TERM_FEATURES, terms, one.features),
        ("pairs", PAIR_FEATURES, pairs, pair_features(one.reading, one.traits, logits[0])),
    ]
    for name, features, trained, described in shipped:
        np.testing.assert_allclose(
            read_network(stored[name], features).logits(described), trained.logits(described), atol=0.01
        )


def test_training_learns_which_words_summaries_lean_to_and_leaves_names_out(tmp_path: Path) -> None:
    rng = random.Random(1)
    rows = []
    for _ in range(80):
        lines = [
            " ".join([*rng.sample(["crates", "barrels", "sailors", "near Ada"], k=4), "waited."]) for _ in range(4)
        ]
        summary = "Crates and Ada " + " ".join(rng.choices(["waited", "left"], k=3))
        rows.append({"text": "\n".join(lines), "title": "", "lang": "en", "summary": summary})
    path = tmp_path / "made.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    learnt = train(list(read_examples(path)))
    found = learnt.leanings["en"]
    assert found["crat"] > 0 > found["barrel"]
    assert "ada" not in found
    _, table = write(tmp_path, learnt)
    entries = table.read_text(encoding="utf-8").split("[en]")[1].split()
    assert {term: float(value) for term, _, value in (entry.rpartition(":") for entry in entries)} == found


@pytest.mark.parametrize("lang", ["en", "fr", "vi"])
def test_a_vocabulary_knows_the_leanings_of_its_terms(lang: str) -> None:
    known = leanings(lang)
    assert known
    assert all(-3 <= value <= 3 and value for value in known.values())
    words = Vocabulary(lang, known)
    term = next(term for term in known if stem(term) == term)
    column = TRAITS.index("leaning")
    assert words.traits[words[term], column] == pytest.approx(known[term])
    unlearnt = Vocabulary(lang)
    assert unlearnt.traits[unlearnt[term], column] == 0


def test_training_learns_that_summaries_repeat_the_lead(tmp_path: Path) -> None:
    examples = list(read_examples(corpus(tmp_path)))
    terms = train(examples).terms
    one = examples[0].reading
    judged = terms.logits(term_features(one, SentenceTraits(one)))[0]
    in_lead = np.bincount(one.tokens[: one.lengths[0]], minlength=len(one.counts)) > 0
    assert judged[in_lead].mean() > judged[~in_lead].mean()


def test_what_no_summary_would_say_is_judged_without_a_warning() -> None:
    text = "https://" * 250
    assert summarize(Document(text=text, title=text[:200]), sentences=1).sentences
