"""What a bot has to do while it is hurt: broadcasts under way, messages in parts, people who ask, an editor who pushes.

Chats have the same ids in every run, so that a database with the work in it is made once and copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage.model import ChatKind, DeliveryKind, FanoutKind, NewDelivery, Priority

if TYPE_CHECKING:
    from storage import Storage, Work
    from storage.model import Push, Subscriber

TOKEN = "700000042:canary-token-that-no-log-may-show"
BOT_ID = int(TOKEN.partition(":")[0])
EDITOR_ID = 700100002
"""The sandbox's own."""
FIRST_READER_ID = 700200001


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Work that waits when the bot starts, and what people do meanwhile.

    Attributes:
        readers: how many private chats there are beside the editor's.
        pushes: confirmed broadcasts whose fan-outs are open.
        serials: how many readers are owed a message in parts.
        parts: how many parts each of those has.
        askers: how many readers ask ``/id`` during the run.
        edits: whether an editor has two drafts, of which one is confirmed during the run.
        within_s: in how many seconds people act.
    """

    readers: int
    pushes: int
    serials: int = 0
    parts: int = 0
    askers: int = 0
    edits: bool = False
    within_s: float = 3.0

    @property
    def reader_ids(self) -> list[int]:
        """The chats of the readers."""
        return list(range(FIRST_READER_ID, FIRST_READER_ID + self.readers))

    @property
    def chat_ids(self) -> list[int]:
        """The chats that get broadcasts: the readers' and the editor's."""
        return [EDITOR_ID, *self.reader_ids]


SMALL = Workload(readers=8, pushes=1, serials=2, parts=2, askers=2, within_s=0.5)
"""Two seconds of sending, for sweeps."""
USUAL = Workload(readers=30, pushes=2, serials=4, parts=2, askers=6, edits=True)
"""Five seconds of sending."""
READERS = Workload(readers=8, pushes=0, askers=4, within_s=6.0)
"""Readers of a paper, who ask something now and then."""
CROWD = Workload(readers=40, pushes=0)
"""Nothing to do but to answer."""

ANSWER = "Your id"
PUSHED = "Sirens are tested at noon on Thursday"
DISCARDED = "Nobody may ever read this draft"


def push_text(number: int) -> str:
    """Write the text of a broadcast that waits at the start."""
    return f"Bulletin {number}: the lower ferry runs every {number + 10} minutes"


def part_text(part: int) -> str:
    """Write a part of a message in parts."""
    return f"Part {part + 1} of the harbour's ledger"


def _content(text: str) -> dict[str, str]:
    return {"text": f"<b>{text}</b>", "parse_mode": "HTML"}


async def _draft(work: Work, text: str, editor: Subscriber, now: datetime) -> Push:
    article = await work.articles.add_push(
        url="", title=text, text=text, lang="en", site="", author="", editor_id=EDITOR_ID, now=now
    )
    return await work.pushes.create(
        editor_id=EDITOR_ID, subscriber_id=editor.id, article_id=article.id, content=_content(text), now=now
    )


async def prepare(storage: Storage, workload: Workload) -> None:
    """Write the work into an empty database."""
    now = datetime.now(UTC)
    async with storage.write() as work:
        editor = await work.subscribers.ensure(EDITOR_ID, kind=ChatKind.PRIVATE, lang="en", now=now)
        readers = [
            await work.subscribers.ensure(chat_id, kind=ChatKind.PRIVATE, lang="en", now=now)
            for chat_id in workload.reader_ids
        ]
        await work.outbox.enqueue(
            [
                NewDelivery(
                    subscriber_id=reader.id,
                    kind=DeliveryKind.REPLY,
                    subject="u:0",
                    part=part,
                    priority=Priority.PUSH,
                    due_at=now,
                    payload={"text": part_text(part)},
                )
                for reader in readers[: workload.serials]
                for part in range(workload.parts)
            ],
            now,
        )
        for number in range(1, workload.pushes + 1):
            push = await _draft(work, push_text(number), editor, now)
            assert await work.pushes.confirm(push.id, push.content.digest, now=now)
            await work.fanouts.open(
                FanoutKind.PUSH, push.id, priority=Priority.PUSH, content_id=push.content.id, now=now
            )
        if workload.edits:
            for text in (PUSHED, DISCARDED):
                await _draft(work, text, editor, now)
