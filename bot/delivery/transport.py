"""python-telegram-bot's requests on aiohttp: a fifth of the CPU, and errors that say whether a request left."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.payload import BytesPayload
from telegram.error import BadRequest
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.delivery.errors import (
    NeverLeftError,
    NoAnswerError,
    RateLimitedError,
    TokenRejectedError,
    WrongServerError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiohttp.abc import AbstractStreamWriter
    from telegram._utils.types import ODVInput

MAX_ANSWER_BYTES = 32 * 2**20
"""Above the 20 MB that Telegram lets a bot download."""
_CHUNK_BYTES = 2**16
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_LEFT_TO_VENDOR = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT})
_RETRY_AFTER_UNSAID_S = 5.0
"""The wait after a 429 that names none."""
_RETRY_AFTER_MOST_S = 86_400
"""No server of Telegram's bans a bot for longer; a broken one may name any number."""
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class PlainData:
    """Parameters that hold no file: they leave as one JSON object, in a tenth of the time that a form takes.

    Args:
        parameters: By Telegram's names, as plain data; those that are None are left out.
        on_left: Called when the request has been handed to the network, once it has a connection.
    """

    def __init__(self, parameters: Mapping[str, Any], on_left: Callable[[], None] | None = None) -> None:
        self._parameters = parameters
        self._on_left = on_left

    def body(self) -> BytesPayload:
        """Make the request's body; lone surrogates, which Telegram refuses, are left out."""
        plain = {name: value for name, value in self._parameters.items() if value is not None}
        return _Leaving(_write(plain).encode("utf-8", "ignore"), self._on_left)


class _Leaving(BytesPayload):
    """A body that says when it was written, together with the head before it."""

    def __init__(self, value: bytes, on_left: Callable[[], None] | None) -> None:
        super().__init__(value, content_type="application/json")
        self._on_left = on_left

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        await super().write_with_length(writer, content_length)
        if self._on_left is not None:
            self._on_left()


class AiohttpRequest(BaseRequest):
    """One pool of connections to a Bot API server.

    Args:
        connections: How many may be open at once; further requests wait for one.
        connect_timeout_s: Longest wait for a connection, from the pool or new.
        read_timeout_s: Longest wait for the answer to begin, and between its parts.
        write_timeout_s: Further time that a request may take in all; twenty times as much where it uploads a file.
        keepalive_s: How long an idle connection is kept. Shorter than Telegram's 75 s, so that we do not send into a
            connection that is just being closed.
    """

    def __init__(
        self,
        *,
        connections: int = 128,
        connect_timeout_s: float = 5.0,
        read_timeout_s: float = 20.0,
        write_timeout_s: float = 5.0,
        keepalive_s: float = 30.0,
    ) -> None:
        self._connections = connections
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        self._write_timeout_s = write_timeout_s
        self._keepalive_s = keepalive_s
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Longest wait for an answer, in seconds, unless a call says otherwise."""
        return self._read_timeout_s

    async def initialize(self) -> None:
        """Open the session; harmless when it is open."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=self._keepalive_s),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                trust_env=False,
            )

    async def shutdown(self) -> None:
        """Close the session with its connections; harmless when it is closed."""
        if self._session is not None:
            await self._session.close()

    async def do_request(  # noqa: PLR0917 - the vendor's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | PlainData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one request and return its status and body.

        Raises:
            NeverLeftError: When Telegram cannot have seen the request.
            NoAnswerError: When it may have, and did not say.
            RateLimitedError: On 429.
            TokenRejectedError: On 401.
            WrongServerError: On 404 with an answer in the Bot API's form.
            BadRequest: On a 4xx without a class of its own, such as 413.
        """
        if self._session is None or self._session.closed:
            raise NeverLeftError("the connection to the Bot API is closed")
        body, headers = _encode(request_data)
        timeout = self._timeout(
            connect_s=_given(connect_timeout, self._connect_timeout_s),
            pool_s=_given(pool_timeout, 0.0),
            read_s=_given(read_timeout, self._read_timeout_s),
            write_s=_given(write_timeout, self._write_timeout_s * (20 if isinstance(body, aiohttp.FormData) else 1)),
        )
        failure: NeverLeftError | NoAnswerError
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                answer = await _read(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = _translate(error)
        else:
            _raise_for_status(response.status, answer)
            return response.status, answer
        # Raised here, outside the handler: as a context, the vendor's error would bring the address into tracebacks.
        raise failure

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Parse an answer of the Bot API without writing it to the log, where people's texts have no place.

        Raises:
            NoAnswerError: When it is not in the Bot API's form.
        """
        answer = _parse(payload)
        if answer is None or (answer["ok"] is True and "result" not in answer):
            raise NoAnswerError("the answer is not in the Bot API's form")
        return answer

    def _timeout(
        self, *, connect_s: float | None, pool_s: float | None, read_s: float | None, write_s: float | None
    ) -> aiohttp.ClientTimeout:
        # The total is longer than the wait for a connection, so whatever it cuts off has left.
        waits = (connect_s, pool_s, read_s, write_s)
        return aiohttp.ClientTimeout(
            total=None if None in waits else sum(wait for wait in waits if wait is not None),
            connect=None if connect_s is None or pool_s is None else connect_s + pool_s,
            sock_connect=connect_s,
            sock_read=read_s,
        )


def _given(value: ODVInput[float], default: float) -> float | None:
    return value if value is None or isinstance(value, int | float) else default


def _encode(
    request_data: RequestData | PlainData | None,
) -> tuple[aiohttp.FormData | BytesPayload | bytes | None, dict[str, str] | None]:
    if request_data is None:
        return None, None
    if isinstance(request_data, PlainData):
        return request_data.body(), None
    if request_data.contains_files:
        form = aiohttp.FormData(quote_fields=False)  # or a Cyrillic file name arrives percent-encoded
        for name, value in request_data.json_parameters.items():
            form.add_field(name, value)
        for name, (filename, content, mimetype) in (request_data.multipart_data or {}).items():
            form.add_field(name, content, filename=filename, content_type=mimetype)
        return form, None
    parameters = request_data.json_parameters
    if not parameters:
        return None, None
    # yarl's quoting is compiled: 12 µs for a Cyrillic message where urllib takes 85. It leaves lone surrogates out.
    return URL.build(query=parameters).raw_query_string.encode("ascii"), _FORM


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            response.close()
            raise aiohttp.ClientPayloadError
    return bytes(body)


def _translate(error: BaseException) -> NeverLeftError | NoAnswerError:
    """Keep only the kind of a vendor's error: its text may hold the address, and so the token."""
    kind = type(error).__name__
    match error:
        case aiohttp.ClientConnectorError():
            return NeverLeftError(f"no connection to the Bot API ({kind}, errno {error.errno})")
        case aiohttp.ConnectionTimeoutError() | aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return NeverLeftError(f"no connection to the Bot API ({kind})")
        case TimeoutError():
            return NoAnswerError(f"the Bot API did not answer in time ({kind})")
        case _:
            return NoAnswerError(f"the connection to the Bot API broke ({kind})")


def _raise_for_status(status: int, body: bytes) -> None:
    """Raise what python-telegram-bot would blur; leave 400, 403 and 409 to it."""
    if status < HTTPStatus.BAD_REQUEST:
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise NoAnswerError(f"the Bot API answered {status}", status=status)
        return
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise NoAnswerError(f"the Bot API answered {status}", status=status)
    answer = _parse(body)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise RateLimitedError(_retry_after_s(answer))
    if answer is None:
        raise NoAnswerError(f"the Bot API answered {status} in no form of its own", status=status)
    if status == HTTPStatus.UNAUTHORIZED:
        raise TokenRejectedError
    if status == HTTPStatus.NOT_FOUND:
        raise WrongServerError("the Bot API server does not know the method or the token")
    if status not in _LEFT_TO_VENDOR:
        raise BadRequest(str(answer.get("description") or f"the Bot API answered {status}"))


def _parse(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and isinstance(answer.get("ok"), bool) else None


def _retry_after_s(answer: dict[str, Any] | None) -> float:
    parameters = (answer or {}).get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if not isinstance(seconds, int | float) or not seconds > 0:  # no number is neither
        return _RETRY_AFTER_UNSAID_S
    return float(min(seconds, _RETRY_AFTER_MOST_S))
