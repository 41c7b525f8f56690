"""What was done in the newsroom is told in sentences, in every language."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.messages.audit import render_deed
from bot.messages.people import render_person
from bot.messages.speech import SUPPORTED, speech
from storage.model import AuditEntry

if TYPE_CHECKING:
    from storage.model import Json

DEEDS: list[tuple[str, str, Json, str]] = [
    ("push", "p:27", {"chats": 1204, "audience": {"kind": "all"}}, "Push 27 sent to 1,204 chats."),
    ("push", "p:27", {"chats": 1, "paid": True}, "Push 27 sent to 1 chat, faster, for Stars."),
    ("push.pause", "p:27", {}, "Push 27 paused."),
    ("push.resume", "p:27", {}, "Push 27 resumed."),
    ("push.cancel", "p:27", {}, "Push 27 cancelled."),
    ("discard", "p:27", {}, "Push 27 discarded."),
    ("unknown.resend", "p:27", {"count": 2}, "Push 27: 2 deliveries are sent again."),
    ("unknown.leave", "outbox", {"count": 1}, "1 delivery is left as it is."),
    ("feed.take", "f:3", {"count": 40}, "Tidewatch: 40 entries go to their readers."),
    ("feed.skip", "f:3", {"count": 1}, "Tidewatch: 1 entry is skipped."),
    ("invite", "invitation", {"role": "editor"}, "One new editor invited."),
    ("invite", "invitation", {"role": "reader"}, "One new reader invited."),
    ("editor.join", "newsroom", {"invited_by": 7}, "Joined the newsroom, invited by <code>7</code>."),
    ("editor.remove", "u:9", {}, "<code>9</code> removed from the newsroom."),
    ("editor.leave", "newsroom", {}, "Left the newsroom."),
    ("ban", "u:-1009", {}, "<code>-1009</code> shut out."),
    ("unban", "u:9", {}, "<code>9</code> let in again."),
]


def entry(action: str, subject: str, detail: Json) -> AuditEntry:
    at = datetime(2026, 5, 4, 14, 5, tzinfo=UTC)
    return AuditEntry(id=1, at=at, user_id=5, action=action, subject=subject, detail=detail)


@pytest.mark.parametrize(("action", "subject", "detail", "told"), DEEDS, ids=[told[:30] for *_, told in DEEDS])
def test_a_deed_is_a_sentence(action: str, subject: str, detail: Json, told: str) -> None:
    assert render_deed(speech("en"), entry(action, subject, detail), name="Tidewatch", people={}) == told


@pytest.mark.parametrize("lang", SUPPORTED)
def test_no_language_shows_the_machines_words(lang: str) -> None:
    for action, subject, detail, _ in DEEDS:
        told = render_deed(speech(lang), entry(action, subject, detail), name="Tidewatch", people={})
        assert not re.search(r"\b(push|feed|editor|unknown)\.|[pfu]:\d", told)


def test_a_deed_of_a_later_version_is_told_as_it_is_kept() -> None:
    assert render_deed(speech("en"), entry("feed.<merge>", "f:3", {}), name="", people={}) == "feed.&lt;merge&gt; f:3"


def test_people_of_the_newsroom_go_by_their_names() -> None:
    people = {7: "Edda <b>", 9: "Nell", 11: "@all"}
    joined = render_deed(speech("en"), entry("editor.join", "newsroom", {"invited_by": 7}), name="", people=people)
    assert joined == "Joined the newsroom, invited by Edda &lt;b&gt; <code>7</code>."
    banned = render_deed(speech("en"), entry("ban", "u:11", {}), name="", people=people)
    assert "@all" not in banned
    assert banned.endswith(" shut out.")


@pytest.mark.parametrize(
    ("user_id", "reader_id", "shown"),
    [
        pytest.param(9, 1, "Nell <code>9</code>", id="name"),
        pytest.param(9, 9, "Nell <code>9</code> (you)", id="reader"),
        pytest.param(7, 1, "Lee <code>7</code>", id="namesake"),
        pytest.param(5, 1, "<code>5</code>", id="unknown"),
        pytest.param(5, 5, "<code>5</code> (you)", id="unknown-reader"),
        pytest.param(20, 1, "<code>20</code>", id="controls"),
        pytest.param(21, 1, "<code>21</code>", id="hangul-filler"),
        pytest.param(22, 1, "<code>22</code>", id="invisible"),
        pytest.param(23, 1, "<code>23</code>", id="another's-number"),
        pytest.param(24, 1, "Lee\u200b <code>24</code>", id="look-alike"),
        pytest.param(25, 1, "eda <code>25</code>", id="turned-around"),
    ],
)
def test_somebody_is_told_apart_whatever_they_call_themselves(user_id: int, reader_id: int, shown: str) -> None:
    people = {7: "Lee", 8: "Lee", 9: "Nell", 20: "\x01\x02", 21: "\u3164", 22: "\u200b\u200b", 23: "777"}
    people |= {24: "Lee\u200b", 25: "\u202eeda\n"}
    assert render_person(speech("en"), user_id, people, reader_id=reader_id) == shown
