"""The bot is killed or stopped in the middle of a push: nobody gets it twice, and everybody is accounted for."""

from __future__ import annotations

import asyncio
import re
import signal
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.support.shown import find_button

if TYPE_CHECKING:
    from tests.support.people import Person
    from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")

PEOPLE = 60
MOST_UNKNOWN = 64
TITLE = "Sirens are tested at noon"


async def invite_everybody(town: Town) -> list[Person]:
    """Let many people press Start, and wait until each has been welcomed."""
    people = [await town.add_person(f"Reader {number}") for number in range(PEOPLE)]
    await asyncio.gather(*(person.say("/start") for person in people))

    async def all_are_welcomed() -> bool:
        return len(await copies(town, "Paste a news site")) == PEOPLE

    await town.wait_until(all_are_welcomed)
    return people


async def copies(town: Town, title: str) -> Counter[int]:
    """Count by chat the messages that begin so, as Telegram's ledger has them, answered or not."""
    lines = await town.ledger(method="sendMessage")
    return Counter(line["chat_id"] for line in lines if line["carried_out"] and line["text"].startswith(title))


async def begin_push(town: Town, waiting: Person) -> tuple[Person, int]:
    """Push to everybody and wait until some have it; give the editor and the question's message id.

    Args:
        town: where.
        waiting: whom it cannot reach until Telegram is mended, so that it has not ended before.
    """
    await town.arm("too_many", method="sendMessage", chat_id=waiting.id, retry_after_s=1, times=None)
    editor = await town.add_editor()
    sent = await editor.say(f"/push {TITLE}\nNobody need worry.")
    question = await editor.review_push(await editor.wait_for(", draft.", after=sent))
    await editor.tap_data(question["id"], find_button(question, "Send to") or "")

    async def is_under_way() -> bool:
        return len(await copies(town, TITLE)) >= PEOPLE // 5

    await town.wait_until(is_under_way)
    return editor, int(question["id"])


@dataclass(frozen=True, slots=True)
class Figures:
    """What a report counts."""

    sent: int
    total: int
    unknown: int


async def report_of(editor: Person, question_id: int) -> Figures:
    """Wait for the report; give its figures."""
    report = await editor.wait_for("delivered in", after=question_id - 1, timeout_s=30)
    counted = re.match(r"(\d+) of (\d+) delivered", report["text"])
    assert counted, report["text"]
    unknown = re.search(r"(\d+) unknown", report["text"])
    return Figures(int(counted[1]), int(counted[2]), int(unknown[1]) if unknown else 0)


async def test_kill_in_the_middle_of_a_push_doubles_nothing_and_loses_nothing_silently(own_town: Town) -> None:
    people = await invite_everybody(own_town)
    editor, question_id = await begin_push(own_town, people[-1])
    await own_town.bot.restart(signal.SIGKILL)
    await own_town.mend()

    figures = await report_of(editor, question_id)
    got = await copies(own_town, TITLE)
    reached = {person.id for person in people} & set(got)
    assert max(got[person.id] for person in people) == 1
    # The editor is a reader too, whose chat also shows the preview: one more of everybody, and one more copy.
    assert got[editor.id] <= 2
    assert figures.unknown <= MOST_UNKNOWN
    assert figures.total == PEOPLE + 1
    assert figures.sent + figures.unknown == figures.total, "everybody is delivered or unknown"
    assert PEOPLE - len(reached) <= figures.unknown, "whoever did not get it is among the unknown"
    said = f"{figures.unknown} deliver" if figures.unknown else "No uncertain deliveries"
    await editor.ask("/unknown", said)


async def test_stop_in_the_middle_of_a_push_leaves_nothing_unknown_and_the_rest_for_the_next_start(
    own_town: Town,
) -> None:
    people = await invite_everybody(own_town)
    editor, question_id = await begin_push(own_town, people[-1])
    took_s = await own_town.bot.stop(signal.SIGTERM)
    assert took_s < 20
    await own_town.mend()
    await own_town.bot.start()
    figures = await report_of(editor, question_id)
    assert figures == Figures(sent=PEOPLE + 1, total=PEOPLE + 1, unknown=0)
    got = await copies(own_town, TITLE)
    assert {person.id: got[person.id] for person in people} == dict.fromkeys((person.id for person in people), 1)
    await editor.ask("/unknown", "No uncertain deliveries")


async def test_command_whose_answer_a_kill_cut_off_is_carried_out_once(own_town: Town) -> None:
    """FAULTS 42."""
    reader = await own_town.add_person()
    await own_town.arm("slow", method="sendMessage", chat_id=reader.id, delay_s=5)
    await reader.say("/start")
    await reader.wait_for("Paste a news site")  # it has left, and Telegram has not answered yet
    await own_town.bot.restart(signal.SIGKILL)
    await reader.ask("/id", str(reader.id))
    assert len(await reader.read()) == 2
