"""The feeds that are polled, as their client sees them, and the chat that follows them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage.model import ChatKind, ListedFeed, UnchangedFeed
from tests.bench.polled_web import host_names, is_changing, is_dead

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

    from storage import Storage

HOSTS = 250


class Server:
    """The served feeds, as their client sees them.

    Attributes:
        port: The one that all hosts listen on.
        closed_port: One on which nobody listens.
    """

    def __init__(self, process: subprocess.Popen[str], port: int, closed_port: int) -> None:
        self._process = process
        self.port = port
        self.closed_port = closed_port
        self._hosts = host_names(HOSTS)

    def url(self, number: int) -> str:
        """Give a feed's address."""
        port = self.closed_port if is_dead(number) else self.port
        return f"http://{self._hosts[number % HOSTS]}:{port}/feed/{number}"

    def tell(self, word: str) -> dict[str, int]:
        """Say ``next`` for the next edition or anything else, and get what was asked since the last word."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        counts: dict[str, int] = json.loads(self._process.stdout.readline())
        return counts


class RemoteServer(Server):
    """The served feeds, asked about through the process that started them."""

    def __init__(self, pipe: Connection, port: int, closed_port: int) -> None:
        self._pipe = pipe
        self.port = port
        self.closed_port = closed_port
        self._hosts = host_names(HOSTS)

    def tell(self, word: str) -> dict[str, int]:
        """Say a word through the pipe."""
        self._pipe.send(word)
        counts: dict[str, int] = self._pipe.recv()
        return counts


@contextmanager
def served_feeds() -> Iterator[Server]:
    """Serve feeds from a process of its own."""
    command = [sys.executable, "-m", "tests.bench.polled_web", str(HOSTS)]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
        socket.socket() as closed,
    ):
        closed.bind(("0.0.0.0", 0))  # bound, so that nobody else gets it, and never listened on
        assert process.stdout is not None
        try:
            yield Server(process, int(process.stdout.readline()), closed.getsockname()[1])
        finally:
            assert process.stdin is not None
            process.stdin.close()


async def follow(
    storage: Storage, server: Server, numbers: Sequence[int], *, due_at: datetime, chat_id: int = 7
) -> None:
    """Let one chat follow feeds; those that never change are known as they are, the others are still to be read."""
    at = now()
    listed = [ListedFeed(url=server.url(number), title=f"Paper {number}") for number in numbers]
    async with storage.write() as work:
        chat = await work.subscribers.ensure(chat_id, kind=ChatKind.PRIVATE, lang="en", now=at)
        draft = await work.imports.draft(
            subscriber_id=chat.id,
            thread_id=0,
            user_id=chat_id,
            file_name="all.opml",
            entries=listed,
            invalid=(),
            invalid_count=0,
            now=at,
        )
        await work.imports.start(draft.id, message_id=1, most_feeds=len(numbers))
    while True:
        async with storage.write() as work:
            if await work.imports.advance(limit=1000, now=at) is None:
                break
    async with storage.write() as work:
        mine = await work.subscribers.list_subscriptions(chat.id)
        found = [(feed.id, int(feed.url.rpartition("/")[2])) for _, feed in mine]
        await work.feeds.record_unchanged(
            [
                UnchangedFeed(
                    feed_id=feed_id,
                    checked_at=at - timedelta(hours=1),
                    due_at=due_at,
                    etag=f'"{number}-1"',
                    last_modified=None,
                    interval_s=3600,
                )
                for feed_id, number in found
                if not is_changing(number)
            ]
        )
        await work.feeds.postpone({feed_id: due_at for feed_id, number in found if is_changing(number)})


def now() -> datetime:
    return datetime.now(UTC)
