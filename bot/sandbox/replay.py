"""Serves saved feeds and pages by a manifest: what is not in it is not there."""

from __future__ import annotations

import gzip
import json
import mimetypes
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.world.model import Json

_OURS = frozenset({"content-length", "content-encoding", "transfer-encoding", "connection", "content-type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A saved answer; ``file`` is ``None`` for one without a body."""

    file: Path | None
    content_type: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """Read the saved bytes, unpacked where the file is a ``.gz``."""
        if self.file is None:
            return b""
        data = self.file.read_bytes()
        return gzip.decompress(data) if self.file.suffix == ".gz" else data


class ManifestError(Exception):
    """The manifest cannot be used; the words say why."""


class Replay:
    """Answers ``/replay?url=<address>`` with what the manifest has for that address, else 404.

    Args:
        folder: holds ``manifest.json``: address → path, or address → ``{"file", "content_type", "status",
            "headers"}``; paths are relative to the folder.

    Raises:
        ManifestError: there is none, it is no such table, or it names a file that is missing or outside the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._saved = load_manifest(folder)

    @property
    def addresses(self) -> list[str]:
        """The addresses that are served, in the manifest's order."""
        return list(self._saved)

    def find(self, address: str) -> Saved | None:
        """Return what is saved for an address; a fragment and a lone final slash make no difference."""
        address = address.partition("#")[0]
        other = address[:-1] if address.endswith("/") else f"{address}/"
        return self._saved.get(address) or self._saved.get(other)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve the replay at ``/replay``."""
        router.add_get("/replay", self._serve)

    async def _serve(self, request: web.Request) -> web.Response:
        saved = self.find(request.query.get("url", ""))
        if saved is None:
            return web.Response(status=404, text="Not in the manifest.\n")
        headers = {name: value for name, value in saved.headers.items() if name.lower() not in _OURS}
        if saved.content_type:
            headers["Content-Type"] = saved.content_type
        return web.Response(status=saved.status, body=saved.body(), headers=headers)


def load_manifest(folder: Path) -> dict[str, Saved]:
    """Read ``manifest.json`` of a folder.

    Raises:
        ManifestError: there is none, it is no such table, or it names a file that is missing or outside the folder.
    """
    path = folder / "manifest.json"
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ManifestError(f"{path} is not JSON: {error}") from error
    if not isinstance(table, dict):
        raise ManifestError(f"{path} is not a table from address to file")
    return {address: _saved(folder, address, entry) for address, entry in table.items()}


def _saved(folder: Path, address: str, entry: str | Json) -> Saved:
    if isinstance(entry, str):
        entry = {"file": entry}
    if not isinstance(entry, dict):
        raise ManifestError(f"{address}: neither a path nor an object")
    name = entry.get("file")
    file = None if name is None else (folder / name).resolve()
    if file is not None and not file.is_relative_to(folder.resolve()):
        raise ManifestError(f"{address}: {name} lies outside the folder")
    if file is not None and not file.is_file():
        raise ManifestError(f"{address}: there is no file {name}")
    guess = mimetypes.guess_type(str(name).removesuffix(".gz"))[0] if name else None
    return Saved(
        file=file,
        content_type=entry.get("content_type") or guess or "application/octet-stream",
        status=int(entry.get("status", 200)),
        headers={str(key): str(value) for key, value in entry.get("headers", {}).items()},
    )
