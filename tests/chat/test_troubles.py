"""What is said of texts and addresses that cannot be taken."""

from __future__ import annotations

import pytest

from bot.chat.turn.retries import front_page_of
from bot.chat.turn.troubles import TextTooLong, say_trouble
from bot.messages.speech import speech
from bot.news.errors import WorkerTimeout


@pytest.mark.parametrize(
    ("chars", "words"),
    [
        pytest.param(1_234_567, "1.2 million characters; I take 200,000.", id="millions, as people say them"),
        pytest.param(200_001, "200,001 characters; I take 200,000.", id="just too long"),
    ],
)
def test_too_long(chars: int, words: str) -> None:
    assert say_trouble(speech("en"), TextTooLong(chars), url="") == words


def test_text_that_takes_too_long_may_be_sent_again() -> None:
    assert say_trouble(speech("en"), WorkerTimeout(8.0), url="") == "That took me too long just now. Send it again."


@pytest.mark.parametrize(
    ("url", "front"),
    [
        ("https://tidewatch.example/news/1", "https://tidewatch.example/"),
        ("https://tidewatch.example/?page=2", "https://tidewatch.example/"),
        ("http://tidewatch.example:8080/a", "http://tidewatch.example:8080/"),
        ("https://reader:secret@tidewatch.example/a", "https://tidewatch.example/"),
        ("https://tidewatch.example/", ""),
        ("https://tidewatch.example", ""),
        ("ftp://tidewatch.example/a", ""),
        ("https://[broken/a", ""),
    ],
)
def test_front_page_of_an_address(url: str, front: str) -> None:
    assert front_page_of(url) == front
