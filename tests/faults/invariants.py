"""What must hold after every run, whatever happened in it. The judges are Telegram's ledger and the database's rows.

Nothing here uses the bot's code: the judge must not share its mistakes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.faults.workload import ANSWER, DISCARDED, PUSHED, TOKEN, part_text, push_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.faults.evidence import Evidence

    Json = dict[str, Any]

MOST_MARKED = 64
STOP_S = 10.0
MOST_MIB = 512
"""Resident memory of one process, the libraries included; the workers count for themselves."""
MOST_LATE_S = 4.0
"""The goal is 50 ms, which a bench measures; a machine that runs a dozen bots at once gets longer. What the hostile
feeds would do to a loop that parsed them itself takes five seconds and more."""
_LAGS = 20
_HEARD_S = 1.0
_BAN_S = 1.0
"""So long after a ban began may requests arrive that left before its news: or to find out whom it is meant for."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that should not be.

    Attributes:
        law: which invariant, ``I1`` to ``I11``.
        what: what was found.
    """

    law: str
    what: str

    def __str__(self) -> str:
        return f"{self.law}: {self.what}"


def judge(evidence: Evidence) -> list[Violation]:
    """List all that should not be; empty when every law was kept."""
    return [violation for law in _LAWS for violation in law(evidence)]


def count_lost(evidence: Evidence) -> int:
    """Count the messages that were lost without a word."""
    return len(list(_nothing_is_lost(evidence)))


def count_doubled(evidence: Evidence) -> int:
    """Count the messages that came once too often."""
    return len(list(_nothing_is_doubled(evidence)))


def _nothing_is_lost(evidence: Evidence) -> Iterator[Violation]:
    """I1: what was owed has arrived, is dead with a reason, or is unknown."""
    arrived = {(line["chat_id"], line["message_id"]) for line in evidence.arrived}
    for row in evidence.outbox:
        name = f"delivery {row['id']} ({row['kind']} {row['subject']}/{row['part']} to {row['chat_id']})"
        match row["state"]:
            case "sent" if row["verb"] == "send" and (row["chat_id"], row["message_id"]) not in arrived:
                yield Violation("I1", f"{name} counts as sent, and Telegram has never seen it")
            case "dead" if not row["reason"]:
                yield Violation("I1", f"{name} is dead without a reason")
            case "cancelled" if row["kind"] in {"push", "story"}:
                yield Violation("I1", f"{name} was cancelled ({row['reason']})")
            case "queued" | "sending":
                yield Violation("I1", f"{name} is still {row['state']}")
            case _:
                pass
    yield from _every_broadcast_is_planned(evidence)
    planned = Counter(
        row["chat_id"]
        for row in evidence.outbox
        if row["priority"] == 2 and row["kind"] == "reply"  # the serials
    )
    for chat_id in evidence.workload.reader_ids[: evidence.workload.serials]:
        if planned[chat_id] != evidence.workload.parts:
            yield Violation("I1", f"{planned[chat_id]} of {evidence.workload.parts} parts are planned for {chat_id}")
    yield from _every_question_is_answered(evidence)
    yield from _all_news_is_told(evidence)


def _all_news_is_told(evidence: Evidence) -> Iterator[Violation]:
    unknown = Counter(row["chat_id"] for row in evidence.unknown if row["kind"] == "story")
    told = Counter((line["chat_id"], title) for line, title in _news(evidence))
    for chat_id in evidence.followers:
        missing = [title for title in evidence.published if not told[chat_id, title]]
        if len(missing) > unknown[chat_id]:
            yield Violation("I1", f"{chat_id} was never told {missing}, {unknown[chat_id]} are unknown")


def _news(evidence: Evidence) -> Iterator[tuple[Json, str]]:
    """Find the messages that tell what a paper has published, each with the title."""
    for line in evidence.arrived:
        yield from ((line, title) for title in evidence.published if title in line["text"])


def _every_broadcast_is_planned(evidence: Evidence) -> Iterator[Violation]:
    owed: dict[str, set[int]] = defaultdict(set)
    for row in evidence.outbox:
        if row["kind"] == "push":
            owed[row["subject"]].add(row["chat_id"])
    confirmed = [push for push in evidence.pushes if push["confirmed_at"] is not None]
    for push in confirmed:
        if missing := set(evidence.workload.chat_ids) - owed[f"p:{push['id']}"]:
            yield Violation("I1", f"push {push['id']} was never planned for {sorted(missing)}")
        if push["state"] != "done":
            yield Violation("I1", f"push {push['id']} is {push['state']}")
    expected = evidence.workload.pushes + int(evidence.confirmed)
    if len(confirmed) != expected:
        yield Violation("I7", f"{len(confirmed)} pushes are confirmed, {expected} were")


def _every_question_is_answered(evidence: Evidence) -> Iterator[Violation]:
    answers: Counter[int] = Counter()
    for row in evidence.outbox:
        if row["kind"] == "reply" and row["verb"] == "send" and row["subject"] != "u:0" and row["state"] != "cancelled":
            answers[row["chat_id"]] += 1
    for chat_id, asked in evidence.asked.items():
        if answers[chat_id] < asked:
            yield Violation("I1", f"{chat_id} asked {asked} times and has {answers[chat_id]} answers")
    for update in evidence.inbox:
        if update["settled_at"] is None:
            yield Violation("I1", f"update {update['update_id']} was never handled")


def _nothing_is_doubled(evidence: Evidence) -> Iterator[Violation]:
    """I2: a message arrives once; one without a row that knows it must be one of an unknown delivery."""
    known = {(row["chat_id"], row["message_id"]) for row in evidence.outbox if row["state"] == "sent"}
    strays = Counter(line["chat_id"] for line in evidence.arrived if (line["chat_id"], line["message_id"]) not in known)
    excused: Counter[int] = Counter()
    for row in evidence.outbox:
        if row["verb"] in {"send", "replace"}:
            excused[row["chat_id"]] += int(row["state"] == "unknown")
            if evidence.resend:
                excused[row["chat_id"]] += max(0, row["attempts"] - 1) + int(row["state"] == "dead")
            elif row["state"] == "dead" and "an editor" in (row["reason"] or ""):
                excused[row["chat_id"]] += 1
    for chat_id, number in strays.items():
        if number > excused[chat_id]:
            yield Violation(
                "I2", f"{chat_id} got {number} messages more than it should, {excused[chat_id]} are unknown"
            )
    if evidence.resend:
        return
    for (chat_id, title), number in Counter((line["chat_id"], title) for line, title in _news(evidence)).items():
        if number > 1:
            yield Violation("I2", f"{chat_id} was told {title!r} {number} times")
    copies = Counter((line["chat_id"], line["text"]) for line in evidence.arrived)
    once = [push_text(number) for number in range(1, evidence.workload.pushes + 1)]
    once += [PUSHED, *(part_text(part) for part in range(evidence.workload.parts))]
    for (chat_id, text), number in copies.items():
        if number > 1 and any(text.startswith(each) for each in once):
            yield Violation("I2", f"{chat_id} got {text!r} {number} times")
        if text.startswith(ANSWER) and number > evidence.asked.get(chat_id, 0):
            yield Violation("I2", f"{chat_id} asked {evidence.asked.get(chat_id, 0)} times and got {number} answers")


def _few_are_unknown(evidence: Evidence) -> Iterator[Violation]:
    """I3: a kill leaves unknown what was marked and not settled; nothing else does without a network at fault."""
    marked = [stop.marked for stop in evidence.stops if stop.marked is not None]
    for number in marked:
        if number > MOST_MARKED:
            yield Violation("I3", f"{number} deliveries were marked as leaving when the bot was killed")
    unanswered = sum(line["outcome"] in {"unanswered", "lost"} for line in evidence.ledger)
    failed = sum(line["error_code"] is not None and line["error_code"] >= 500 for line in evidence.ledger)
    silent = sum("did not answer" in (row["reason"] or "") for row in evidence.unknown)
    broken = sum("broke" in (row["reason"] or "") for row in evidence.unknown)
    if len(evidence.unknown) > sum(marked) + unanswered + failed + silent + broken:
        yield Violation("I3", f"{len(evidence.unknown)} are unknown, {sum(marked)} were marked at kills")
    for row in evidence.unknown:
        if not row["reason"]:
            yield Violation("I3", f"delivery {row['id']} is unknown without a reason")


def _order_is_kept(evidence: Evidence) -> Iterator[Violation]:
    """I4: in a chat, what has one priority arrives in the order of its planning."""
    if evidence.resend or not evidence.ordered:
        return
    rank = {(line["chat_id"], line["message_id"]): number for number, line in enumerate(evidence.arrived)}
    last: dict[tuple[int, int], tuple[int, int]] = {}
    for row in evidence.outbox:
        place = rank.get((row["chat_id"], row["message_id"]))
        if row["state"] != "sent" or row["verb"] != "send" or place is None:
            continue
        before = last.get((row["chat_id"], row["priority"]))
        if before is not None and before[0] > place:
            yield Violation("I4", f"in {row['chat_id']} delivery {row['id']} came before delivery {before[1]}")
        last[row["chat_id"], row["priority"]] = (place, row["id"])


def _who_has_left_is_left_alone(evidence: Evidence) -> Iterator[Violation]:
    """I5: a second after a chat has stopped following a feed, it gets nothing of it."""
    for line, title in _news(evidence):
        left_at = evidence.left.get(line["chat_id"], float("inf"))
        if line["at"] > left_at + _HEARD_S + evidence.slowest_s:
            yield Violation("I5", f"{line['chat_id']} got {title!r} {line['at'] - left_at:.1f} s after it had left")


def _bans_are_kept(evidence: Evidence) -> Iterator[Violation]:
    """I6: nothing arrives during a ban but what had left, and what a new process sends that has not heard of it."""
    began: dict[int | None, float] = {}
    for line in evidence.ledger:
        key = line["chat_id"]
        if not line["in_ban"]:
            if line["error_code"] == 429:
                began[key] = line["at"]
                began[None] = line["at"]
            continue
        since = max((began[each] for each in (key, None) if each in began), default=0.0)
        fresh = any(0 <= line["at"] - at <= 10 for at in evidence.starts)
        if line["at"] - since > _BAN_S + evidence.slowest_s and not fresh:
            yield Violation("I6", f"a request to {key} arrived {line['at'] - since:.1f} s into a ban")
        began[key] = began[None] = line["at"]


def _a_push_is_broadcast_once(evidence: Evidence) -> Iterator[Violation]:
    """I7: what was confirmed is one broadcast, what was not is none."""
    for push in evidence.pushes:
        rows = [row for row in evidence.outbox if row["kind"] == "push" and row["subject"] == f"p:{push['id']}"]
        chats = Counter(row["chat_id"] for row in rows)
        if push["confirmed_at"] is None and rows:
            yield Violation("I7", f"push {push['id']} was never confirmed and has {len(rows)} deliveries")
        if any(number > 1 for number in chats.values()):
            yield Violation("I7", f"push {push['id']} was planned twice for a chat")
    for line in evidence.arrived:
        if line["text"].startswith(DISCARDED):
            yield Violation("I7", f"{line['chat_id']} got a push that was never confirmed")


def _the_database_is_sound(evidence: Evidence) -> Iterator[Violation]:
    """I8: the files are whole."""
    yield from (Violation("I8", what) for what in evidence.broken)


def _the_log_tells_causes_and_no_secrets(evidence: Evidence) -> Iterator[Violation]:
    """I9: every line is structured, every unknown delivery has one, and no secret stands anywhere."""
    if TOKEN.partition(":")[2] in evidence.printed:
        yield Violation("I9", "the token stands in the log")
    if "newsgist_deliveries" not in evidence.metrics:
        yield Violation("I9", "nothing tells how many deliveries there were")
    yield from (
        Violation("I9", f"{chat_id} stands in the metrics")
        for chat_id in evidence.workload.chat_ids
        if str(chat_id) in evidence.metrics
    )
    yield from (Violation("I9", f"a line of the log has no form: {line[:200]}") for line in evidence.unread[:3])
    if evidence.unknown and "_unknown" not in evidence.printed:
        yield Violation("I9", "the log says nothing of the unknown deliveries")


def _little_memory_is_taken(evidence: Evidence) -> Iterator[Violation]:
    """I10: a process stays below its ceiling."""
    for stop in evidence.stops:
        if stop.peak_mib > MOST_MIB:
            yield Violation("I10", f"a process took {stop.peak_mib:.0f} MiB")


def _the_loop_answers(evidence: Evidence) -> Iterator[Violation]:
    """I10: whatever happens, the process answers."""
    late = late_s(evidence.lags)
    if late > MOST_LATE_S:
        yield Violation("I10", f"one answer in a hundred took {late:.1f} s or longer")


def late_s(lags: Sequence[float]) -> float:
    """Give the 99th hundredth of some durations; 0 where there are too few to tell."""
    return sorted(lags)[len(lags) * 99 // 100] if len(lags) >= _LAGS else 0.0


def _a_stop_is_clean(evidence: Evidence) -> Iterator[Violation]:
    """I11: SIGTERM ends the process in time, with status 0, and leaves nothing marked."""
    for stop in evidence.stops:
        if stop.how == "SIGTERM":
            if stop.took_s > STOP_S + evidence.slowest_s:
                yield Violation("I11", f"the stop took {stop.took_s:.1f} s")
            if stop.status != 0:
                yield Violation("I11", f"the stop ended with status {stop.status}")
            if stop.marked:
                yield Violation("I11", f"the stop left {stop.marked} deliveries marked as leaving")
    if len(evidence.unknown) > evidence.unknown_before_stop:
        yield Violation("I11", f"the stop made {len(evidence.unknown) - evidence.unknown_before_stop} unknown")


_LAWS = (
    _nothing_is_lost,
    _nothing_is_doubled,
    _few_are_unknown,
    _order_is_kept,
    _who_has_left_is_left_alone,
    _bans_are_kept,
    _a_push_is_broadcast_once,
    _the_database_is_sound,
    _the_log_tells_causes_and_no_secrets,
    _little_memory_is_taken,
    _the_loop_answers,
    _a_stop_is_clean,
)
