"""A request's parameters, whichever way they came: query, form, multipart or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader

from bot.sandbox.telegram.errors import bad_request

if TYPE_CHECKING:
    from aiohttp import MultipartReader, web

    from bot.sandbox.world.model import Json

_MAX_FILE_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file of a multipart request."""

    file_name: str
    mime_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Typed access to what a Bot API method was given."""

    values: Json
    uploads: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Tell whether a parameter was given and is not empty."""
        return self.values.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text."""
        value = self.values.get(name)
        return default if value is None else value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        """Return a parameter as a whole number, the default where it is none, as Telegram does."""
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError):
            return default

    def optional_integer(self, name: str) -> int | None:
        """Return a parameter as a whole number, ``None`` where it is missing or 0."""
        return self.integer(name) or None

    def boolean(self, name: str) -> bool:
        """Return a parameter as a truth value."""
        return str(self.values.get(name, "")).lower() in {"true", "yes", "1"}

    def chat_id(self) -> int | str:
        """Return the chat as a number or ``@username``.

        Raises:
            ApiError: it is missing.
        """
        raw = self.values.get("chat_id")
        if raw is None or raw == "":
            raise bad_request("chat_id is empty")
        try:
            return int(raw)
        except (TypeError, ValueError):
            return str(raw)

    def structure(self, name: str, words: str = "object expected") -> Any:  # noqa: ANN401  JSON of any shape
        """Return a parameter that is JSON, be it encoded in a string or part of a JSON body.

        Raises:
            ApiError: it is not JSON.
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(f"can't parse {name} JSON object: {words}") from error

    def mapping(self, name: str) -> Json | None:
        """Return a parameter that is a JSON object, ``None`` where it is missing.

        Raises:
            ApiError: it is something else.
        """
        value = self.structure(name)
        if value is None or isinstance(value, dict):
            return value
        raise bad_request(f"object expected as {name.replace('_', ' ')}")

    def sequence(self, name: str) -> list[Any] | None:
        """Return a parameter that is a JSON array, ``None`` where it is missing.

        Raises:
            ApiError: it is something else.
        """
        value = self.structure(name)
        if value is None or isinstance(value, list):
            return value
        raise bad_request(f"array expected as {name.replace('_', ' ')}")

    def upload(self, name: str) -> Upload | None:
        """Return the file of a parameter, sent under its name or by ``attach://``."""
        reference = self.values.get(name)
        if isinstance(reference, str) and reference.startswith("attach://"):
            return self.uploads.get(reference.removeprefix("attach://"))
        return self.uploads.get(name)


async def read_parameters(request: web.Request) -> Parameters:
    """Read a request's parameters from wherever they stand.

    Raises:
        ApiError: the body is not what its content type says, or a file is too large.
    """
    values: Json = dict(request.query)
    if request.method == "GET" or not request.can_read_body:
        return Parameters(values=values)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError as error:
            raise bad_request("can't parse request body as JSON") from error
        if not isinstance(body, dict):
            raise bad_request("request body is not a JSON object")
        return Parameters(values=values | body)
    if request.content_type == "multipart/form-data":
        fields, uploads = await _read_multipart(await request.multipart())
        return Parameters(values=values | fields, uploads=uploads)
    return Parameters(values=values | dict(await request.post()))


async def _read_multipart(reader: MultipartReader) -> tuple[Json, dict[str, Upload]]:
    fields: Json = {}
    uploads: dict[str, Upload] = {}
    while (part := await reader.next()) is not None:
        # A multipart within the multipart is nothing that Telegram knows.
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        data = bytes(await part.read(decode=True))
        if len(data) > _MAX_FILE_BYTES:
            raise bad_request("file is too big")
        if part.filename is None:
            fields[part.name] = data.decode("utf-8", "replace")
        else:
            mime_type = part.headers.get("Content-Type", "application/octet-stream")
            uploads[part.name] = Upload(file_name=part.filename, mime_type=mime_type, data=data)
    return fields, uploads
