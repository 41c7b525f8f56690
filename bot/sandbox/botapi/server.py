"""The Bot API over HTTP: tokens, parameters, pacing, faults, the ledger, and the answer."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.botapi.parameters import Parameters, read_parameters
from bot.sandbox.telegram.errors import ApiError, conflict, too_many_requests
from bot.sandbox.telegram.faults import Fault, FaultKind
from bot.sandbox.world.membership import deactivate, migrate, set_blocked, set_bot_status
from bot.sandbox.world.model import ChatKind, MemberStatus, Outcome
from bot.sandbox.world.updates import OTHER_POLLER

if TYPE_CHECKING:
    from bot.sandbox.botapi.methods import Methods
    from bot.sandbox.botapi.webhook import Webhook
    from bot.sandbox.world.world import World

_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{3,}")
_PACED = frozenset(
    {
        "sendmessage",
        "senddocument",
        "editmessagetext",
        "editmessagecaption",
        "editmessagereplymarkup",
        "deletemessage",
        "deletemessages",
    }
)
_QUIET = frozenset({"getupdates", "getme", "getfile", "getwebhookinfo"})
_CARRIED_OUT = frozenset({FaultKind.DROP, FaultKind.SERVER_ERROR_AFTER, FaultKind.GARBLED})
_REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One request, as it stood when it arrived."""

    key: str
    name: str
    parameters: Parameters
    arrived_at: float
    chat_id: int | None
    in_ban: bool


class BotApi:
    """Answers ``/bot<token>/<method>`` and ``/file/bot<token>/<path>``.

    Args:
        world: what is served.
        methods: what the methods do.
        webhook: the delivery by webhook, which excludes ``getUpdates``.
    """

    def __init__(self, world: World, methods: Methods, webhook: Webhook) -> None:
        self._world = world
        self._methods = methods
        self._webhook = webhook

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve the API below the root."""
        router.add_route("*", "/bot{token}/{method}", self._serve)
        router.add_get("/file/bot{token}/{path:.+}", self._download)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._answer(request)
        except ApiError as error:
            return _refused(error)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self._check_token(request.match_info["token"])
        key = request.match_info["method"].lower()
        waiting = {"getupdates": self._get_updates, **self._webhook.table}
        if key not in waiting and key not in self._methods.table:
            raise ApiError(404, "Not Found")
        parameters = await read_parameters(request)
        chat_id = parameters.optional_integer("chat_id")
        now = self._world.clock.monotonic()
        name = self._methods.table[key][0] if key in self._methods.table else request.match_info["method"]
        call = _Call(
            key=key,
            name=name,
            parameters=parameters,
            arrived_at=now,
            chat_id=chat_id,
            in_ban=key in _PACED and self._world.pacer.banned_for(chat_id, now) > 0,
        )
        fault = self._world.faults.take(key, chat_id, private=self._is_private(chat_id))
        if fault is not None and (answer := await self._before(call, fault, request)) is not None:
            return answer
        if key in waiting:
            result = await waiting[key](parameters)
        else:
            result = self._carry_out(call, fault)
        return await self._after(result, fault, request)

    def _check_token(self, token: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise ApiError(404, "Not Found")
        if token != self._world.token:
            raise ApiError(401, "Unauthorized")

    # ---- one call

    def _carry_out(self, call: _Call, fault: Fault | None) -> Any:  # noqa: ANN401  the result's shape is the method's
        try:
            self._check_pace(call)
            result = self._methods.table[call.key][1](call.parameters)
        except ApiError as error:
            self._record(call, Outcome.REFUSED, error_code=error.code, description=error.description)
            raise
        unanswered = fault is not None and fault.kind in _CARRIED_OUT
        self._record(
            call,
            Outcome.UNANSWERED if unanswered else Outcome.ACCEPTED,
            result=result,
            description=fault.kind.value if fault is not None else "",
        )
        return result

    def _check_pace(self, call: _Call) -> None:
        if call.key not in _PACED:
            return
        banned_s = self._world.pacer.banned_for(call.chat_id, call.arrived_at)
        if banned_s > 0:
            raise too_many_requests(banned_s)
        chat = self._world.chats.get(call.chat_id or 0)
        if chat is None or chat.migrated_to is not None or chat.blocked:
            return
        wait_s = self._world.pacer.admit(
            chat.id,
            private=chat.kind is ChatKind.PRIVATE,
            now=call.arrived_at,
            per_chat=not call.key.startswith("deletemessage"),
        )
        if wait_s > 0:
            raise too_many_requests(wait_s)

    def _record(
        self,
        call: _Call,
        outcome: Outcome,
        *,
        result: object = None,
        error_code: int | None = None,
        description: str = "",
    ) -> None:
        if call.key in _QUIET:
            return
        message_id = call.parameters.optional_integer("message_id")
        text = call.parameters.text("text") or call.parameters.text("caption")
        if isinstance(result, dict) and "message_id" in result:
            message_id = result["message_id"]
            text = result.get("text") or result.get("caption") or text
        self._world.record(
            call.name,
            arrived_at=call.arrived_at,
            outcome=outcome,
            chat_id=call.chat_id,
            message_id=message_id,
            text=text,
            error_code=error_code,
            description=description,
            in_ban=call.in_ban,
        )

    # ---- faults

    def _is_private(self, chat_id: int | None) -> bool | None:
        chat = self._world.chats.get(chat_id or 0)
        # A group that was upgraded is gone; nothing more befalls it.
        return None if chat is None or chat.migrated_to is not None else chat.kind is ChatKind.PRIVATE

    async def _before(self, call: _Call, fault: Fault, request: web.Request) -> web.StreamResponse | None:
        """Answer a call that a fault keeps from being carried out; ``None`` where it goes on."""
        match fault.kind:
            case FaultKind.TOO_MANY:
                wait_s = fault.wait_s()
                self._world.pacer.ban(None if fault.whole_token else call.chat_id, call.arrived_at + wait_s)
                error = too_many_requests(wait_s)
                self._record(call, Outcome.REFUSED, error_code=error.code, description=error.description)
                raise error
            case FaultKind.SERVER_ERROR:
                self._record(call, Outcome.REFUSED, error_code=fault.status, description=fault.kind.value)
                return _server_error(fault.status)
            case FaultKind.DROP_BEFORE | FaultKind.DOWN:
                self._record(call, Outcome.LOST, description=fault.kind.value)
                return _cut(request)
            case FaultKind.CONFLICT:
                raise conflict(OTHER_POLLER)
            case FaultKind.LATE:
                await asyncio.sleep(fault.delay_s)
            case FaultKind.BLOCKED | FaultKind.DEACTIVATED | FaultKind.KICKED | FaultKind.MIGRATED:
                self._befall(fault.kind, call.chat_id or 0)
            case _:
                pass
        return None

    def _befall(self, kind: FaultKind, chat_id: int) -> None:
        """Let something happen to the chat before the request is looked at; its refusal follows by itself."""
        match kind:
            case FaultKind.BLOCKED:
                set_blocked(self._world, chat_id, blocked=True)
            case FaultKind.DEACTIVATED:
                deactivate(self._world, chat_id)
            case FaultKind.MIGRATED if self._world.chats[chat_id].kind is ChatKind.GROUP:
                migrate(self._world, chat_id, announce=False)
            case FaultKind.KICKED:
                by = next(iter(self._world.chats[chat_id].members), self._world.bot.id)
                set_bot_status(self._world, chat_id, MemberStatus.KICKED, by=by)
            case _:
                pass

    @staticmethod
    async def _after(result: object, fault: Fault | None, request: web.Request) -> web.StreamResponse:
        if fault is not None:
            match fault.kind:
                case FaultKind.DROP:
                    return _cut(request)
                case FaultKind.SERVER_ERROR_AFTER:
                    return _server_error(fault.status)
                case FaultKind.GARBLED:
                    kind = "application/json" if fault.body.startswith("{") else "text/html"
                    return web.Response(text=fault.body, content_type=kind)
                case FaultKind.SLOW:
                    await asyncio.sleep(fault.delay_s)
                case _:
                    pass
        return web.json_response({"ok": True, "result": result})

    # ---- what waits or streams

    async def _get_updates(self, parameters: Parameters) -> list[dict[str, Any]]:
        if self._webhook.url:
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        allowed = parameters.sequence("allowed_updates")
        if allowed is not None:
            self._world.updates.allow([str(kind) for kind in allowed])
        return await self._world.updates.poll(
            offset=parameters.integer("offset"),
            limit=parameters.integer("limit", 100),
            timeout_s=float(parameters.integer("timeout")),
        )

    async def _download(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check_token(request.match_info["token"])
        except ApiError as error:
            return _refused(error)
        data = self._world.files.get(request.match_info["path"].removeprefix("documents/"))
        if data is None:
            return _refused(ApiError(404, "Not Found"))
        return web.Response(body=data, content_type="application/octet-stream")


def _refused(error: ApiError) -> web.Response:
    headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s is not None else None
    return web.json_response(error.body(), status=error.code, headers=headers)


def _server_error(status: int) -> web.Response:
    reason = _REASONS.get(status, "Error")
    if status == 500:
        return web.json_response({"ok": False, "error_code": 500, "description": reason}, status=500)
    # Between the bot and Telegram stands a proxy, whose errors are pages.
    return web.Response(text=f"<html><h1>{status} {reason}</h1></html>", status=status, content_type="text/html")


def _cut(request: web.Request) -> web.Response:
    """Break the connection, so that the answer never leaves."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
