"""What a run leaves behind: Telegram's ledger, the database's rows, the logs, how processes ended.

Nothing here uses the bot's code: what is shown to the judge must not share its mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.bots import Stop
    from tests.faults.stage import Stage
    from tests.faults.workload import Workload

    Json = dict[str, Any]

_ROWS = """
    SELECT outbox.id, coalesce(subscribers.chat_id, outbox.chat_id) AS chat_id, outbox.kind, outbox.subject,
           outbox.part, outbox.verb, outbox.state, outbox.priority, outbox.message_id, outbox.attempts, outbox.reason
    FROM outbox LEFT JOIN subscribers ON subscribers.id = outbox.subscriber_id ORDER BY outbox.id
"""
_PUSHES = "SELECT id, state, editor_id, confirmed_at FROM pushes ORDER BY id"
_INBOX = "SELECT update_id, chat_id, settled_at, error FROM inbox ORDER BY id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a run has left behind.

    Attributes:
        workload: what there was to do.
        ledger: what arrived at Telegram.
        outbox: the deliveries as they stand, each with its chat.
        pushes: the broadcasts.
        inbox: the updates.
        asked: how often each chat asked ``/id``.
        confirmed: whether the editor's push was confirmed.
        published: titles of what a paper has published.
        followers: the chats that have followed it all the time.
        left: when chats were told that they follow it no more, in seconds since 1970.
        lags: how many seconds later than others a bot said that it lives, each time it was asked; none where it was
            meant to hang.
        slowest_s: the longest that Telegram or a bot took to say that it lives: what this machine added to durations.
        starts: when bots were started, in seconds since 1970.
        stops: how they ended.
        unknown_before_stop: how many deliveries were unknown before the last, gentle stop.
        broken: what is wrong with the database's files.
        printed: all that the bots wrote, to be searched for secrets.
        metrics: what those that were up at the end told of themselves.
        unread: lines of the log that are not structured.
        resend: whether unknown deliveries are sent again.
        ordered: whether a chat's messages must come in order.
    """

    workload: Workload
    ledger: Sequence[Json]
    outbox: Sequence[Json]
    pushes: Sequence[Json]
    inbox: Sequence[Json]
    asked: dict[int, int] = field(default_factory=dict)
    confirmed: bool = False
    published: Sequence[str] = ()
    followers: Sequence[int] = ()
    left: dict[int, float] = field(default_factory=dict)
    lags: Sequence[float] = ()
    slowest_s: float = 0.0
    starts: Sequence[float] = ()
    stops: Sequence[Stop] = ()
    unknown_before_stop: int = 0
    broken: Sequence[str] = ()
    printed: str = ""
    metrics: str = "newsgist_deliveries"
    unread: Sequence[str] = ()
    resend: bool = False
    ordered: bool = True

    @property
    def arrived(self) -> list[Json]:
        """The new messages that reached a chat, answered or not, in order."""
        return [line for line in self.ledger if line["carried_out"] and line["method"] == "sendMessage"]

    @property
    def unknown(self) -> list[Json]:
        """The deliveries of which nothing is known."""
        return [row for row in self.outbox if row["state"] == "unknown"]


async def gather(
    stage: Stage, *, unknown_before_stop: int, resend: bool = False, ordered: bool = True, lively: bool = True
) -> Evidence:
    """Collect the evidence of a run that has come to its end."""
    printed, unread = [], []
    for bot in stage.bots:
        written = bot.written()
        printed.append(written)
        unread += [line for line in written.splitlines() if line and not line.startswith("{") and not _is_pythons(line)]
    return Evidence(
        workload=stage.workload,
        ledger=await stage.ledger(),
        outbox=await stage.store.rows(_ROWS),
        pushes=await stage.store.rows(_PUSHES),
        inbox=await stage.store.rows(_INBOX),
        asked=stage.asked,
        confirmed=stage.confirmed,
        published=stage.published,
        followers=stage.followers,
        left=stage.left,
        lags=stage.lags if lively else [],
        slowest_s=stage.slowest_s,
        starts=sorted(at for bot in stage.bots for at in bot.starts),
        stops=[stop for bot in stage.bots for stop in bot.stops],
        unknown_before_stop=unknown_before_stop,
        broken=await stage.store.faults(),
        printed="\n".join(printed),
        metrics=stage.metrics,
        unread=unread,
        resend=resend,
        ordered=ordered,
    )


def _is_pythons(line: str) -> bool:
    """Tell a line of Python's own semaphore keeper, which outlives a killed process and says so."""
    return "resource_tracker" in line
