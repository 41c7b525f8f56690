"""The judge itself: each law sees its breach, or a judge that sees nothing would pass for a clean run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.faults.bots import Stop
from tests.faults.evidence import Evidence
from tests.faults.invariants import count_doubled, count_lost, judge
from tests.faults.workload import EDITOR_ID, TOKEN, Workload, push_text

READER = 700200001
WORKLOAD = Workload(readers=1, pushes=1)


def row(number: int, chat_id: int, **other: Any) -> dict[str, Any]:
    return {
        "id": number,
        "chat_id": chat_id,
        "kind": "push",
        "subject": "p:1",
        "part": 0,
        "verb": "send",
        "state": "sent",
        "priority": 2,
        "message_id": number,
        "attempts": 1,
        "reason": None,
    } | other


def line(message_id: int, chat_id: int, **other: Any) -> dict[str, Any]:
    return {
        "method": "sendMessage",
        "at": 100.0 + message_id,
        "chat_id": chat_id,
        "message_id": message_id,
        "text": push_text(1),
        "outcome": "accepted",
        "carried_out": True,
        "error_code": None,
        "in_ban": False,
    } | other


def stop(**other: Any) -> Stop:
    gentle = Stop(how="SIGTERM", status=0, took_s=1.0, marked=0, peak_mib=90.0, at=200.0)
    return replace(gentle, **other)


CLEAN = Evidence(
    workload=WORKLOAD,
    ledger=[line(1, EDITOR_ID), line(2, READER)],
    outbox=[row(1, EDITOR_ID), row(2, READER)],
    pushes=[{"id": 1, "state": "done", "editor_id": EDITOR_ID, "confirmed_at": 1}],
    inbox=[{"update_id": 1, "chat_id": READER, "settled_at": 1, "error": None}],
    starts=[90.0],
    stops=[stop()],
)
NEWS: dict[str, Any] = {"published": ["Locks open"], "followers": [READER]}


def told(number: int) -> dict[str, Any]:
    return line(number, READER, text="Locks open\nThey do.")


UNKNOWN = row(2, READER, state="unknown", message_id=None, reason="no answer")


def test_clean_run_breaks_no_law() -> None:
    assert judge(CLEAN) == []


def test_unknown_delivery_of_a_kill_breaks_no_law_whether_or_not_it_arrived() -> None:
    killed = replace(
        CLEAN,
        outbox=[row(1, EDITOR_ID), UNKNOWN],
        stops=[stop(how="SIGKILL", status=-9, marked=1)],
        unknown_before_stop=1,
        printed='{"event": "deliveries_unknown"}',
    )
    assert judge(killed) == []
    assert judge(replace(killed, ledger=[line(1, EDITOR_ID)])) == []


def test_news_that_came_once_and_a_story_on_its_way_to_who_leaves_break_no_law() -> None:
    rows = [*CLEAN.outbox, row(3, READER, kind="story", subject="s:1")]
    ledger = [*CLEAN.ledger, told(3)]
    assert judge(replace(CLEAN, outbox=rows, ledger=ledger, left={READER: 102.5}, lags=[0.01] * 100, **NEWS)) == []


@pytest.mark.parametrize(
    ("law", "changes"),
    [
        pytest.param("I1", {"ledger": [line(1, EDITOR_ID)]}, id="sent-but-never-arrived"),
        pytest.param("I1", {"outbox": [row(1, EDITOR_ID)], "ledger": [line(1, EDITOR_ID)]}, id="never-planned"),
        pytest.param("I1", {"outbox": [row(1, EDITOR_ID), row(2, READER, state="queued")]}, id="left-behind"),
        pytest.param("I1", {"outbox": [row(1, EDITOR_ID), row(2, READER, state="dead")]}, id="dead-without-a-reason"),
        pytest.param("I1", {"outbox": [row(1, EDITOR_ID), row(2, READER, state="cancelled")]}, id="cancelled-news"),
        pytest.param("I1", {"asked": {READER: 1}}, id="question-without-an-answer"),
        pytest.param(
            "I1",
            {"inbox": [{"update_id": 1, "chat_id": READER, "settled_at": None, "error": None}]},
            id="update-never-handled",
        ),
        pytest.param("I2", {"ledger": [*CLEAN.ledger, line(3, READER)]}, id="came-twice"),
        pytest.param("I3", {"stops": [stop(how="SIGKILL", marked=65)]}, id="too-many-marked"),
        pytest.param("I3", {"outbox": [row(1, EDITOR_ID), UNKNOWN], "unknown_before_stop": 1}, id="unknown-by-nothing"),
        pytest.param(
            "I4",
            {
                "outbox": [*CLEAN.outbox, row(3, READER, kind="reply", subject="u:7", message_id=4)],
                "ledger": [line(1, EDITOR_ID), line(4, READER, text="Aye"), line(2, READER)],
            },
            id="out-of-order",
        ),
        pytest.param(
            "I6",
            {
                "ledger": [
                    *CLEAN.ledger,
                    line(9, READER, carried_out=False, error_code=429, outcome="refused", at=110.0),
                    line(9, READER, carried_out=False, error_code=429, outcome="refused", in_ban=True, at=115.0),
                ]
            },
            id="sent-into-a-ban",
        ),
        pytest.param("I7", {"confirmed": True}, id="confirmed-and-not-sent"),
        pytest.param(
            "I7",
            {
                "pushes": [*CLEAN.pushes, {"id": 2, "state": "draft", "editor_id": EDITOR_ID, "confirmed_at": None}],
                "outbox": [*CLEAN.outbox, row(3, READER, subject="p:2")],
                "ledger": [*CLEAN.ledger, line(3, READER, text="A draft")],
            },
            id="sent-and-not-confirmed",
        ),
        pytest.param("I8", {"broken": ["row 3 missing from index"]}, id="damaged-file"),
        pytest.param("I9", {"printed": f"GET /bot{TOKEN}/getMe"}, id="token-in-the-log"),
        pytest.param("I9", {"metrics": ""}, id="no-metrics"),
        pytest.param("I9", {"metrics": f'newsgist_deliveries{{chat="{READER}"}} 1.0'}, id="a-chat-in-the-metrics"),
        pytest.param("I9", {"unread": ["Traceback (most recent call last):"]}, id="bare-traceback"),
        pytest.param("I10", {"stops": [stop(peak_mib=900.0)]}, id="too-much-memory"),
        pytest.param("I10", {"lags": [0.01] * 97 + [4.2] * 3}, id="a-loop-that-stalls"),
        pytest.param("I1", {"published": ["Locks open"], "followers": [READER]}, id="news-never-told"),
        pytest.param("I2", NEWS | {"ledger": [*CLEAN.ledger, told(3), told(4)]}, id="news-told-twice"),
        pytest.param(
            "I5", NEWS | {"ledger": [*CLEAN.ledger, told(3)], "left": {READER: 101.9}}, id="told-after-having-left"
        ),
        pytest.param("I11", {"stops": [stop(took_s=11.0)]}, id="slow-stop"),
        pytest.param("I11", {"stops": [stop(status=1)]}, id="stop-with-an-error"),
        pytest.param("I11", {"stops": [stop(marked=2)]}, id="stop-that-leaves-marks"),
    ],
)
def test_breach_is_seen(law: str, changes: dict[str, Any]) -> None:
    broken = judge(replace(CLEAN, **changes))
    assert law in {violation.law for violation in broken}


def test_lost_and_doubled_are_counted() -> None:
    assert count_lost(replace(CLEAN, ledger=[line(1, EDITOR_ID)])) == 1
    assert count_doubled(replace(CLEAN, ledger=[*CLEAN.ledger, line(3, READER, text="Other")])) == 1
