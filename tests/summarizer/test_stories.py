"""Which articles are told to be one story."""

from datetime import UTC, datetime, timedelta

import pytest

from summarizer import Article, Stories
from summarizer.story.clustering import normalised_title

NOON = datetime(2024, 11, 5, 12, tzinfo=UTC)


def article(number: int, title: str = "", url: str | None = None, *, hours: float = 0) -> Article:
    return Article(id=f"a{number}", title=title, text="", url=url, published_at=NOON + timedelta(hours=hours))


def test_the_same_headline_at_two_outlets_is_one_story() -> None:
    stories = Stories()
    first = stories.assign(article(1, "Council votes to mend the old pier", "https://one.example/pier"))
    second = stories.assign(article(2, "COUNCIL VOTES to mend the old pier - The Gazette", "https://two.example/p"))
    assert first == second == "a1"


def test_the_same_address_is_one_story_under_any_headline() -> None:
    stories = Stories()
    stories.assign(article(1, "Council votes to mend the old pier", "https://one.example/pier"))
    assert stories.assign(article(2, "Pier saved", "https://one.example/pier")) == "a1"


def test_other_headlines_start_other_stories() -> None:
    stories = Stories()
    stories.assign(article(1, "Council votes to mend the old pier"))
    assert stories.assign(article(2, "Council votes to mend the new pier")) == "a2"


def test_a_headline_that_returns_after_days_starts_a_new_story() -> None:
    stories = Stories()
    stories.assign(article(1, "Ten things to know this morning"))
    assert stories.assign(article(2, "Ten things to know this morning", hours=24 * 4)) == "a2"


def test_a_story_that_goes_on_stays_one() -> None:
    stories = Stories()
    for day in range(5):
        assert stories.assign(article(day, "Council votes to mend the old pier", hours=day * 48)) == "a0"


@pytest.mark.parametrize("title", ["", "Weather", "Live updates", "Morning news - The Gazette", "!!! ???"])
def test_headlines_that_tell_nothing_join_nothing(title: str) -> None:
    stories = Stories()
    stories.assign(article(1, title))
    assert stories.assign(article(2, title)) == "a2"


def test_articles_without_times_are_joined_by_headline() -> None:
    stories = Stories()
    title = "Рада порту полагодить старий пірс"
    stories.assign(Article(id="x", title=title, text=""))
    assert stories.assign(Article(id="y", title=title, text="")) == "x"


@pytest.mark.parametrize(
    ("title", "normal"),
    [
        ("Council  votes: mend the PIER!", "council votes mend the pier"),
        ("Council votes to mend pier | Harbour Gazette", "council votes to mend pier"),
        ("Рада вирішила полагодити пірс — Гавань", "рада вирішила полагодити пірс"),
        ("Pier", ""),
    ],
)
def test_headlines_are_reduced_to_their_words(title: str, normal: str) -> None:
    assert normalised_title(title) == normal
