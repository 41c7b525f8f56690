from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox import Sandbox
from bot.sandbox.replay import ManifestError, Replay

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, manifest: Any) -> Path:
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


async def test_saved_answers_are_served_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "feed.xml.gz").write_bytes(gzip.compress(b"<rss/>"))
    (tmp_path / "page.html").write_bytes("Олдмур".encode("cp1251"))
    manifest = {
        "https://a.example/feed?x=1&y=2": {
            "file": "feed.xml.gz",
            "content_type": "application/rss+xml",
            "headers": {"ETag": '"1"', "Content-Encoding": "gzip", "Content-Length": "9"},
        },
        "https://a.example/page/": "page.html",
        "https://a.example/gone": {"file": None, "status": 410},
    }
    async with (
        Sandbox(port=0, every_s=0, replay=write(tmp_path, manifest)) as sandbox,
        aiohttp.ClientSession() as session,
    ):
        async with session.get(sandbox.replay_url, params={"url": "https://a.example/feed?x=1&y=2#top"}) as answer:
            assert answer.content_type == "application/rss+xml"
            assert answer.headers["ETag"] == '"1"'
            assert await answer.read() == b"<rss/>"
        async with session.get(sandbox.replay_url, params={"url": "https://a.example/page"}) as answer:
            assert answer.content_type == "text/html"
            assert (await answer.read()).decode("cp1251") == "Олдмур"
        async with session.get(sandbox.replay_url, params={"url": "https://a.example/gone"}) as answer:
            assert answer.status == 410
        for url in ("https://a.example/other", "https://b.example/page/", ""):
            async with session.get(sandbox.replay_url, params={"url": url}) as answer:
                assert answer.status == 404


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        pytest.param(["a"], "not a table", id="a list"),
        pytest.param({"https://a.example/": "none.html"}, "there is no file none.html", id="missing file"),
        pytest.param({"https://a.example/": "../secret"}, "lies outside the folder", id="file outside"),
        pytest.param({"https://a.example/": 7}, "neither a path nor an object", id="a number"),
    ],
)
def test_a_manifest_that_cannot_be_used_says_why(tmp_path: Path, manifest: Any, words: str) -> None:
    with pytest.raises(ManifestError, match=words):
        Replay(write(tmp_path, manifest))


def test_a_missing_or_broken_manifest_says_so(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be read"):
        Replay(tmp_path)
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(ManifestError, match="is not JSON"):
        Replay(tmp_path)
