"""Each screen of the settings and what it changes: the table's rows in their order.

The digest's screen comes with digests. That Delete all leaves no trace is in ``test_departure.py``, the files of Export
in ``test_export.py``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.support.shown import labels

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.paper import Paper
    from tests.support.people import Person
    from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def open_screen(reader: Person, button: str, *words: str) -> dict:  # type: ignore[type-arg]
    await reader.ask("/settings", "English, UTC, medium.")
    await reader.tap(button)
    return await reader.wait_for(*words)


async def test_home_says_how_the_chat_is_set_and_closes_to_one_line(town: Town) -> None:
    reader = await town.add_person()
    home = await reader.ask("/settings", "English, UTC, medium. At once.")
    assert labels(home) == [
        "Language",
        "Time zone",
        "Length",
        "Delivery",
        "Quiet hours",
        "Daily cap",
        "Pictures: off",
        "My data",
        "Done",
    ]
    await reader.tap("Done")

    async def is_closed() -> bool:
        return not any(message["keyboard"] for message in await reader.read())

    await town.wait_until(is_closed)


async def test_language_is_spoken_at_once_and_back_again(town: Town) -> None:
    reader = await town.add_person()
    await open_screen(reader, "Language", "Which language shall I speak?")
    assert await reader.tap("Українська") == "Збережено."
    changed = await reader.wait_for("Якою мовою мені говорити?")
    assert "✓ Українська" in labels(changed)
    assert await reader.tap("English") == "Saved."


async def test_time_zone_by_a_city_a_wrong_one_and_a_clock(town: Town) -> None:
    reader = await town.add_person()
    await open_screen(reader, "Time zone", "in UTC. Otherwise send a city")
    await reader.ask("Kiyv", "I know no “Kiyv”. Send a city.")
    assert await reader.tap("Europe/Kyiv") == "Saved."
    await reader.wait_for("Time zone: Europe/Kyiv, where it is")
    await reader.ask("/settings", "English, Europe/Kyiv, medium.")
    await reader.tap("Time zone")
    await reader.ask("Tokyo", "Time zone: Asia/Tokyo")
    await reader.ask("/settings Berlin", "Time zone: Europe/Berlin")
    await reader.ask("/settings", "Europe/Berlin")
    await reader.tap("Time zone")
    shown = datetime.now(tz=UTC).astimezone(ZoneInfo("Asia/Kathmandu")).strftime("%H:%M")
    await reader.ask(shown, "Which of these is yours? If none is, send a city.")
    await reader.tap("Kathmandu")
    await reader.wait_for("Time zone: Asia/Kathmandu")


async def test_a_link_pasted_instead_of_a_city_is_read_as_a_link(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    await open_screen(reader, "Time zone", "Otherwise send a city")
    await reader.ask(paper.feed, f"{paper.name} added")


async def test_length_decides_how_much_of_a_story_is_told(town: Town, new_paper: Callable[..., Paper]) -> None:
    short, long = await town.add_person(), await town.add_person()
    paper = new_paper()
    for reader, button in ((short, "Short"), (long, "Long")):
        await open_screen(reader, "Length", "How long shall a story be?")
        assert await reader.tap(button) == "Saved."
        await reader.ask(paper.feed, f"{paper.name} added")
    paper.publish("Tolls fall in May")
    told = [await reader.wait_for("Tolls fall in May") for reader in (short, long)]
    assert len(told[0]["text"]) < len(told[1]["text"])


async def test_delivery_muted_stories_come_without_a_sound(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    await open_screen(reader, "Delivery", "How shall stories come?")
    assert await reader.tap("Muted") == "Saved."
    await reader.ask(paper.feed, f"{paper.name} added")
    paper.publish("Bell tower is mended")
    story = await reader.wait_for("Bell tower is mended")
    assert story["silent"]


async def test_quiet_hours_hold_stories_back_until_shown(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    await reader.ask(paper.feed, f"{paper.name} added")
    await open_screen(reader, "Quiet hours", "No quiet hours")
    assert await reader.tap("22:00") == "Saved."
    screen = await reader.wait_for("22:00–7:00. Breaking news waits.")
    # Around the present hour, as a tap on From and To would set it.
    now = datetime.now(tz=UTC)
    start, end = (now - timedelta(hours=1)).hour * 60, (now + timedelta(hours=2)).hour * 60
    await reader.tap_data(screen["id"], f"1:set.quiet:0:{start}-{end}-0", forged=True)
    paper.publish("Heron nests at the weir")

    async def is_waiting() -> bool:
        await reader.tap_data(screen["id"], "1:set.show:0:quiet", forged=True)
        messages = await reader.read()
        return any("1 story waits." in message["text"] for message in messages)

    await town.wait_until(is_waiting)
    assert not any("Heron nests" in message["text"] for message in await reader.read())
    await reader.ask("/start", "Welcome back.", f"Quiet until {end // 60:02}:00; 1 story waits.")
    assert await reader.tap("Show now") == "1 story follows."
    await reader.wait_for("Heron nests at the weir")
    other = new_paper()
    other.publish("Kite lands on the roof")
    then = f"Quiet until {end // 60:02}:00; its newest story comes then."
    await reader.ask(other.feed, f"{other.name} added. {then}")
    await reader.ask("/subscriptions", "2 feeds. Tap one to change it.")
    await reader.tap(other.name)
    await reader.wait_for(f"Quiet until {end // 60:02}:00; its stories come then.")
    assert not any("Kite lands" in message["text"] for message in await reader.read())
    await reader.tap("Off")
    await reader.wait_for("No quiet hours")


async def test_daily_cap_keeps_the_rest_for_the_next_day(town: Town) -> None:
    reader = await town.add_person()
    await open_screen(reader, "Daily cap", "Any number of stories a day.")
    assert await reader.tap("20") == "Saved."
    await reader.wait_for("20 stories a day; the rest waits for the next day.")
    await reader.ask("/settings", "20 a day at most.")


async def test_pictures_are_switched_on_and_off(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    await reader.ask(paper.feed, f"{paper.name} added")
    await reader.ask("/settings", "English, UTC, medium.")
    assert await reader.tap("Pictures: off") == "Saved."
    await reader.wait_for("English, UTC")
    paper.publish("Mural is unveiled")
    await reader.wait_for("Mural is unveiled")
    assert await reader.tap("Pictures: on") == "Saved."


async def test_my_data_leads_to_privacy_and_delete_me_asks_once(town: Town) -> None:
    reader = await town.add_person()
    await open_screen(reader, "My data", "Stored about this chat: its id;")
    await reader.tap("Privacy")
    await reader.wait_for("Not stored: names")
    await reader.tap("Back")
    await reader.wait_for("Stored about this chat: its id;")
    await reader.tap("Delete me")
    asked = await reader.wait_for("Delete all settings of this chat for good?")
    assert labels(asked) == ["Delete all", "Keep"]
    await reader.tap("Keep")
    await reader.wait_for("Kept: 0 feeds.")


async def test_a_forged_setting_changes_nothing(town: Town) -> None:
    reader = await town.add_person()
    home = await reader.ask("/settings", "English, UTC, medium.")
    for data in (
        "1:set.lang:0:xx",
        "1:set.len:0:4000",
        "1:set.cap:0:-1",
        "1:set.quiet:0:60-60-0",
        "1:set.quiet:0:9999-1-0",
        "1:set.zone:0:../../etc/passwd",
    ):
        assert await reader.tap_data(home["id"], data, forged=True) == "This button has expired. Send /help."
    await reader.ask("/settings", "English, UTC, medium. At once.")
