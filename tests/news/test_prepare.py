"""What is quoted of a text that somebody wrote, and of a short article."""

from bot.news.pages.prepare import choose_sentences, prepare_text

WATER = (
    "The water is off in Weir Lane and Salt Street on Wednesday from nine to noon. "
    "The waterworks is replacing a valve from 1931. "
    "A tank wagon stands at the church. "
    "Boil water for the first hour afterwards."
)


def test_a_short_text_of_ones_own_is_told_by_what_it_is_about() -> None:
    for most in (100, 200, 400):
        told = [sentence.text for sentence in prepare_text(WATER, max_chars=most).sentences]
        assert told == [WATER[:77]]


def test_of_a_short_article_at_most_a_third_is_quoted_or_one_sentence() -> None:
    told = choose_sentences(WATER, title="", lang="en", max_chars=400)
    assert [sentence.text for sentence in told] == [WATER[:77]]
