"""Who gets in: invitations that work once, the newsroom's people, and whom it has shut out."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.people import EDITOR_ID, Person
from tests.support.shown import buttons_of, find_button
from tests.support.town import TOKEN, Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.forking import ForkServer
    from tests.support.shown import Message

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def club(forks: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """A town whose bot is by invitation."""
    async with Town(forks, tmp_path_factory.mktemp("club"), settings={"NEWSGIST_ACCESS": "invite"}) as town:
        yield town


OWNER = "Edwin Holt"


def labels(message: Message) -> list[str]:
    return [button["text"] for button in buttons_of(message)]


async def invite(owner: Person, whom: str) -> str:
    """Let an owner make an invitation; give what its link sends."""
    before = await owner.ask("/editors", "Owners:")
    await owner.tap(f"Invite {whom}")
    link = await owner.wait_for("t.me/newsgist_sandbox_bot?start=e_", after=before["id"])
    found = re.search(r"start=(e_\S+)", link["text"])
    assert found is not None
    return f"/start {found[1]}"


async def test_uninvited_are_told_how_to_get_in_and_may_still_leave(club: Town) -> None:
    stranger = await club.add_person("Sten")
    await stranger.ask("/start", "This bot is by invitation.", str(stranger.id))
    await stranger.ask("/latest", "This bot is by invitation.")
    await stranger.ask("https://tidewatch.example", "This bot is by invitation.")
    await stranger.ask("/id", f"Your id: {stranger.id}")
    await stranger.ask("/delete_me", " for good")
    await stranger.tap("Delete all")
    await stranger.wait_for("Deleted.")


async def test_invitation_lets_one_reader_in_once(club: Town) -> None:
    owner, first, second = Person(EDITOR_ID, club), await club.add_person("Ada"), await club.add_person("Ben")
    begin = await invite(owner, "a reader")
    await first.ask(begin, "Paste a news site")
    await first.ask("/subscriptions", "You follow nothing yet.")
    await second.ask(begin, "This invitation is used up or too old. Ask for a new one.")
    await second.ask("/subscriptions", "This bot is by invitation.")


async def test_editors_invitation_makes_an_editor_whom_an_owner_removes(club: Town) -> None:
    owner, newcomer = Person(EDITOR_ID, club), await club.add_person("Nell")
    begin = await invite(owner, "an editor")
    await owner.ask(begin, "You are in already. Send this link on; it works for one person.")
    await newcomer.ask(begin, "You belong to the newsroom now.")
    await club.wait_until(lambda: _sees_push(newcomer))
    await newcomer.ask("/push Hello there\nAll of you.", "draft.", timeout_s=60)
    listed = await newcomer.ask("/editors", f"Editors: Nell {newcomer.id} (you)")
    assert labels(listed) == [], "only owners invite and remove"
    await owner.ask("/editors", str(newcomer.id))
    assert await owner.tap(f"Remove {newcomer.id}") == f"{newcomer.id} is no editor any more."
    await newcomer.ask("/stats", " is for the newsroom.")
    assert await _menu_of(newcomer) == [], "everybody's menu is shown again"
    audit = await owner.ask("/audit", "What was done last")
    first, second, third = audit["text"].splitlines()[1:4]
    # Who has left goes by their number again: names are asked of Telegram, and not kept.
    assert first.endswith(f" · {OWNER} {EDITOR_ID} (you) · {newcomer.id} removed from the newsroom.")
    assert second.endswith(f" · {newcomer.id} · Joined the newsroom, invited by {OWNER} {EDITOR_ID}.")
    assert third.endswith(f" · {OWNER} {EDITOR_ID} (you) · One new editor invited.")


async def test_editor_who_asks_to_be_forgotten_leaves_the_newsroom(club: Town) -> None:
    owner, editor = Person(EDITOR_ID, club), await club.add_person("Lee")
    await editor.ask(await invite(owner, "an editor"), "You belong to the newsroom now.")
    await club.wait_until(lambda: _sees_push(editor))
    invitation = await invite(owner, "a reader")
    question = await editor.ask("/delete_me", " for good")
    assert question["text"].endswith("\nYour place in the newsroom goes too.")
    await editor.tap("Delete all")
    await editor.wait_for("Deleted. /start begins anew.")

    async def has_everybodys_menu() -> bool:
        return await _menu_of(editor) == []

    await club.wait_until(has_everybodys_menu)
    await editor.ask("/push Hello there", "This bot is by invitation.")
    await editor.ask(invitation, "Paste a news site")
    await editor.ask("/push Hello there", "/push is for the newsroom.")
    listed = await owner.ask("/editors", "Owners:")
    assert str(editor.id) not in listed["text"]
    await owner.ask("/audit", f"{editor.id} · Left the newsroom.")
    await owner.ask("/delete_me", "You stay an owner: whoever runs me has set that.")
    await owner.tap("Keep")


async def _menu_of(person: Person) -> list[str]:
    """List the commands that stand in the menu of one person's chat alone."""
    scope = {"type": "chat", "chat_id": person.id}
    answer = await person.town.post(f"/bot{TOKEN}/getMyCommands", {"scope": scope})
    return [command["command"] for command in answer["result"]]


async def _sees_push(person: Person) -> bool:
    return {"push", "feeds", "subscribe"} <= set(await _menu_of(person))


async def test_group_is_let_in_with_who_was_invited(club: Town) -> None:
    owner, guest, stranger = Person(EDITOR_ID, club), await club.add_person("Gus"), await club.add_person("Sue")
    await guest.ask(await invite(owner, "a reader"), "Paste a news site")
    group = await club.add_group("Guests", {guest: "creator"}, type="supergroup", added_by=guest.id)
    await club.wait_for_message(group, lambda message: "I post the news your admins choose." in message["text"])
    other = await club.add_group("Strangers", {stranger: "creator"}, type="supergroup", added_by=stranger.id)
    await club.wait_for_message(other, lambda message: "This bot is by invitation." in message["text"])


async def test_hidden_admin_of_a_group_not_let_in_confirms_who_they_are(club: Town) -> None:
    owner, guest, stranger = Person(EDITOR_ID, club), await club.add_person("Gil"), await club.add_person("Sal")
    group = await club.add_group(
        "Masks", {stranger: "creator", guest: "administrator"}, type="supergroup", anonymous=[guest.id]
    )
    await guest.ask(await invite(owner, "a reader"), "Paste a news site")
    await guest.say("/subscriptions", chat=group)
    question = await club.wait_for_message(group, lambda message: "I can't see who you are." in message["text"])
    said = await stranger.tap("Confirm it's you", chat=group)
    assert "This bot is by invitation." in said
    assert str(stranger.id) in said
    await guest.tap("Confirm it's you", chat=group)
    answer = await club.wait_for_message(group, lambda message: "nothing yet" in message["text"])
    assert answer["id"] == question["id"]


async def test_banned_person_may_still_read_take_and_delete_what_is_theirs(town: Town) -> None:
    editor, reader = await town.add_editor(), await town.add_person("Bad Bea")
    await reader.ask("/start", "Paste a news site")
    await editor.ask(f"/ban {reader.id}", f"{reader.id} is shut out.")
    await reader.ask("/latest", "The newsroom has closed this bot to you.", "/delete_me still work.")
    await reader.ask("/privacy", "Stored about this chat")
    await reader.ask("/id", f"Your id: {reader.id}")
    await reader.ask("/export", "All that is stored about this chat.")
    await reader.ask("/delete_me", " for good")
    await reader.tap("Delete all")
    await reader.wait_for("Deleted.")
    await reader.ask("/start", "The newsroom has closed this bot to you.")
    await editor.ask(f"/unban {reader.id}", "may use the bot again")


async def test_banned_person_is_shut_out_until_unbanned(town: Town) -> None:
    editor, reader = await town.add_editor(), await town.add_person("Bad Bo")
    await reader.ask("/start", "Paste a news site")
    await editor.ask("/ban", "Nobody is shut out.")
    await editor.ask("/ban abc", "“abc” is no id. /id tells people theirs.")
    await editor.ask(f"/ban {reader.id}", f"{reader.id} is shut out.")
    await reader.ask("/start", "The newsroom has closed this bot to you.")
    panel = await editor.ask("/push To all but one\nWho is shut out.", ", draft.")
    question = await editor.review_push(panel)
    await editor.tap_data(question["id"], find_button(question, "Send to") or "")
    await editor.wait_for("delivered in")
    assert not any("To all but one" in message["text"] for message in await reader.read())
    await editor.ask("/unban", f"Shut out: {reader.id}")
    await editor.ask(f"/unban {reader.id}", "may use the bot again")
    await reader.ask("/start", "Paste a news site")
    await editor.ask(f"/ban {editor.id}", "belongs to the newsroom.")
    await editor.ask("/audit", f"{reader.id} shut out.", f"{reader.id} let in again.")


async def test_newsroom_commands_are_refused_to_others_naming_their_id(town: Town) -> None:
    stranger = await town.add_person()
    for command in ("/stats", "/editors", "/ban 5", "/unban 5", "/audit", "/pushes", "/feeds", "/unknown", "/done"):
        await stranger.ask(command, " is for the newsroom.", str(stranger.id))


async def test_figures_name_chats_feeds_and_messages(town: Town) -> None:
    editor = await town.add_editor()
    figures = await editor.ask("/stats", "Figures", "in trouble", "Last 24 hours")
    assert re.search(r"\d chats?: \d+ paused, \d+ out of reach", figures["text"])
    assert re.search(r"\d messages? sent, \d+ failed, \d+ unknown", figures["text"])


async def test_forged_invitation_and_removal_by_a_stranger_do_nothing(town: Town) -> None:
    stranger = await town.add_person()
    own = await stranger.ask("/start", "Paste a news site")
    for data in ("1:ed.invite:0:editor", "1:ed.remove:5"):
        assert "for the newsroom" in await stranger.tap_data(own["id"], data, forged=True)
    await stranger.ask("/start e_forgedforgedforged", "This invitation is used up or too old.")
    assert find_button(own, "Language")


async def test_of_a_large_newsroom_the_first_are_listed_and_the_others_counted(club: Town) -> None:
    owner = Person(EDITOR_ID, club)
    bot_id = int(TOKEN.partition(":")[0])
    with closing(sqlite3.connect(club.bot.data / "newsgist.db")) as database:
        database.executemany(
            "INSERT INTO editors (bot_id, user_id, role, created_at) VALUES (?, ?, 'editor', 0)",
            [(bot_id, 8_000_000 + number) for number in range(120)],
        )
        database.commit()
    try:
        listed = await owner.ask("/editors", "Editors:", "8000000", " more")
        assert len([button for button in labels(listed) if button.startswith("Remove")]) == 30
    finally:
        with closing(sqlite3.connect(club.bot.data / "newsgist.db")) as database:
            database.execute("DELETE FROM editors WHERE user_id >= 8000000 AND user_id < 8000120")
            database.commit()
