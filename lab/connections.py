"""Ends connections as a broken network does, which hypercorn lets no application do by itself."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from hypercorn.asyncio import run
from hypercorn.asyncio.tcp_server import TCPServer

_AT_ONCE = struct.pack("ii", 1, 0)  # linger: on, for no time; closing then resets
_writer: ContextVar[asyncio.StreamWriter] = ContextVar("_writer")


class Server(TCPServer):  # type: ignore[misc]  # mypy doesn't follow hypercorn
    """Serves one connection; what runs for its requests can reset it."""

    async def run(self) -> None:
        """Serve until the connection ends."""
        _writer.set(self.writer)
        await super().run()


def install() -> None:
    """Have hypercorn serve by `Server`."""
    run.TCPServer = Server


def reset() -> None:
    """Reset the connection of the request that is being served."""
    writer = _writer.get()
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    writer.transport.abort()


async def fall_silent(receive: Callable[[], Awaitable[dict[str, Any]]], seconds: float) -> None:
    """Answer nothing for `seconds`, or until the caller has gone; then reset the connection."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    if seconds:
        with contextlib.suppress(TimeoutError):  # the caller is more patient than we are
            await asyncio.wait_for(gone(), seconds)
    reset()
