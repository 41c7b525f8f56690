"""The one way in which the sandbox's Telegram says no."""

from __future__ import annotations

import math
from typing import Any


class ApiError(Exception):
    """Telegram's refusal of a request, in Telegram's own words.

    Args:
        code: the HTTP status and ``error_code``.
        description: the sentence, with its ``Bad Request: `` or ``Forbidden: `` prefix.
        retry_after_s: for 429, the whole seconds to wait.
        migrate_to_chat_id: for an upgraded group, the supergroup's id.
    """

    def __init__(
        self,
        code: int,
        description: str,
        *,
        retry_after_s: int | None = None,
        migrate_to_chat_id: int | None = None,
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after_s = retry_after_s
        self.migrate_to_chat_id = migrate_to_chat_id

    def body(self) -> dict[str, Any]:
        """Return the JSON answer that Telegram gives."""
        answer: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        parameters: dict[str, int] = {}
        if self.retry_after_s is not None:
            parameters["retry_after"] = self.retry_after_s
        if self.migrate_to_chat_id is not None:
            parameters["migrate_to_chat_id"] = self.migrate_to_chat_id
        if parameters:
            answer["parameters"] = parameters
        return answer


def bad_request(words: str) -> ApiError:
    """Return a 400 whose description is ``Bad Request: `` and the words."""
    return ApiError(400, f"Bad Request: {words}")


def forbidden(words: str) -> ApiError:
    """Return a 403 whose description is ``Forbidden: `` and the words."""
    return ApiError(403, f"Forbidden: {words}")


def conflict(words: str) -> ApiError:
    """Return a 409 whose description is ``Conflict: `` and the words."""
    return ApiError(409, f"Conflict: {words}")


def too_many_requests(wait_s: float) -> ApiError:
    """Return a 429 that asks to wait the seconds given, rounded up to whole ones."""
    # The sums behind a wait leave dust in the last binary digits, which must not cost a whole second.
    retry_after_s = max(1, math.ceil(wait_s - 1e-6))
    return ApiError(429, f"Too Many Requests: retry after {retry_after_s}", retry_after_s=retry_after_s)
