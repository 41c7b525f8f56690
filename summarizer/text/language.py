"""Which language a text is in."""

from __future__ import annotations

import re
import sys
from array import array
from functools import cache
from itertools import repeat
from typing import NamedTuple, Protocol, cast

from summarizer.text.stopwords import word_set
from summarizer.text.tables import read_table, read_words

DEFAULT = "en"
"""What a text without any letters counts as."""

SUPPORTED = word_set("ar cs da de el en es fa fi fr he hi hu id it ja ko nl no pl pt ro ru sv tr uk vi zh")
"""The languages, by ISO 639-1, that a detected text can be in."""

# A script that writes one supported language names it, at any length and at no cost.
_SCRIPTS = (
    ("ko", re.compile(r"[\uac00-\ud7a3\u1100-\u11ff]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")),
    ("el", re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
)
_NOT_LATIN = word_set("ar el fa he hi ja ko ru uk zh")
_LETTER = re.compile(r"[^\W\d_]")
_NOISE_SIGNS = ("@", "#", "http", "www.")
_NOISE = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|[@#]\w+")

# Half of a sample in one script decides; kana decide at less, for Japanese is written mostly in Chinese characters.
_MAJORITY = 0.5
_KANA = 0.1

# Detection costs about 0.1 ms for each thousand characters and gains nothing from more of them.
_SAMPLE_CHARS = 800

# Most texts show theirs by here.
_FIRST_CHARS = 320

# So many of the commonest words of one language, and so many times as many as of any other, leave no doubt.
_FEWEST_HITS = 12
_CLEAR_LEAD = 1.5

# A count of words, of which a sample holds fewer than it has characters.
_COUNT = "H"
_COUNT_BYTES = array(_COUNT).itemsize

_ALIASES = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "cmn": "zh", "yue": "zh", "nob": "no", "nno": "no"}

# The codes of three letters, by ISO 639-2, of the supported languages; some have two.
_THREE_LETTERS = (
    "ar:ara cs:ces cs:cze da:dan de:deu de:ger el:ell el:gre en:eng es:spa fa:fas fa:per fi:fin fr:fra fr:fre he:heb "
    "hi:hin hu:hun id:ind it:ita ja:jpn ko:kor nl:nld nl:dut no:nor pl:pol pt:por ro:ron ro:rum ru:rus sv:swe tr:tur "
    "uk:ukr vi:vie zh:zho zh:chi"
)
_ALIASES |= {three: two for two, three in (pair.split(":") for pair in _THREE_LETTERS.split())}
_TWO_LETTERS = re.compile(r"[a-z]{2}")


class _Identifier(Protocol):
    def set_languages(self, langs: list[str]) -> None: ...
    def classify(self, text: str) -> tuple[str, float]: ...
    def rank(self, text: str) -> list[tuple[str, float]]: ...


def detect_language(text: str) -> str:
    """Name the language of a text by ISO 639-1, out of those supported.

    Addresses and handles do not count. A text without letters counts as English.
    """
    for chars in (_FIRST_CHARS, _SAMPLE_CHARS):
        if lang := _by_function_words(text[:chars]):
            return lang
    sample = text[: 2 * _SAMPLE_CHARS]
    if any(sign in sample for sign in _NOISE_SIGNS):
        sample = _NOISE.sub(" ", sample)
    sample = sample[:_SAMPLE_CHARS]
    letters = len(_LETTER.findall(sample))
    if not letters:
        return DEFAULT
    if not sample.isascii():
        for lang, script in _SCRIPTS:
            if len(script.findall(sample)) > letters * (_KANA if lang == "ja" else _MAJORITY):
                return lang
    found = _identifier().classify(sample)[0]
    if found in _NOT_LATIN and sample.isascii():
        # Of a word or two in Latin letters the model may say Arabic.
        return next(lang for lang, _ in _identifier().rank(sample) if lang not in _NOT_LATIN)
    return found


def _by_function_words(sample: str) -> str | None:
    """Name the language whose commonest words a text has, if these leave no doubt: at a twentieth of the cost."""
    table = _function_words()
    # All languages are counted in one sum.
    total = sum(map(table.digits.get, sample.lower().split(), repeat(0)))
    if not total:
        return None
    counts = array(_COUNT, total.to_bytes(len(table.langs) * _COUNT_BYTES, sys.byteorder))
    second, most = sorted(counts)[-2:]
    return table.langs[counts.index(most)] if most >= _FEWEST_HITS and most >= _CLEAR_LEAD * second else None


class _FunctionWords(NamedTuple):
    """Of each common word the sum of what stands for the languages that have it: in a digit of two bytes each, 1."""

    langs: tuple[str, ...]
    digits: dict[str, int]


@cache
def _function_words() -> _FunctionWords:
    langs = tuple(read_table("function_words"))
    digits: dict[str, int] = {}
    for number, lang in enumerate(langs):
        bytes_of = array(_COUNT, [number == other for other in range(len(langs))]).tobytes()
        for word in read_words("function_words", lang):
            digits[word] = digits.get(word, 0) + int.from_bytes(bytes_of, sys.byteorder)
    return _FunctionWords(langs, digits)


def normalise_language(lang: str) -> str:
    """Cut a language tag such as ``en-GB`` or ``deu`` down to its ISO 639-1 code; empty where it has none."""
    code = re.split(r"[-_]", lang.strip().lower(), maxsplit=1)[0]
    code = _ALIASES.get(code, code)
    return code if _TWO_LETTERS.fullmatch(code) else ""


@cache
def _identifier() -> _Identifier:
    # Loading the model takes half a second; a caller that states its languages never needs it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - see above

    identifier = cast("_Identifier", LanguageIdentifier.from_model_file(MODEL_FILE))
    identifier.set_languages(sorted(SUPPORTED))
    return identifier
