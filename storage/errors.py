"""What storage raises on purpose; facts are attributes."""


class StorageError(Exception):
    """Something that storage expects to go wrong."""


class NotFoundError(StorageError):
    """A row that was asked for by its key does not exist.

    Attributes:
        kind: What was looked for, such as ``"feed"``.
        key: The key that found nothing.
    """

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"no {kind} {key}")
        self.kind = kind
        self.key = key


class SchemaError(StorageError):
    """The database's schema is not the one that this version works with.

    Attributes:
        found: The revision in the database; ``None`` for an empty one.
        wanted: The revision that this version works with.
    """

    def __init__(self, message: str, *, found: str | None, wanted: str) -> None:
        super().__init__(message)
        self.found = found
        self.wanted = wanted


class ForeignDataError(StorageError):
    """The data belong to another bot.

    Attributes:
        owner_bot_id: The bot that the data belong to.
    """

    def __init__(self, owner_bot_id: int) -> None:
        super().__init__(f"these data belong to bot {owner_bot_id}; name another data folder")
        self.owner_bot_id = owner_bot_id


class DataInUseError(StorageError):
    """Another process works on the data folder.

    Attributes:
        holder: What the other process wrote of itself, such as ``"pid 412 since 14:05"``.
    """

    def __init__(self, holder: str) -> None:
        super().__init__(f"another Newsgist works on these data: {holder}")
        self.holder = holder


class FencedError(StorageError):
    """Another process has become the sender; this one must not mark anything as leaving any more.

    Attributes:
        fence: The number under which this process was the sender.
        present: The number of the present one.
    """

    def __init__(self, fence: int, present: int) -> None:
        super().__init__(f"another process sends for this bot (fence {present}, ours was {fence})")
        self.fence = fence
        self.present = present


class UnavailableError(StorageError):
    """The database cannot be used just now: it is down, locked by another program, or its disk is full."""


class BackupError(StorageError):
    """A backup could not be made, or what was offered as one is not sound."""
