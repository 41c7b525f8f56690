"""Which words of a title are offered to be hidden."""

from __future__ import annotations

import pytest

from bot.messages.keywords import title_words


@pytest.mark.parametrize(
    ("lang", "title", "offered"),
    [
        ("en", "Storm of 90 km shuts 12 miles of road on Monday night", ["Storm", "shuts", "road"]),
        ("en", "Grain prices fall on Earth", ["Grain", "prices", "fall", "Earth"]),
        ("de", "Sturm am Montag auf 90 Kilometer mit Sonnenblumen", ["Sturm", "Sonnenblumen"]),
        ("fr", "Tempête attendue lundi", ["Tempête", "attendue"]),
        ("xx", "Storm of 90 km", ["Storm", "of", "km"]),
    ],
)
def test_units_numbers_and_times_are_not_offered(lang: str, title: str, offered: list[str]) -> None:
    assert [word.word for word in title_words(title, lang)] == offered
