"""One summary out of several articles."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer import Article, summarize_story
from summarizer.story.expectation import FEATURES, USUAL_TOKENS, WEIGHTS_FILE, expected_times, worth_of_times
from summarizer.story.reading import read_story
from tests.summarizer.articles import ENGLISH, count_chars

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
STORY_AND_MORE = (*STORY, ENGLISH)


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


def test_what_copies_of_one_report_say_stands_in_its_order() -> None:
    copies = [
        replace(TIMES, id=str(n), outlet=str(n), published_at=NOON + timedelta(hours=n), text=ENGLISH.text)
        for n in range(4)
    ]
    told = summarize_story(copies, max_chars=700).sentences
    assert len({sentence.article for sentence in told}) > 1
    assert [sentence.start for sentence in told] == sorted(sentence.start for sentence in told)


def test_where_no_sentence_fits_the_newest_reports_first_is_cut() -> None:
    (told,) = summarize_story(STORY, max_chars=30).sentences
    assert (told.article, told.text) == ("times", "The repairs of the old pier")
    assert TIMES.text[told.start : told.end] == told.text
    assert summarize_story(STORY, max_chars=1).sentences[0].text == "T"
    assert summarize_story(STORY, max_chars=30, cut=False).sentences == ()


def test_what_tells_little_is_taken_less_readily() -> None:
    line, other = "The anglers want a new pier", "A pier of stone would have cost the town forty million crowns"
    for mark in ".?":
        article = replace(TIMES, text=f"{line}{mark} {other}.", title="")
        told = [sentence.text for sentence in summarize_story((article, GAZETTE), sentences=3).sentences]
        assert (f"{line}{mark}" in told) is (mark == ".")


def test_no_articles_make_an_empty_summary() -> None:
    assert summarize_story(()).sentences == ()


@given(
    texts=st.lists(st.text(alphabet="ab Cd.?! \n", max_size=120), max_size=4),
    max_chars=st.integers(1, 200),
)
def test_any_articles_give_verbatim_sentences_within_the_budget(texts: list[str], max_chars: int) -> None:
    articles = [Article(id=str(i), text=text, lang="en") for i, text in enumerate(texts)]
    summary = summarize_story(articles, max_chars=max_chars)
    assert count_chars(" ".join(sentence.text for sentence in summary.sentences)) <= max_chars
    for sentence in summary.sentences:
        assert texts[int(sentence.article)][sentence.start : sentence.end] == sentence.text


def reports(*texts: str, hours: float = 0) -> list[Article]:
    return [
        Article(id=str(n), outlet=f"Paper {n}", lang="en", text=text, published_at=NOON + timedelta(hours=n * hours))
        for n, text in enumerate(texts)
    ]


def test_a_budget_of_words_is_kept_and_used() -> None:
    articles = reports(*(article.text for article in STORY_AND_MORE))
    for budget in (40, 80, 120):
        used = sum(len(sentence.text.split()) for sentence in summarize_story(articles, max_words=budget).sentences)
        assert 0.85 * budget <= used <= budget


def test_of_three_outlets_one_speaks_oftener_only_where_the_budget_asks_for_it() -> None:
    long, *short = (
        "The council met for hours about the old pier. Planks had come loose in the storm of October. "
        "A diver looked at the piles and found them sound. Nobody spoke for the plan of a concrete wharf. "
        "The treasurer warned that the fund was nearly empty. Ferries must land at the fish market for now.",
        "The pier will be mended before winter comes.",
        "Anglers in Westhaven asked for a new pier.",
    )
    articles = reports(long, *short)
    tight = [sentence.article for sentence in summarize_story(articles, max_chars=215).sentences]
    wide = [sentence.article for sentence in summarize_story(articles, max_chars=380).sentences]
    assert tight.count("0") <= 2
    assert wide.count("0") > 2
    assert set(wide) == {"0", "1", "2"}


def test_what_two_papers_say_in_other_words_is_told_once() -> None:
    articles = reports(
        "The Sable Bridge was shut on Monday after inspectors found a crack. Lorries queue at the ferry.",
        "On Monday the Sable Bridge was shut, after a crack was found by inspectors. A baker gave away tea.",
    )
    texts = [sentence.text for sentence in summarize_story(articles, sentences=4).sentences]
    assert sum("crack" in text for text in texts) == 1


@pytest.mark.parametrize(
    ("lang", "told", "again"),
    [
        ("ru", "Движение транспорта перекроют до весны.", "Транспортное движение будет перекрыто до весны."),
        (
            "de",
            "Der Stadtrat beschloss die Reparatur der Brücken.",
            "Die Brücke wird repariert, beschloss der Stadtrat.",
        ),
        ("uk", "Рух транспорту перекриють до весни.", "Транспортний рух перекрито до весни."),
    ],
)
def test_forms_of_a_word_are_one_word_to_tell_repetition(lang: str, told: str, again: str) -> None:
    articles = [Article(id=text, text=text, lang=lang) for text in (told, again)]
    assert len(summarize_story(articles, sentences=2).sentences) == 1


def test_of_two_numbers_the_newer_stands() -> None:
    articles = reports(
        "The repair of the bridge will cost 2 million crowns. Lorries queue at the ferry all day.",
        "The repair of the bridge will cost 24 million crowns. A baker gave away tea to the drivers.",
        hours=3,
    )
    texts = " ".join(sentence.text for sentence in summarize_story(articles, sentences=4).sentences)
    assert "24 million" in texts
    assert "2 million" not in texts
    assert "2 million" in " ".join(one.text for one in summarize_story(articles[:1], sentences=4).sentences)


TWELVE = (
    "Twelve people were killed when a train derailed near the town of Halle on Monday, police said. "
    "Another 40 were injured, some of them seriously. The train was on its way from Leipzig to Hanover."
)
FIFTEEN = (
    "Fifteen people were killed when a train derailed near the town of Halle on Monday, police said. "
    "At least 52 were injured. Investigators believe that a broken rail caused the crash."
)


def test_of_two_numbers_in_words_or_in_few_words_the_newer_stands() -> None:
    copy = f"LONDON, May 4 - {TWELVE}"
    articles = reports(TWELVE, copy, FIFTEEN, hours=2)
    texts = " ".join(sentence.text for sentence in summarize_story(articles, sentences=6).sentences)
    assert "Fifteen people" in texts
    assert "Twelve people" not in texts
    assert "40 were injured" not in texts


def test_a_count_of_sentences_lets_no_outlet_speak_more_than_twice() -> None:
    articles = [
        *(replace(article, outlet="Gazette") for article in STORY),
        *reports("Anglers in Westhaven asked for a new pier.", "Nobody spoke for the plan of a concrete wharf."),
    ]
    told = summarize_story(articles, sentences=8).sentences
    assert sum(sentence.article in {"gazette", "herald", "times"} for sentence in told) == 2


def test_a_story_in_two_languages_is_told_in_that_of_most_reports() -> None:
    german = Article(
        id="dpa",
        lang="de",
        published_at=NOON + timedelta(hours=9),
        text="Bei einem Zugunglück nahe Halle sind am Montag 15 Menschen ums Leben gekommen. Die Strecke ist gesperrt.",
    )
    articles = [*reports(TWELVE, FIFTEEN, hours=2), german]
    summary = summarize_story(articles, sentences=4)
    assert summary.lang == "en"
    assert len(summary.sentences) > 1
    assert "dpa" not in {sentence.article for sentence in summary.sentences}
    long = summarize_story(articles, max_chars=1000)
    assert "dpa" in {sentence.article for sentence in long.sentences}
    assert [sentence.article for sentence in summarize_story([german]).sentences] == ["dpa", "dpa"]


@pytest.mark.parametrize("first", [True, False])
def test_the_language_of_undated_reports_is_that_of_their_sentences(*, first: bool) -> None:
    # Texts so long that neither weighs more.
    english = replace(GAZETTE, published_at=None, text=" ".join(one.text for one in STORY) + " It is cold.")
    german = Article(
        id="bote",
        outlet="Bote",
        lang="de",
        text="Der Hafenrat hat am Montag beschlossen, den alten Pier vor dem Winter zu reparieren. Die Arbeiten kosten "
        "neun Millionen Kronen und dauern zwei Jahre. Ein Sturm hatte im Herbst ein Drittel der Planken fortgerissen. "
        "Die Fähren legen bis zum Frühjahr am Fischmarkt an. Ein Pier aus Beton hätte vierzig Millionen gekostet. "
        "Die Bürgermeisterin freute sich über den Beschluss. Angler hatten sich einen neuen Pier am anderen Ende der "
        "Bucht gewünscht. Der Rat trifft sich am Freitag wieder. Das Holz ist noch nicht da, der Händler gibt dem "
        "Sturm die Schuld an der Verspätung. Im Jahr 1911 wurde der Pier gebaut und seither zweimal ausgebessert.",
    )
    assert min(len(english.text), len(german.text)) >= 600
    articles = [english, german] if first else [german, english]
    langs = {one.id: one.lang for one in articles}
    summary = summarize_story(articles, sentences=4)
    assert len(summary.sentences) == 4
    assert {langs[one.article] for one in summary.sentences} == {summary.lang}
    assert summary.lang == articles[-1].lang


def test_a_line_in_another_language_is_not_the_storys() -> None:
    line = Article(id="line", lang="de", text="Mehr dazu in Kürze.", published_at=NOON + timedelta(hours=9))
    assert summarize_story([*reports(TWELVE), line]).lang == "en"


def test_what_several_outlets_report_goes_before_what_one_does() -> None:
    articles = reports(
        "A cat sat on the mayor's chair all morning. Inspectors found a deep crack in the bridge.",
        "Nine swans slept under the arches of the town hall. The bridge has a deep crack, inspectors found.",
        "Rain is due in the hills on Thursday evening. The deep crack in the bridge was found by inspectors.",
    )
    (told,) = summarize_story(articles, sentences=1).sentences
    assert "crack" in told.text


def test_what_one_outlet_says_again_and_again_counts_once() -> None:
    cat = (
        "A cat sat on the mayor's chair all morning long.",
        "The mayor's chair was where a cat sat all morning.",
        "All morning a cat sat on the chair of the mayor.",
    )
    crack = (
        "Inspectors found a deep crack in the old bridge.",
        "The old bridge has a deep crack, inspectors found.",
        "A deep crack in the old bridge was found by inspectors.",
    )
    one = [replace(article, id=f"cat {article.id}", outlet="One") for article in reports(*cat)]
    for articles in ([*one, *reports(*crack)], [*reports(*crack), *one]):
        assert "crack" in summarize_story(articles, sentences=1).sentences[0].text


def test_a_brief_summary_is_no_longer_than_a_filled_one() -> None:
    articles = reports(*(article.text for article in STORY_AND_MORE))
    brief, filled = (summarize_story(articles, max_words=150, brief=brief) for brief in (True, False))
    assert 1 <= len(brief.sentences) <= len(filled.sentences)


def test_a_name_in_place_of_a_headline_is_no_headline() -> None:
    named = [replace(article, title=article.id) for article in STORY]
    bare = [replace(article, title="") for article in STORY]
    assert summarize_story(named, sentences=3) == summarize_story(bare, sentences=3)


def test_articles_without_a_word_are_passed_over() -> None:
    empty = [Article(id="none", text="", lang="en"), Article(id="marks", text="?! ... \n --", lang="en")]
    assert summarize_story([*empty, GAZETTE], sentences=2) == summarize_story([GAZETTE], sentences=2)
    assert summarize_story(empty, sentences=2).sentences == ()


def test_the_shipped_weights_fit_the_features() -> None:
    stored = json.loads((files("summarizer.story") / WEIGHTS_FILE).read_text(encoding="utf-8"))
    assert set(stored["features"]) == set(FEATURES)
    reading = read_story(STORY, ["en"] * 3)
    assert reading is not None
    mean = expected_times(reading, USUAL_TOKENS)
    worth = worth_of_times(mean, reading.stop)
    assert (worth[:, :-1] >= worth[:, 1:]).all()
    # The chances of a first time, a second time, and so on, add up to the mean.
    rare = mean < 5.0
    assert abs(worth.sum(1) - mean)[rare].max() < 0.05
