"""A unit of work: all repositories on one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.admission import Admission
from storage.articles import Articles
from storage.choices import Choices
from storage.contents import Contents
from storage.fanouts import Fanouts
from storage.feeds import Feeds
from storage.holding import Holding
from storage.hubs import Hubs
from storage.imports import Imports
from storage.inbox import Inbox
from storage.leases import Leases
from storage.newsroom import Newsroom
from storage.notices import Notices
from storage.offers import Offers
from storage.outbox import Outbox
from storage.pushes import Pushes
from storage.searching import Searching
from storage.stories import Stories
from storage.subscribers import Subscribers
from storage.threads import Threads

if TYPE_CHECKING:
    from storage.channels import Channel
    from storage.transaction import Transaction


class Work:
    """What one transaction can do. It belongs to the task that opened it and ends with its ``async with``."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction
        self.feeds = Feeds(transaction)
        self.articles = Articles(transaction)
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
