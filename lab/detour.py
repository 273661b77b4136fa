"""Lets planted faults happen to calls that MiniStack serves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from urllib.parse import parse_qs

from lab.connections import fall_silent
from lab.errors import Answer, NoAnswer, error_answer, message_for
from lab.faults import Fault, Faults
from lab.inside import Principal, principal_of
from lab.others import OTHERS, operation_of
from lab.signature import Scope as Signed
from lab.signature import scope_of

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


class Detour:
    """An ASGI application before `others`, which it leaves alone while nothing is planted."""

    def __init__(self, others: App, faults: Faults) -> None:
        self._others = others
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        signed = signed_by(scope) if self._faults.planted and scope["type"] == "http" else None
        if signed is None or signed.service not in OTHERS:
            await self._others(scope, receive, send)
            return
        body = await body_of(receive)
        principal = principal_of(signed.access_key)
        operation = operation_of(
            signed.service, scope["method"], scope["path"], *_texts(scope), body
        )
        fault = principal and self._faults.take(principal, signed.service, operation)
        again = _again(body, receive)
        if not principal or not fault:
            await self._others(scope, again, send)
            return
        await asyncio.sleep(fault.delay_seconds)
        if fault.carried_out or not fault.fails:
            await self._others(scope, again, _unheard if fault.fails else send)
        if fault.fails:
            await give(_outcome(fault, principal, signed.service), receive, send)


def _outcome(fault: Fault, principal: Principal, service: str) -> Answer | NoAnswer:
    if fault.error is None:
        return NoAnswer(fault.silence or 0)
    words = fault.message or message_for(fault.error, service, fault.operation, principal.arn)
    return error_answer(service, fault.error, words)


async def give(outcome: Answer | NoAnswer, receive: Receive, send: Send) -> None:
    """Send an answer, or let the caller wait for it in vain."""
    if isinstance(outcome, NoAnswer):
        await fall_silent(receive, outcome.seconds)
        return
    headers = {"content-length": str(len(outcome.body)), **outcome.headers}
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": int(outcome.status), "headers": encoded})
    await send({"type": "http.response.body", "body": outcome.body})


def headers_of(scope: Scope) -> dict[str, str]:
    """Return a request's headers, their names in lower case."""
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }


def query_of(scope: Scope) -> str:
    """Return a request's raw query string."""
    return str(scope.get("query_string", b"").decode())


def signed_by(scope: Scope) -> Signed | None:
    """Return who signed a request, and for what."""
    return scope_of(headers_of(scope), parse_qs(query_of(scope)))


async def body_of(receive: Receive) -> bytes:
    """Return a request's whole body."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _texts(scope: Scope) -> tuple[dict[str, str], str]:
    return headers_of(scope), query_of(scope)


def _again(body: bytes, receive: Receive) -> Receive:
    """The request's body once more, then whatever else comes."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> dict[str, Any]:
        return messages.pop() if messages else await receive()

    return received


async def _unheard(_message: dict[str, Any]) -> None:
    """Drop an answer."""
