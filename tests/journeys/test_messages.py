"""Each kind of message as it arrives: a single article, a story of several outlets, its edit, a correction.

A push stands in ``test_editor.py``, a list of what was searched in ``test_keyboards.py``; a digest comes with digests.
Lengths, entities and the way lines run are tried on any text in ``tests/messages``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.support.paper import Paper, harbour_report
from tests.support.shown import links_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.town import Town


pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_single_article_leads_with_its_title_and_quotes_word_for_word(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, paper = await town.add_person(), new_paper()
    report = paper.publish("Timber fills the sheds")
    said = await reader.ask(paper.feed, f"{paper.name} added. Its newest story follows.")
    story = await reader.wait_for("Timber fills the sheds", after=said["id"])
    title, body, source = story["text"].split("\n\n")
    assert title == "Timber fills the sheds"
    assert re.fullmatch(rf"{paper.name} · \d\d:\d\d", source)
    sentences = [f"{part.rstrip('.')}." for part in body.split(". ")]
    assert sentences
    assert all(sentence in report.text.replace("\n", " ") for sentence in sentences)
    assert [entity["type"] for entity in story["entities"]] == ["bold", "text_link"]
    (address,) = links_of(story)
    first_words = quote(" ".join(sentences[0].split()[:6]), safe="")
    assert address.startswith(f"{report.url}#:~:text={first_words}")
    sent = [line for line in await town.ledger(method="sendMessage", chat=reader.id) if "Timber fills" in line["text"]]
    assert len(sent) == 1


async def test_story_of_two_outlets_is_one_message_that_is_edited_in_silence(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, first, second = await town.add_person(), new_paper("Bridge Courier"), new_paper("River Herald")
    for paper in (first, second):
        await reader.ask(paper.feed, f"{paper.name} added. It is empty yet")
    title = "Old lighthouse gets a new lamp"
    first.publish(title)
    told = await reader.wait_for(title)
    second.publish(title)
    edited = await town.became(reader.id, told, "Bridge Courier", "River Herald")
    head, body, foot = edited["text"].split("\n\n")
    assert re.fullmatch(rf"{title}\nUpdated \d\d:\d\d", head)
    assert all(re.search(r"\. \((Bridge Courier|River Herald)\)$", line) for line in body.splitlines())
    assert re.fullmatch(r"Sources: Bridge Courier · River Herald · \d\d:\d\d", foot)
    assert {entity["type"] for entity in edited["entities"]} == {"bold", "italic", "text_link"}
    assert sum(title in message["text"] for message in await reader.read()) == 1


async def test_correction_article_edited_by_its_publisher_is_shown_as_a_correction(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, paper = await town.add_person(), new_paper()
    paper.publish("Toll house stays")
    await reader.ask(paper.feed, f"{paper.name} added")
    await reader.wait_for("Toll house stays")
    was = "Most of the cargo was timber from the upper valley, which has waited 5 weeks for the river to fall."
    report = paper.publish("Timber comes down the river", harbour_report(paper.name, 3), teaser=was)
    told = await reader.wait_for("Timber comes down the river", was)
    paper.correct(report, "waited 5 weeks", "waited 15 weeks")
    corrected = await town.wait_for_message(
        reader.id, lambda each: each["id"] == told["id"] and each["text"].startswith("Corrected ")
    )
    first, _, rest = corrected["text"].partition("\n\n")
    assert first.endswith(" · Timber comes down the river")
    assert rest.startswith(f"Now: {was.replace('5', '15')} ({paper.name})\nWas: {was}\n\n")
    assert f"\n\nSources: {paper.name} · " in rest
    struck = [each for each in corrected["entities"] if each["type"] == "strikethrough"]
    assert len(struck) == 1
