"""`python -m lab`: an AWS on one machine, with the app deployed into it, until Ctrl-C."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from socket import socket

from lab.deploy import DeployError, Deployment
from lab.server import Lab, exports, first_answer, leave, listen, prepare
from lab.settings import SECRET, Settings, SettingsError, read


def main() -> int:
    """Run the lab; return the exit code if it could not start."""
    try:
        settings = read(os.environ)
        listener = listen(settings.port)
        settings = replace(settings, port=listener.getsockname()[1])  # 0 was any free one
    except SettingsError as wrong:
        print(wrong, file=sys.stderr)
        return 1
    except OSError as taken:
        port = os.environ.get("LAB_PORT", "4566")
        print(f"port {port} cannot be used ({taken.strerror}): set LAB_PORT", file=sys.stderr)
        return 1
    folder = Path(tempfile.mkdtemp(prefix="endpoint-autopilot-lab-"))
    code = 1
    try:
        code = asyncio.new_event_loop().run_until_complete(_run(settings, listener, folder))
    except Exception:  # the process ends below, and nobody else would say why
        logging.getLogger("lab").exception("the lab broke")
    finally:
        leave(folder, code)
    return code


async def _run(settings: Settings, listener: socket, folder: Path) -> int:
    begun = time.monotonic()

    def say(words: str) -> None:
        print(f"lab: {words}", file=sys.stderr, flush=True)

    stop, listening = asyncio.Event(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    deployment = Deployment(settings, folder, dict(os.environ), say)
    work = deployment.run if settings.deploy else partial(first_answer, settings.port)
    deploying = asyncio.create_task(work(listening))
    try:
        await asyncio.sleep(0.1)  # the synth starts before the imports below keep this loop busy
        prepare(settings, folder, os.environ)
        lab = Lab(settings, folder, listener)
        say(f"listening on {settings.url} after {time.monotonic() - begun:.1f} s")
        serving = asyncio.create_task(lab.serve(stop))
        listening.set()
        waiting = [deploying, serving, asyncio.create_task(stop.wait())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        code = _announce(settings, lab, deploying, stopped=stop.is_set())
        if code:
            stop.set()
        await serving
        return code
    finally:
        deploying.cancel()
        await asyncio.wait([deploying], timeout=3)


def _announce(settings: Settings, lab: Lab, deploying: asyncio.Task[None], *, stopped: bool) -> int:
    """Say that the lab is ready, or why it isn't; return the exit code so far."""
    if stopped:
        return 0
    if not deploying.done():
        return 1
    try:
        deploying.result()
    except DeployError as failed:
        print(f"lab: {failed}", file=sys.stderr, flush=True)
        return 1
    lab.control.ready = True
    print("lab ready")
    for name, value in exports(settings, SECRET).items():
        print(f"export {name}={value}")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
