"""One port for everything: sends each request to the lab's control, to our EC2 or to MiniStack."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from lab import closed_regions
from lab.control import PREFIX, Control
from lab.detour import App, Receive, Scope, Send, body_of, give, headers_of, query_of, signed_by
from lab.errors import Answer, NoAnswer, error_answer
from lab.front import SERVICES, Front, Request

logger = logging.getLogger(__name__)


class Gateway:
    """An ASGI application; `others` serves whatever isn't ours, and gets the lifespan too."""

    def __init__(self, front: Front, control: Control, others: App) -> None:
        self._front = front
        self._control = control
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        answerer = self._answerer(scope) if scope["type"] == "http" else None
        if answerer is None:
            await self._others(scope, receive, send)
            return
        answer = await asyncio.to_thread(answerer, await body_of(receive))
        await give(answer, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start the others, but don't shut them down: MiniStack would first import an SFTP server
        to stop it, which can take longer than the whole lab may."""
        messages = [await receive()]

        async def started() -> dict[str, Any]:
            return messages.pop() if messages else await asyncio.get_running_loop().create_future()

        living = asyncio.create_task(self._others(scope, started, send))
        await receive()
        living.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    def _answerer(self, scope: Scope) -> Callable[[bytes], Answer | NoAnswer] | None:
        path: str = scope["path"]
        if path.startswith(PREFIX):
            query = query_of(scope)
            return lambda body: self._control.answer(scope["method"], path, body, query)
        signed = signed_by(scope)
        refused = closed_regions.refusal(signed) if signed else None
        if refused is not None:
            return lambda _: refused
        if signed is None or signed.service not in SERVICES:
            return None
        address = (scope.get("client") or ("127.0.0.1",))[0]
        return lambda body: self._serve(
            Request(signed, headers_of(scope), query_of(scope), body, address)
        )

    def _serve(self, request: Request) -> Answer | NoAnswer:
        try:
            return self._front.serve(request)
        except Exception as error:  # the edge: our own bug must not look like a hang
            logger.exception("the lab broke on %s", request.operation)
            words = f"the lab broke: {type(error).__name__}: {error}"
            return error_answer(request.scope.service, "InternalError", words)
