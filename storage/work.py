"""A unit of work: all repositories on one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.chats.choices import Choices
from storage.chats.imports import Imports
from storage.chats.subscribers import Subscribers
from storage.chats.threads import Threads
from storage.inbox import Inbox
from storage.leases import Leases
from storage.news.articles import Articles
from storage.news.feeds import Feeds
from storage.news.holding import Holding
from storage.news.hubs import Hubs
from storage.news.looks import Looks
from storage.news.notices import Notices
from storage.news.offers import Offers
from storage.news.searching import Searching
from storage.news.stories import Stories
from storage.newsroom.admission import Admission
from storage.newsroom.editors import Newsroom
from storage.newsroom.pushes import Pushes
from storage.outbox.contents import Contents
from storage.outbox.fanouts import Fanouts
from storage.outbox.outbox import Outbox

if TYPE_CHECKING:
    from storage.connection.channels import Channel
    from storage.connection.transaction import Transaction


class Work:
    """What one transaction can do. It belongs to the task that opened it and ends with its ``async with``."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction
        self.feeds = Feeds(transaction)
        self.articles = Articles(transaction)
        self.looks = Looks(transaction)
        self.stories = Stories(transaction)
        self.subscribers = Subscribers(transaction)
        self.choices = Choices(transaction)
        self.offers = Offers(transaction)
        self.outbox = Outbox(transaction)
        self.fanouts = Fanouts(transaction)
        self.pushes = Pushes(transaction)
        self.contents = Contents(transaction)
        self.newsroom = Newsroom(transaction)
        self.inbox = Inbox(transaction)
        self.leases = Leases(transaction)
        self.notices = Notices(transaction)
        self.holding = Holding(transaction)
        self.hubs = Hubs(transaction)
        self.admission = Admission(transaction)
        self.threads = Threads(transaction)
        self.searching = Searching(transaction)
        self.imports = Imports(transaction)

    def ring(self, channel: Channel) -> None:
        """Wake whoever waits for a channel, once this work is committed."""
        self._tx.rung.add(channel)
