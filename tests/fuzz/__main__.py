"""Any bytes as a text, a headline, a language and budgets: ``python -m tests.fuzz [libFuzzer's options]``.

Needs the ``fuzz`` extra. What it finds is written to ``crash-…`` in the working folder; give that file's name as an
argument to see it again.
"""

from __future__ import annotations

import sys

import atheris
import regex

with atheris.instrument_imports(include=["summarizer"]):
    from summarizer import (
        Article,
        Document,
        Method,
        Sent,
        corrections,
        explain,
        explain_story,
        summarize,
        summarize_many,
        summarize_story,
        what_is_new,
    )
    from summarizer.cleaning.report import clean
    from summarizer.text.sentences import split_sentences

LANGS = (None, "en", "de", "fr", "es", "uk", "ru", "ar", "fa", "hi", "zh", "ja", "ko", "vi", "tr", "xx", "")
METHODS = (Method.NEWS, Method.NEWS, Method.LEAD, Method.LEXRANK, Method.TEXTRANK)

# Random characters seldom make sentences; these do.
PARTS = (
    "The harbour council voted on Monday to mend the old pier. ",
    "«Так», — сказав він. ",
    '"Why?" she said. ',
    "Mr. ",
    "U.S. ",
    "2015 р. ",
    "橋は閉鎖された。",
    "「行く。」と",
    "مجلس الميناء قرر؟ ",
    "पुल बंद है। ",
    "(CNN) — ",
    "LONDON, May 3 (AP) - ",
    "Read more: ",
    "By Anna Harlow\n",
    "… ",
    "\n",
    "\u2028",
    "\ud800",
    "\x00",
    "\u202e",
    "İ",
    "e\u0301",
    "。“",
    "ﾊﾞ",
    "\u200f",
    "ए. ",
    "Fifteen people were killed. ",
    "12 people were killed. ",
    "👨‍👩‍👧",
    "A SHOUTED HEADING ",
    "the endThe start of it all ",
    "3.5 ",
    "- ",
    "(",
    ")",
    "“",
    "”",
    "„",
    "'",
    "a.B",
    "14:05 5 May 2024. ",
    "x" * 50,
    " ",
)


def check(data: bytes) -> None:
    """Summarise what the bytes say; whatever it is, the promises hold."""
    source = atheris.FuzzedDataProvider(data)
    lang = source.PickValueInList(list(LANGS))
    method = source.PickValueInList(list(METHODS))
    budget = source.ConsumeIntInRange(1, 600)
    text = "".join(
        source.PickValueInList(list(PARTS)) if source.ConsumeBool() else source.ConsumeUnicode(12)
        for _ in range(source.ConsumeIntInRange(0, 60))
    )
    title = source.ConsumeUnicode(40)
    spans = split_sentences(text, lang or "en")
    rest, last = [], 0
    for start, end in spans:
        rest.append(text[last:start])
        assert last <= start < end, "sentences overlap"
        last = end
    assert not "".join([*rest, text[last:]]).strip(), "a character is in no sentence"
    pieces = clean(text, spans, lang or "en")
    assert bool(pieces) == bool(spans), "cleaning left nothing"
    document = Document(text=text, title=title, lang=lang)
    brief = source.ConsumeBool()
    summary = summarize(document, max_chars=budget, method=method, brief=brief)
    _hold([(one.text, text, one.start, one.end) for one in summary.sentences], budget)
    assert len(explain(document, summary)) == len(summary.sentences)
    many = summarize_many([document, Document(text=title), document], max_chars=budget, method=method, brief=brief)
    assert [*many][::2] == [summary, summary], "what stands beside a document changes its summary"
    articles = [
        Article(id=str(n), text=part, title=title, lang=lang) for n, part in enumerate((text, title, text[::2]))
    ]
    texts = {article.id: article.text for article in articles}
    story = summarize_story(articles, max_chars=budget)
    _hold([(one.text, texts[one.article], one.start, one.end) for one in story.sentences], budget)
    assert len(explain_story(articles, story)) == len(story.sentences)
    sent = tuple(one.text for one in summary.sentences)
    news = what_is_new(articles, Sent(sentences=sent), max_chars=budget)
    _hold([(one.text, texts[one.article], one.start, one.end) for one in news.sentences], budget)
    assert not {one.text for one in news.sentences} & set(sent), "what was sent is not new"
    for pair in corrections(text, text[::2] + title, lang=lang):
        assert text[pair.was.start : pair.was.end] == pair.was.text, "what was corrected does not stand in its text"


def _hold(found: list[tuple[str, str, int, int]], budget: int) -> None:
    for sentence, text, start, end in found:
        assert text[start:end] == sentence, "a sentence does not stand in its text"
    joined = " ".join(sentence for sentence, *_ in found)
    assert len(regex.findall(r"\X", joined)) <= budget, "the budget is not kept"


def main() -> None:
    """Hand over to libFuzzer."""
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
