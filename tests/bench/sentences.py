"""Sentence splitting beside sentencex, pysbd and blingfire: hard cases right, and megabytes a second.

The cases are those of the tests, ``tests/summarizer/sentence_cases``; speed is measured on them joined to a long text,
or with a corpus on its articles.
"""

from __future__ import annotations

import json
import re
import time
import warnings
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from summarizer.text.sentences import split_sentences
from tests.summarizer.test_sentences import CASES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Splitter = Callable[[str, str], list[str]]

_CORPUS_FILES = {"en": "cnndm", "fr": "orangesum", "ru": "gazeta", "vi": "vietnews"}
_TEXTS = 40
_REPEATS = 2


def run(corpus: Path | None) -> Iterator[str]:
    """Give the lines of two tables: cases right by language, and speed."""
    splitters = _splitters()
    yield "Hard cases split right, of all:\n"
    yield f"| | cases | {' | '.join(splitters)} |"
    yield "|---|---:" + "|---:" * len(splitters) + "|"
    right: dict[str, list[int]] = {}
    cases: dict[str, list[str]] = defaultdict(list)
    for lang, case in CASES:
        cases[lang].append(case)
    for lang, own in cases.items():
        right[lang] = [sum(_is_right(split, lang, case) for case in own) for split in splitters.values()]
        yield f"| {lang} | {len(own)} | {' | '.join(map(str, right[lang]))} |"
    yield f"| all | {len(CASES)} | {' | '.join(str(sum(column)) for column in zip(*right.values(), strict=True))} |"
    yield "\nThousand characters a millisecond of CPU time, one thread:\n"
    yield f"| | {' | '.join(splitters)} |"
    yield "|---" + "|---:" * len(splitters) + "|"
    for lang, texts in _texts(corpus, cases).items():
        speeds = [f"{_speed(split, lang, texts):.2f}" for split in splitters.values()]
        yield f"| {lang} | {' | '.join(speeds)} |"


def _splitters() -> dict[str, Splitter]:
    import blingfire  # noqa: PLC0415 - in the bench extra only, like the next two
    import pysbd  # noqa: PLC0415
    import sentencex  # noqa: PLC0415

    @cache
    def segmenter(lang: str) -> pysbd.Segmenter:
        try:
            return pysbd.Segmenter(language=lang, clean=False)
        except ValueError:
            # It knows no Ukrainian, Portuguese, Turkish, Vietnamese or Korean.
            return pysbd.Segmenter(language="en", clean=False)

    def split_by_pysbd(text: str, lang: str) -> list[str]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(segmenter(lang).segment(text))

    return {
        "ours": lambda text, lang: [text[start:end] for start, end in split_sentences(text, lang)],
        "sentencex": lambda text, lang: list(sentencex.segment(lang, text)),
        "pysbd": split_by_pysbd,
        "blingfire": lambda text, _lang: str(blingfire.text_to_sentences(text)).split("\n"),
    }


def _is_right(split: Splitter, lang: str, case: str) -> bool:
    text = case.replace("|", " ").replace("¦", "")
    return [sentence.strip() for sentence in split(text, lang) if sentence.strip()] == re.split("[|¦]", case)


def _texts(corpus: Path | None, cases: dict[str, list[str]]) -> dict[str, list[str]]:
    if not corpus:
        return {lang: [" ".join(re.split("[|¦]", " ".join(own)))] for lang, own in cases.items() if len(own) >= 40}
    texts = {}
    for lang, name in _CORPUS_FILES.items():
        lines = (corpus / "summaries" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()[:_TEXTS]
        texts[lang] = [str(json.loads(line)["text"]) for line in lines]
    return texts


def _speed(split: Splitter, lang: str, texts: list[str]) -> float:
    split(texts[0], lang)
    best = float("inf")
    for _ in range(_REPEATS):
        begun = time.process_time()
        for text in texts:
            split(text, lang)
        best = min(best, time.process_time() - begun)
    return sum(map(len, texts)) / best / 1e6
