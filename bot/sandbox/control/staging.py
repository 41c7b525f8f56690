"""The people's side over HTTP, staging: faults, the ledger, and what the sample site publishes."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from bot.sandbox.control.http import as_json, read_body, whole_number
from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.faults import Fault, FaultKind
from bot.sandbox.world.views import fault_view, line_view

if TYPE_CHECKING:
    from aiohttp import web

    from bot.sandbox.site.newsdesk import Article, Newsdesk
    from bot.sandbox.world.model import Json
    from bot.sandbox.world.world import World


_FASTEST_S = 0.5
_SLOWEST_S = 86_400.0


class Staging:
    """Makes things fail and happen, and shows what the bot did.

    Args:
        world: where they happen.
        newsdesk: the sample site's, to publish on request.
    """

    def __init__(self, world: World, newsdesk: Newsdesk) -> None:
        self._world = world
        self._newsdesk = newsdesk

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve below ``/sandbox``."""
        for method, path, handler in (
            ("POST", "/sandbox/faults", self._arm),
            ("GET", "/sandbox/faults", self._armed),
            ("DELETE", "/sandbox/faults", self._clear_faults),
            ("GET", "/sandbox/ledger", self._ledger),
            ("GET", "/sandbox/tally", self._tally),
            ("POST", "/sandbox/publish", self._publish),
            ("POST", "/sandbox/correct", self._correct),
            ("GET", "/sandbox/pace", self._pace),
            ("POST", "/sandbox/pace", self._pace),
            ("GET", "/sandbox/papers", self._papers),
        ):
            router.add_route(method, path, as_json(handler))

    async def _arm(self, request: web.Request) -> Json:
        body = await read_body(request)
        fault = Fault(kind=FaultKind(body.pop("kind", "")), **body)
        self._world.faults.arm(fault)
        return fault_view(fault)

    async def _armed(self, _request: web.Request) -> list[Json]:
        return [fault_view(fault) for fault in self._world.faults.armed]

    async def _clear_faults(self, request: web.Request) -> Json:
        """Forget all faults, or those of a ``kind``."""
        kind = request.query.get("kind")
        kept = [] if kind is None else [fault for fault in self._world.faults.armed if fault.kind != kind]
        self._world.faults.armed[:] = kept
        return {}

    async def _ledger(self, request: web.Request) -> list[Json]:
        chat = request.query.get("chat")
        since = whole_number(request.query.get("since", "0"))
        lines = self._world.lines(method=request.query.get("method"), chat_id=int(chat) if chat else None)
        last = whole_number(request.query.get("last", "0"))
        return [line_view(line) for line in lines[-last:] if line.number > since]

    async def _tally(self, _request: web.Request) -> Json:
        """Judge the ledger in a few figures: how requests ended, what came twice, how fast they came."""
        lines = list(self._world.ledger)
        sent = [line for line in self._world.delivered() if line.text]
        texts = Counter((line.chat_id, line.text) for line in sent)
        return {
            "requests": len(lines),
            "outcomes": dict(Counter(line.outcome.value for line in lines)),
            "delivered": len(sent),
            "doubled": [
                {"chat_id": chat_id, "text": text, "times": times}
                for (chat_id, text), times in texts.items()
                if times > 1
            ],
            "in_ban": sum(line.in_ban for line in lines),
            "most_in_a_second": _most_in_a_second([line.arrived_at for line in sent]),
        }

    async def _papers(self, request: web.Request) -> list[Json]:
        root = f"{request.scheme}://{request.host}"
        return [
            {
                "key": outlet.key,
                "name": outlet.name,
                "language": outlet.language,
                "address": f"{root}/site/{outlet.key}/",
            }
            for outlet in self._newsdesk.outlets.values()
        ]

    async def _publish(self, _request: web.Request) -> Json:
        return _article_view(self._newsdesk.publish())

    async def _correct(self, request: web.Request) -> Json:
        """Let a paper correct an article that is out; ``outlet`` says which paper."""
        article = self._newsdesk.correct((await read_body(request)).get("outlet"))
        if article is None:
            raise bad_request("sandbox: nothing that is out needs a correction")
        return _article_view(article) | {"note": article.correction}

    async def _pace(self, request: web.Request) -> Json:
        """Read or set how fast time runs at the newsdesk."""
        body = await read_body(request)
        if "every_s" in body:
            every_s = float(body["every_s"])
            if every_s and not _FASTEST_S <= every_s <= _SLOWEST_S:
                raise bad_request(f"sandbox: between {_FASTEST_S:g} and {_SLOWEST_S:g} seconds, or 0")
            self._newsdesk.set_pace(every_s)
        return {"every_s": self._newsdesk.every_s, "published": self._newsdesk.published}


def _article_view(article: Article) -> Json:
    return {"outlet": article.outlet.key, "title": article.title, "path": article.path}


def _most_in_a_second(instants: list[float]) -> int:
    most, window = 0, deque[float]()
    for instant in sorted(instants):
        window.append(instant)
        while window[0] <= instant - 1.0:
            window.popleft()
        most = max(most, len(window))
    return most
