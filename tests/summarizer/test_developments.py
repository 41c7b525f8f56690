"""What is new to a reader, and what a publisher corrected."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer import Article, Sent, corrections, what_is_new
from summarizer.story.facts import read_facts
from tests.support.properties import examples

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)

CRACK = "Inspectors found a 40 cm crack in the Sable Bridge on Monday. "
COST = "The repair will cost 2.4 million crowns, the council said. "
FERRIES = "Ferries cross the river every 20 minutes until Friday. "


def article(name: str, text: str, *, hours: float = 0, lang: str = "en") -> Article:
    return Article(id=name, outlet=name, lang=lang, title="", text=text, published_at=NOON + timedelta(hours=hours))


TIDEWATCH = article("tidewatch", CRACK + COST + FERRIES)
SENT = Sent(sentences=(CRACK.strip(), COST.strip()), at=NOON)


def new_texts(*later: Article, since: Sent | datetime = SENT) -> list[str]:
    return [sentence.text for sentence in what_is_new((TIDEWATCH, *later), since).sentences]


def test_nothing_is_new_where_nothing_came() -> None:
    assert new_texts() == []
    assert what_is_new((), SENT).sentences == ()


def test_a_development_is_new_and_what_was_sent_is_not() -> None:
    lifting = "Engineers will lift the deck of the Sable Bridge with two cranes on Thursday."
    assert new_texts(article("kestrel", CRACK + lifting, hours=3)) == [lifting]


@pytest.mark.parametrize(
    "again",
    [
        "On Monday inspectors found a crack in the Sable Bridge.",
        "A 40 cm crack was found in the Sable Bridge by inspectors on Monday.",
        "The council said that the repair will cost 2.4 million crowns.",
        "Repairs will cost the council 2.4 million crowns.",
    ],
)
def test_an_old_sentence_in_other_words_is_not_new(again: str) -> None:
    assert new_texts(article("kestrel", again, hours=3)) == []


@pytest.mark.parametrize(
    "corrected",
    [
        "The repair will cost 24 million crowns, the council said.",
        "The repair will cost twelve million crowns, the council said.",
        "The repair will not cost 2.4 million crowns, the council said.",
    ],
)
def test_another_number_and_a_denial_are_new(corrected: str) -> None:
    assert new_texts(article("kestrel", corrected, hours=3)) == [corrected]


def test_a_number_in_words_is_the_same_number() -> None:
    sent = Sent(sentences=("Nine sheep were taken off the island by boat.",), at=NOON)
    assert new_texts(article("kestrel", "Boats took 9 sheep off the island.", hours=3), since=sent) == []


def test_a_number_that_changed_goes_before_all_that_was_added() -> None:
    sent = Sent(sentences=("Twelve people were killed when a train derailed near Halle, police said.",), at=NOON)
    story = (
        article("first", f"{sent.sentences[0]} The train came from Leipzig.", hours=-1),
        article(
            "second",
            "Fifteen people were killed when a train derailed near Halle, police said. Investigators believe that a "
            "broken rail caused the crash. Chancellor Anna Berg will visit the town on Tuesday morning.",
            hours=3,
        ),
    )
    assert what_is_new(story, sent, sentences=1).sentences[0].text.startswith("Fifteen people")
    assert len(what_is_new(story, sent).sentences) == 3


def test_what_a_later_report_copies_from_an_older_one_is_not_new() -> None:
    assert new_texts(article("copy", FERRIES, hours=3)) == []
    changed = FERRIES.replace("20 minutes", "45 minutes").strip()
    assert new_texts(article("kestrel", changed, hours=3)) == [changed]


@pytest.mark.parametrize(
    ("lang", "in_words", "in_digits"),
    [
        ("en", "Boats took twenty-five sheep off the island.", "Boats took 25 sheep off the island."),
        ("en", "Boats took two hundred sheep off the island.", "Boats took 200 sheep off the island."),
        ("fr", "Vingt-deux moutons ont quitté l'île.", "22 moutons ont quitté l'île."),
        ("uk", "З острова вивезли двадцять п'ять овець.", "З острова вивезли 25 овець."),
        ("fa", "۱۲۰۰ نفر با ۲٫۵ میلیون آمدند.", "1,200 نفر با 2.5 میلیون آمدند."),
        ("pl", "Z wyspy zabrano piętnaście owiec.", "Z wyspy zabrano 15 owiec."),
    ],
)
def test_a_number_is_the_same_however_it_is_written(lang: str, in_words: str, in_digits: str) -> None:
    assert read_facts(in_words, lang) == read_facts(in_digits, lang)


def test_what_an_older_report_left_out_is_not_new() -> None:
    assert new_texts(article("weirpost", "Cyclists will be diverted over the Mill Street footbridge.", hours=-1)) == []


def test_an_instant_stands_for_all_that_was_published_until_then() -> None:
    lifting = "Engineers will lift the deck with two cranes on Thursday."
    kestrel = article("kestrel", FERRIES + lifting, hours=3)
    assert new_texts(kestrel, since=NOON) == [lifting]
    assert new_texts(kestrel, since=NOON + timedelta(hours=3)) == []


def test_two_outlets_tell_a_development_once() -> None:
    first = article("kestrel", "Engineers will lift the deck with two cranes on Thursday.", hours=3)
    second = article("weirpost", "On Thursday engineers will lift the deck with two big cranes.", hours=4)
    assert len(new_texts(first, second)) == 1


@pytest.mark.parametrize(
    ("lang", "sent", "new"),
    [
        ("uk", "Ремонт мосту коштуватиме 24 млн крон.", "Інженери піднімуть настил мосту двома кранами в четвер."),
        ("de", "Die Reparatur der Brücke kostet 24 Millionen Kronen.", "Am Donnerstag heben zwei Kräne das Deck ab."),
        ("ja", "橋の修理には二千四百万クローネかかる。", "技術者は木曜日に起重機で床板を持ち上げる予定だ。"),
        ("ar", "ستكلف أعمال الجسر تسعة ملايين كرونة.", "سيرفع المهندسون سطح الجسر برافعتين يوم الخميس القادم."),
    ],
)
def test_other_languages_are_told_what_is_new(lang: str, sent: str, new: str) -> None:
    story = (article("a", sent, lang=lang), article("b", f"{sent} {new}", hours=2, lang=lang))
    texts = [sentence.text for sentence in what_is_new(story, Sent(sentences=(sent,), at=NOON)).sentences]
    assert texts == [new]


@examples(60)
@given(
    texts=st.lists(st.text(alphabet="abc Ab1.?! \n", max_size=100), min_size=1, max_size=3),
    sent=st.lists(st.text(alphabet="abc Ab1.", max_size=30), max_size=3),
)
def test_what_is_new_stands_in_its_article_and_was_not_sent(texts: list[str], sent: list[str]) -> None:
    story = [Article(id=str(number), text=text, lang="en") for number, text in enumerate(texts)]
    for sentence in what_is_new(story, Sent(sentences=tuple(sent))).sentences:
        assert texts[int(sentence.article)][sentence.start : sentence.end] == sentence.text
        assert sentence.text not in sent


def test_a_changed_sentence_is_paired_with_what_it_was() -> None:
    (pair,) = corrections(CRACK + COST + FERRIES, CRACK + COST.replace("2.4", "24") + FERRIES, lang="en")
    assert pair.was.text == COST.strip()
    assert pair.now.text == "The repair will cost 24 million crowns, the council said."
    assert pair.is_fact


def test_positions_of_a_correction_are_those_of_its_own_text() -> None:
    before, after = COST + CRACK, "An added line stands first. " + CRACK + COST.replace("2.4", "24")
    (pair,) = corrections(before, after, lang="en")
    assert before[pair.was.start : pair.was.end] == pair.was.text
    assert after[pair.now.start : pair.now.end] == pair.now.text


@pytest.mark.parametrize(
    ("was", "now", "is_fact"),
    [
        ("The mayor, Ada Cole, opened the pier.", "The mayor, Ada Stone, opened the pier.", True),
        ("The council did approve the plan for the pier.", "The council did not approve the plan for the pier.", True),
        ("The council has approved the plan for the pier.", "The council approved the big plan for the pier.", False),
    ],
)
def test_facts_are_told_from_wording(was: str, now: str, is_fact: bool) -> None:
    (pair,) = corrections(FERRIES + was, FERRIES + now, lang="en")
    assert (pair.was.text, pair.now.text, pair.is_fact) == (was, now, is_fact)


@pytest.mark.parametrize(
    "after",
    [
        CRACK + COST,
        CRACK.upper() + " " + COST,
        (CRACK + COST).replace(",", " -"),
        CRACK + COST + "Anglers asked for a new pier.",
        CRACK,
        COST + CRACK,
        "",
    ],
    ids=["same", "case", "punctuation", "added", "removed", "moved", "emptied"],
)
def test_other_changes_are_no_corrections(after: str) -> None:
    assert corrections(CRACK + COST, after, lang="en") == ()
