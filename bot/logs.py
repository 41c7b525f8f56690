"""One log for the house and its vendors, in which no secret stands."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOKEN: Final = re.compile(r"(?<![0-9])[0-9]{3,20}(?::|%3A)[A-Za-z0-9_-]{10,}", re.IGNORECASE)
_FRAMES: Final = 6
_CHATTY: Final = (
    "telegram",
    "httpx",
    "httpcore",
    "aiosqlite",
    "asyncio",
    "alembic",
    "trafilatura",
    "htmldate",
    "courlan",
)
"""Vendors that write addresses, parameters or people's texts into their lower levels."""


def _place_exceptions(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Tell where an error arose and of which kind, not its words: those may be a person's or a page's."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    elif isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(info[2])]
        event["error"] = info[0].__name__
        event["at"] = frames[-_FRAMES:]
    return event


class _Redacting(logging.Formatter):
    """Formats by another formatter, then takes out every secret, wherever it came from."""

    def __init__(self, inner: logging.Formatter, secrets: Iterable[str]) -> None:
        super().__init__()
        self._inner = inner
        self._secrets = sorted({secret for secret in secrets if secret}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = self._inner.format(record)
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return _TOKEN.sub("***", line)


def configure_logs(level: str, *, secrets: Iterable[str] = ()) -> None:
    """Send everything to standard error: lines for people on a terminal, JSON otherwise.

    Args:
        level: Least level to show: DEBUG, INFO, WARNING or ERROR.
        secrets: Words that must never be shown; anything of a token's form is left out anyway.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _place_exceptions,
    ]
    is_terminal = sys.stderr.isatty()
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=True)]
        if is_terminal
        else [structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    inner = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler.setFormatter(_Redacting(inner, secrets))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)  # what libraries warn of is a line of the log like any other
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
