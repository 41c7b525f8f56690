"""What the operator decides: environment variables ``NEWSGIST_*``, read once, or a ``.env`` file."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote, unquote_plus, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "NEWSGIST_"
TELEGRAM = "https://api.telegram.org"
_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{10,}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
_PASSWORD = re.compile(r"^[^:/]+://[^:/]*:([^@]+)@|[?&]password=([^&#]+)")
_LEAST_HIDDEN = 4
"""A shorter password would take whole logs to pieces, and is none."""


class Access(StrEnum):
    """Who may use the bot."""

    OPEN = "open"
    INVITE = "invite"


class UnknownPolicy(StrEnum):
    """What becomes of a delivery whose answer never came."""

    LEAVE = "leave"
    RESEND = "resend"


class SettingsError(BotError):
    """The settings have faults.

    Attributes:
        faults: One plain sentence for each, all of them at once.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, such as ``127.0.0.1:8080`` or ``[::1]:8080``; port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Settings(BaseSettings):
    """Every setting, its default, and what it is for.

    The environment variable of a field is ``NEWSGIST_`` and its name in capitals; the same with ``_FILE`` names a
    file that holds the value (for secrets that a deployment mounts).
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore", hide_input_in_errors=True
    )

    bot_token: SecretStr | None = None
    """Telegram's token for the bot, from @BotFather. None: the sandbox."""
    bot_api_url: str = TELEGRAM
    """Root of the Bot API server; requests go to ``{root}/bot{token}/{method}``."""
    admins: Annotated[frozenset[int], NoDecode] = frozenset()
    """Numeric user ids of the owners, comma-separated. ``/id`` tells a person's own."""
    database_url: SecretStr | None = None
    """``postgresql://user:password@host/name``; None: SQLite in the data folder."""
    data: Path = Path("data")
    """Folder for the database, its backups and the lock."""
    listen: Annotated[Address, NoDecode] = Address("127.0.0.1", 8080)
    """Address of ``/telegram``, ``/livez``, ``/readyz`` and ``/metrics``; port 0 takes a free one."""
    webhook_url: str | None = None
    """Public https address of this bot, without ``/telegram``. None: the bot asks Telegram for updates."""
    webhook_secret: SecretStr | None = None
    """Secret that Telegram repeats in every webhook call; required with the address."""
    allow_private: str = ""
    """Addresses that the web guard lets through although they are private: ``host:port`` or networks."""
    poll_min_s: float = Field(default=300.0, gt=0, le=86_400)
    """Shortest time between two polls of one feed, in seconds."""
    paid_broadcast: bool = False
    """Whether editors may have a push sent at up to 1,000 messages a second for Telegram Stars, after its price was
    shown. @BotFather must have allowed it to the bot."""
    access: Access = Access.OPEN
    """Who may use the bot: everyone, or who was invited (``/editors`` gives links that work once)."""
    chat_burst: int = Field(default=2, ge=1, le=30)
    """How many messages a person gets at once who has had none for a while; then one a second. Telegram tolerates a
    few, and does not say how many."""
    max_feeds: int = Field(default=50, ge=1, le=1000)
    """How many feeds one chat may follow."""
    unknown: UnknownPolicy = UnknownPolicy.LEAVE
    """What becomes of a delivery whose answer never came."""
    contact_url: str = ""
    """Address of a page about this bot, told to the sites it reads."""
    catalogue: Path | None = None
    """Feeds to offer instead of the catalogue that ships: a file, a line a feed. An empty one offers none."""
    sandbox: Annotated[Address, NoDecode] = Address("127.0.0.1", 8081)
    """Address of the sandbox's chat page, Bot API and sample site."""
    log_level: str = "INFO"
    """Least level that is logged: DEBUG, INFO, WARNING or ERROR."""

    @field_validator("bot_token")
    @classmethod
    def _token_has_its_form(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().strip():
            return None
        if value is not None and not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("is no bot token; @BotFather gives one like 123456789:AAE…")
        return value

    @field_validator("bot_api_url")
    @classmethod
    def _root_is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"must be an http or https address such as {TELEGRAM}")
        return value.rstrip("/")

    @field_validator("admins", mode="before")
    @classmethod
    def _admins_are_numbers(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        words = [word.strip() for word in value.split(",") if word.strip()]
        if wrong := [word for word in words if not word.isdecimal() or not int(word)]:
            raise ValueError(f"wants numeric user ids, and {wrong[0]!r} is none; send /id to the bot to learn yours")
        return frozenset(int(word) for word in words)

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value().strip():
            return None
        if not value.get_secret_value().startswith(("postgresql://", "postgres://", "sqlite:///")):
            raise ValueError("must begin with postgresql:// (or be left out for SQLite in the data folder)")
        return value

    @field_validator("listen", "sandbox", mode="before")
    @classmethod
    def _address_has_host_and_port(cls, value: object) -> Address:
        host, colon, port = str(value).strip().rpartition(":")
        is_bracketed = host.startswith("[") and host.endswith("]")
        is_plain = not set(host) & set("[]:/@ ")
        if not colon or not host or not (is_bracketed or is_plain) or not port.isdecimal() or int(port) > 65535:
            raise ValueError("must be host:port, such as 127.0.0.1:8080")
        return Address(host.strip("[]"), int(port))

    @field_validator("sandbox")
    @classmethod
    def _sandbox_stays_on_this_machine(cls, value: Address) -> Address:
        if value.host not in {"localhost", "127.0.0.1", "::1"}:
            raise ValueError("must be an address of this machine alone, such as 127.0.0.1:8081")
        return value

    @field_validator("webhook_url")
    @classmethod
    def _webhook_is_https(cls, value: str | None) -> str | None:
        if not value:
            return None
        if urlsplit(value).scheme != "https" or not urlsplit(value).hostname:
            raise ValueError("must be a public https address, such as https://news.example.org")
        return value.rstrip("/")

    @field_validator("webhook_secret")
    @classmethod
    def _secret_has_its_form(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("must be 16 to 256 letters, digits, _ or -")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _level_is_known(cls, value: object) -> str:
        level = str(value).strip().upper()
        if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return level

    @model_validator(mode="after")
    def _webhook_has_a_secret(self) -> Settings:
        if self.webhook_url and self.webhook_secret is None:
            raise ValueError(f"{PREFIX}WEBHOOK_SECRET is required with {PREFIX}WEBHOOK_URL")
        return self

    @model_validator(mode="after")
    def _live_settings_have_a_token(self) -> Settings:
        live = [name for name, value in self._live_settings().items() if value]
        if self.bot_token is None and live:
            names = ", ".join(PREFIX + name for name in live)
            raise ValueError(f"{names} set, but no {PREFIX}BOT_TOKEN; without a token there is only the sandbox")
        return self

    def _live_settings(self) -> Mapping[str, object]:
        url = self.database_url.get_secret_value() if self.database_url else ""
        return {
            "WEBHOOK_URL": self.webhook_url,
            "ADMINS": self.admins,
            "DATABASE_URL": url.startswith("postgres"),
        }

    @property
    def bot_id(self) -> int:
        """The bot's numeric id, which stands before the colon of its token."""
        if self.bot_token is None:
            raise SettingsError([f"{PREFIX}BOT_TOKEN is not set"])
        return int(self.bot_token.get_secret_value().partition(":")[0])

    @property
    def home(self) -> Path:
        """The folder of this bot's data; the sandbox's lies apart from any real bot's."""
        return self.data if self.bot_token is not None else self.data / "sandbox"

    @property
    def storage_url(self) -> str:
        """The database's address: PostgreSQL's, or a file in the data folder."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home / 'newsgist.db'}"

    def secrets(self) -> list[str]:
        """List what must stand in no log."""
        hidden = (self.bot_token, self.webhook_secret, self.database_url)
        values = [value.get_secret_value() for value in hidden if value is not None]
        return values + self._passwords()

    def _passwords(self) -> list[str]:
        """Give the database's password alone, as its address has it and as it is meant."""
        url = self.database_url.get_secret_value() if self.database_url else ""
        written = [match[1] or match[2] for match in _PASSWORD.finditer(url)]
        return [
            each for word in written for each in {word, unquote(word), unquote_plus(word)} if len(each) >= _LEAST_HIDDEN
        ]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of precedence: arguments, ``…_FILE``, environment, ``.env``."""
        return init_settings, _NamedFiles(cls), env_settings, dotenv_settings


class _NamedFiles(PydanticBaseSettingsSource):
    """Values from the files that ``NEWSGIST_…_FILE`` name."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ANN401 - vendor's
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            name = f"{PREFIX}{field_name.upper()}_FILE"
            raise SettingsError([f"{name} names a file that cannot be read ({type(error).__name__})"]) from error

    def __call__(self) -> dict[str, Any]:
        found = {}
        for name, field in self.settings_cls.model_fields.items():
            value, key, _ = self.get_field_value(field, name)
            if value is not None:
                found[key] = value
        return found


def load_settings(**given: Any) -> Settings:  # noqa: ANN401 - whatever fields the caller sets
    """Read the settings; ``given`` ones, from the command line, come first.

    Raises:
        SettingsError: With every fault at once, none of them showing a secret.
    """
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        raise SettingsError([_plain(fault) for fault in error.errors(include_url=False, include_input=False)]) from None
    except UnicodeDecodeError as error:
        raise SettingsError([f".env is not UTF-8: byte {error.start + 1} is no part of it"]) from None


def _plain(fault: Mapping[str, Any]) -> str:
    words = str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    if str(fault["type"]).endswith("_parsing"):
        words = "must be a number"
    name = "".join(PREFIX + str(part).upper() for part in fault["loc"][:1])
    return f"{name} {words}" if name else words
