"""Where a report begins once its dateline is off: "LONDON, May 3 (Reuters) - ", "КИЇВ, 3 травня (Укрінформ) — "."""

from __future__ import annotations

import re
from functools import cache

from summarizer.text.stopwords import stop_words
from summarizer.text.tables import read_table

# A dateline is over by here.
_CHARS = 160

_AGENCIES = "|".join(sorted(map(re.escape, read_table("agencies")["names"]), key=len, reverse=True))

_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĘĚĞĢĪĮİĶĹĽŁŃŇŌŐŘŚŞŠŤŪŮŰŹŻŽȘȚА-ЯЁЄІЇҐ"
_LINK = r"(?:d[eou]s? (?:l[ao]s? )?|del |de |da |la |le |am |an der |ob |upon |on )?"
_WORD = rf"[{_UPPER}][\w.'’\-]{{0,30}}"
_PLACE = rf"{_WORD}(?:[ ,/]{{1,2}}{_LINK}{_WORD}){{0,5}}"
_MONTH = r"[^\W\d_]{3,10}"
_YEAR = r"(?:,? (?:de )?\d{4})?"
_DAY = rf"\d{{1,2}}\.? ?(?:de )?{_MONTH}|{_MONTH}\.? \d{{1,2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}"
_DATE = rf"(?:[,.]? ?(?:{_DAY}){_YEAR}\.?)"
_DASH = r"\s*(?:\.?--?|[—–:ـ])\s*"
_STRICT_DASH = r"\s*\.?(?:--|[—–-])\s*"
_MORE = r"(?:[/ ,][\w ]{2,20})?"
_TEXT = rf"\s+(?=[{_UPPER}\d«\"“„'‘¿¡])"
# Vowel signs of Indian scripts are no word characters to regular expressions.
_LETTERS = r"\w\u0900-\u0dff"
_NAME = rf"[^\W\d_][{_LETTERS} /.,&’'\-]{{1,30}}"
_CASELESS_PLACE = r"[^\W\d_A-Za-z][^\d\n()،,.。:]{1,30}"

# Arabic letters, their vowel signs and the joiner within words; no capitals tell a place from other words.
_ARABIC = r"\u0610-\u061a\u0620-\u065f\u0670-\u06d3\u06d5-\u06ff\u200c"
_ARABIC_PLACE = rf"[{_ARABIC}]{{2,20}}(?:[ ،/]{{1,2}}[{_ARABIC}]{{2,20}}){{0,3}}"

_ANYWHERE_AT_THE_HEAD = (
    # Tver (Interfax) — , /TASS/, (CNN)
    rf"(?:{_PLACE}(?:{_DATE}|, \d{{1,2}})?,?\s*)?[(/](?:{_AGENCIES}){_MORE}[)/]\.?(?:{_DASH})?(?=\S|$)",
    # MOSCOW, 5 Nov — RIA.
    rf"{_PLACE}{_DATE}?\s*(?:--|[—–-])\s*(?:{_AGENCIES})(?:\.|{_STRICT_DASH})\s*(?=\S|$)",
    rf"{_PLACE}{_DATE}\s*(?:--|[—–-]){_TEXT}",
    rf"[{_UPPER}]{{2}}[{_UPPER}.,/ '’\-]{{1,40}}\s*(?:--|[—–-]){_TEXT}",
    rf"[{_UPPER}]{{3,30}}(?:[ ,]{{1,2}}{_WORD}){{1,5}}\s*(?:--|[—–]){_TEXT}",
    rf"(?:{_AGENCIES})\s*(?:--|[—–-]){_TEXT}",
    # INTERFAX.RU - , VOV.VN -
    rf"[\w\-]{{2,30}}\.[A-Za-z]{{2,4}}\s+[—–-]{_TEXT}",
)
_AT_THE_VERY_HEAD = (
    # Kiel (dpo) - , (Dân trí) - , दिल्ली (भाषा) -
    rf"(?:{_PLACE}(?:{_DATE}|, \d{{1,2}})?[,.]?\s*|{_CASELESS_PLACE})?\({_NAME}\){_STRICT_DASH}(?=\S)",
    rf"{_CASELESS_PLACE}(?:[,،] ?\d{{1,2}} [{_LETTERS}]{{2,12}})?\s*[(/](?:{_AGENCIES})[)/](?:{_DASH})?\s*(?=\S)",
    rf"[^\d\n()،,.:A-Za-z]{{2,20}}\s*[-–—]\s*(?:{_AGENCIES})\s*[-–—:]\s*(?=\S)",
    # القاهرة — ; a second dash would close a remark that the first opened.
    rf"{_ARABIC_PLACE} [—–] (?=\S)(?![^.؟!\n]*[—–])",
    # NEW DELHI: Their …
    rf"[{_UPPER}]{{2}}[{_UPPER}.,/ '’\-]{{2,40}}:\s+(?=[{_UPPER}])",
    # 新华社北京5月3日电（记者…）, 本报讯, （…讯）, 【…】, [東京 3日 ロイター] -
    r"[\u4e00-\u9fff]{2,4}[社网網][^，。\n]{2,25}[电電](?:（[^）]{2,40}）|\([^)]{2,40}\))?[:：]?\s*",
    r"本[报報网網][^，。\n]{0,12}[讯訊电電](?:（[^）]{2,40}）|\([^)]{2,40}\))?[:：]?\s*",
    r"（[^）\n]{2,20}[讯訊电電报報導道]）\s*",
    r"【[^】\n]{2,30}】\s*",
    r"[\[［][^\]］\n]{2,40}[\]］]\s*(?:[-–—]\s*)?(?=\S)",
    # (서울=연합뉴스) 홍길동 기자 =
    r"\([^()=\n]{1,15}=[^()\n]{2,15}\)\s*(?:[가-힣]{2,4}(?:[·,] ?[가-힣]{2,4})*\s*(?:기자|특파원|통신원))?\s*(?:=\s*)?",
    r"[가-힣]{2,4}\s*(?:기자|특파원)\s*=\s*",
)

_OTHER_SCRIPTS = (_CASELESS_PLACE, _ARABIC_PLACE, "[\\u4e00-\\u9fff]", "本", "（", "【", "[가-힣]")
_AT_THE_VERY_HEAD_IN_ASCII = tuple(shape for shape in _AT_THE_VERY_HEAD if not shape.startswith(_OTHER_SCRIPTS))

# A place in small letters and a dash open a report where a function word with a capital follows: "Lyon – Le maire …".
_SMALL = re.compile(
    rf"\s*{_WORD}(?:[ ,]{{1,2}}{_LINK}{_WORD}){{0,3}}\s(?:--|[—–-])\s+(?=(?P<next>[{_UPPER}][\w’']*|\d))"
)

# No dateline is without one of these; few sentences have any.
_SIGN = re.compile(r"[-–—:ـ()/（【\[［电電讯訊=]")

_MOST_DATELINES = 2


@cache
def _any_of(shapes: tuple[str, ...]) -> re.Pattern[str]:
    # Compiled when first asked for: all take some 30 ms, most of it for scripts that few texts are in.
    return re.compile(rf"\s*(?:{'|'.join(shapes)})")


def _dateline(head: str, *, is_first: bool) -> re.Match[str] | None:
    found = _any_of(_ANYWHERE_AT_THE_HEAD).match(head)
    if found or not is_first:
        return found
    return _any_of(_AT_THE_VERY_HEAD_IN_ASCII if head.isascii() else _AT_THE_VERY_HEAD).match(head)


def after_dateline(text: str, start: int, end: int, lang: str, *, is_first: bool) -> int:
    """Give where a sentence of an article's head begins without its dateline; ``end`` if it is nothing else.

    Args:
        text: the article.
        start: where the sentence begins.
        end: where it ends.
        lang: ISO 639-1.
        is_first: whether it is the first of the article, where shapes count that are common elsewhere.
    """
    # "(ANSA) - ROMA, 05 MAG - Il governo …" has two.
    for _ in range(_MOST_DATELINES):
        head = text[start : min(end, start + _CHARS)]
        if not _SIGN.search(head):
            break
        found = _dateline(head, is_first=is_first)
        if not found and is_first:
            found = _SMALL.match(head)
            if found and not found["next"].isdigit() and found["next"].lower() not in stop_words(lang):
                found = None
        if not found:
            break
        start += found.end()
    return start
