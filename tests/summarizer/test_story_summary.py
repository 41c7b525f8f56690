"""One summary out of several articles."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import Article, summarize_story

# The first example loads tables and models, which takes longer than hypothesis grants each.
LOADS_LAZILY = settings(deadline=None)

NOON = datetime(2024, 11, 5, 12, tzinfo=UTC)

GAZETTE = Article(
    id="gazette",
    outlet="Gazette",
    lang="en",
    title="Council votes to mend the old pier",
    published_at=NOON,
    text="The harbour council voted on Monday to mend the old pier. The work will cost nine million crowns. "
    "Ferries will land at the fish market until spring. The mayor was pleased with the vote of the council.",
)
HERALD = Article(
    id="herald",
    outlet="Herald",
    lang="en",
    title="Old pier will be mended",
    published_at=NOON + timedelta(hours=3),
    text="The old pier will be mended at a cost of nine million crowns, the harbour council decided. "
    "A concrete pier would have cost forty million. Anglers had asked for a new pier at the far end of the bay.",
)
TIMES = Article(
    id="times",
    outlet="Times",
    lang="en",
    title="Pier repairs put off",
    published_at=NOON + timedelta(hours=9),
    text="The repairs of the old pier were put off on Tuesday because the timber has not arrived. "
    "The harbour council will meet again on Friday. The supplier blames the storm for the delay of the timber.",
)
STORY = (GAZETTE, HERALD, TIMES)


def test_each_sentence_names_the_article_that_it_stands_in() -> None:
    texts = {article.id: article.text for article in STORY}
    summary = summarize_story(STORY, sentences=4)
    assert len(summary.sentences) == 4
    for sentence in summary.sentences:
        assert texts[sentence.article][sentence.start : sentence.end] == sentence.text


def test_the_newest_report_comes_first() -> None:
    assert summarize_story(STORY, sentences=3).sentences[0].article == "times"


def test_of_three_outlets_none_speaks_more_than_twice() -> None:
    said = [sentence.article for sentence in summarize_story(STORY, sentences=6).sentences]
    assert max(said.count(article.id) for article in STORY) <= 2
    assert len(said) >= 4


def test_the_same_report_in_two_papers_is_told_once() -> None:
    copy = Article(id="copy", outlet="Copy", lang="en", title=GAZETTE.title, text=GAZETTE.text, published_at=NOON)
    texts = [sentence.text for sentence in summarize_story((GAZETTE, copy), sentences=3).sentences]
    assert len(texts) == len(set(texts))


def test_no_articles_make_an_empty_summary() -> None:
    assert summarize_story(()).sentences == ()


@LOADS_LAZILY
@given(
    texts=st.lists(st.text(alphabet="ab Cd.?! \n", max_size=120), max_size=4),
    max_chars=st.integers(1, 200),
)
def test_any_articles_give_verbatim_sentences_within_the_budget(texts: list[str], max_chars: int) -> None:
    articles = [Article(id=str(i), text=text, lang="en") for i, text in enumerate(texts)]
    summary = summarize_story(articles, max_chars=max_chars)
    assert len(" ".join(sentence.text for sentence in summary.sentences)) <= max_chars
    for sentence in summary.sentences:
        assert texts[int(sentence.article)][sentence.start : sentence.end] == sentence.text
