"""What a database is in, told before anything is opened for good."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from storage.chats.portrait import portray
from storage.connection.engine import create_engine, is_sqlite, parse_url, sqlite_file
from storage.connection.transaction import Transaction
from storage.errors import NotFoundError, SchemaError, UnavailableError
from storage.tables import installation, subscribers
from storage.upkeep.schema import Age, compare, refuse_unknown, wanted_revision

if TYPE_CHECKING:
    from storage.model import Json


async def inspect_storage(url: str) -> str:
    """Say in one line which database this is and whether its schema fits; change nothing.

    Args:
        url: ``sqlite:///…`` or ``postgresql://…``.

    Raises:
        SchemaError: The schema is newer, foreign, or on PostgreSQL not current.
        UnavailableError: The database cannot be reached.
    """
    where = parse_url(url)
    if is_sqlite(where) and not sqlite_file(where).exists():
        return f"SQLite, to be created at {sqlite_file(where)}"
    try:
        age, found = await compare(where)
    except (DBAPIError, OSError) as error:
        raise UnavailableError(f"cannot be reached ({type(error).__name__})") from error
    refuse_unknown(age, found)
    name = f"SQLite at {sqlite_file(where)}" if is_sqlite(where) else f"PostgreSQL at {where.host}/{where.database}"
    if age is Age.CURRENT:
        return f"{name}, schema {found}"
    if is_sqlite(where):
        return f"{name}, schema {found or 'none'}; `newsgist run` brings it to {wanted_revision()}"
    raise SchemaError(f"{name}: run `newsgist migrate`", found=found, wanted=wanted_revision())


async def portray_chat(url: str, chat_id: int) -> Json:
    """Give all that is stored about a chat, beside a running bot; change nothing.

    Args:
        url: ``sqlite:///…`` or ``postgresql://…``.
        chat_id: Telegram's id of the chat.

    Raises:
        NotFoundError: There is no such chat.
        UnavailableError: The database cannot be reached.
    """
    where = parse_url(url)
    if is_sqlite(where) and not sqlite_file(where).exists():
        raise NotFoundError("chat", chat_id)
    engine = create_engine(where, "read")
    try:
        async with engine.connect() as connection:
            bot_id = await connection.scalar(sa.select(installation.c.bot_id))
            own = sa.select(subscribers.c.id).where(subscribers.c.bot_id == bot_id, subscribers.c.chat_id == chat_id)
            subscriber_id = await connection.scalar(own)
            if bot_id is None or subscriber_id is None:
                raise NotFoundError("chat", chat_id)
            transaction = Transaction(connection, bot_id=bot_id, clock=lambda: datetime.now(tz=UTC))
            return await portray(transaction, subscriber_id)
    except (DBAPIError, OSError) as error:
        raise UnavailableError(f"cannot be reached ({type(error).__name__})") from error
    finally:
        await engine.dispose()
