"""Puts the lab together and serves it until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, MutableMapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.settings import Settings

if TYPE_CHECKING:  # what imports MiniStack is imported late, see Lab
    from lab.faults import Reach

MEASURE_SECONDS = 3.0
STOP_SECONDS = 1.0


def listen(port: int) -> socket.socket:
    """Take the port, or any free one for 0; raises OSError if somebody else has it."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(256)
    return listener


async def first_answer(port: int, listening: asyncio.Event) -> None:
    """Wait until a request has been answered: the port takes connections long before that."""
    await listening.wait()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /_lab/health HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n")
    await reader.read()
    writer.close()


def prepare(settings: Settings, folder: Path, env: MutableMapping[str, str]) -> None:
    """Set what MiniStack reads while it is imported; all its files go to `folder`."""
    for name in [name for name in env if name.startswith("AWS_")]:
        del env[name]  # a person's own credentials and profiles are none of the lab's business
    env.update(
        GATEWAY_PORT=str(settings.port),
        MINISTACK_HOST="127.0.0.1",
        MINISTACK_REGION=settings.region,
        MINISTACK_ACCOUNT_ID=settings.accounts[0],
        LAMBDA_EXECUTOR="local",
        LAMBDA_WARM_TTL_SECONDS="60",
        LOG_LEVEL="DEBUG" if settings.debug else "CRITICAL",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        DOCKER_HOST=f"unix://{folder}/no-docker",
        TMPDIR=str(folder),
        STATE_DIR=str(folder / "state"),
        S3_DATA_DIR=str(folder / "s3"),
    )
    tempfile.tempdir = str(folder)
    logging.getLogger("lab").setLevel("DEBUG" if settings.debug else "WARNING")


@cache
def reach() -> Reach:
    """What faults can be planted for: all of botocore's operations of the services they reach."""
    from lab import others
    from lab.ec2.models import SERVICES, service_model
    from lab.ec2.served import OPERATIONS
    from lab.faults import Reach

    ours = {service: service_model(service) for service in SERVICES}
    theirs = {service: others.model(service) for service in others.OTHERS}
    shapes = {name: ours["ec2"].operation_model(name).output_shape for name in OPERATIONS["ec2"]}
    return Reach(
        {
            service: frozenset(model.operation_names)
            for service, model in {**ours, **theirs}.items()
        },
        frozenset(
            name for name, shape in shapes.items() if shape and "Unsuccessful" in shape.members
        ),
    )


class Lab:
    """A lab that listens on a socket; `folder` is its own and temporary."""

    def __init__(self, settings: Settings, folder: Path, listener: socket.socket) -> None:
        # Imported now, not above: MiniStack reads the environment while it is imported.
        import ministack.app

        from lab import hooks, measures, runtime, stacks
        from lab.calls import CallLog
        from lab.control import Control
        from lab.delivery import Post
        from lab.detour import Detour
        from lab.directory import Organizations
        from lab.ec2 import Ec2
        from lab.faults import Faults
        from lab.front import Front
        from lab.gateway import Gateway
        from lab.seeds import Seed
        from lab.topics import Topics

        code = (settings.cache or folder) / "functions"
        code.mkdir(parents=True, exist_ok=True)
        hooks.install(hooks.Place(code, runtime.client_folder(folder), settings.url))
        calls, faults, post = CallLog(), Faults(), Post()
        topics = Topics(post.notifications.post)
        ec2 = Ec2(directory=Organizations(), notifier=topics)
        measures.keep_time(ec2.time)
        front = Front(ec2, calls, faults, post.events)
        stacks.install(front)
        self.control = Control(calls, faults, post, topics, ec2, Seed(post, settings.seed), reach)
        self._show_dashboards(settings)
        self._app: Any = Gateway(front, self.control, Detour(ministack.app.app, faults))
        self._listener = listener

    def _show_dashboards(self, settings: Settings) -> None:
        from lab.dashboard.serve import Dashboards

        dashboards = Dashboards(settings)
        self.control.add("GET", "dashboard", lambda query, _: dashboards.show(query))
        self.control.add("POST", "dashboard", dashboards.act)

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set."""
        from hypercorn.asyncio import serve
        from hypercorn.config import Config

        from lab import connections
        from lab.stacksets import deploying

        deploying.serve_on(asyncio.get_running_loop())
        connections.install()
        config = Config()
        config.bind = [f"fd://{self._listener.fileno()}"]
        config.graceful_timeout = STOP_SECONDS
        config.shutdown_timeout = STOP_SECONDS
        config.keep_alive_timeout = 75
        config.errorlog = None
        threading.Thread(target=self._measure_always, name="lab-metrics", daemon=True).start()
        await serve(self._app, config, shutdown_trigger=stop.wait)

    def _measure_always(self) -> None:
        from lab.alarms import measure

        while True:
            time.sleep(MEASURE_SECONDS)
            try:
                measure()
            except Exception:  # the next round may do better, the lab goes on
                logging.getLogger(__name__).exception("metrics were not published")


def leave(folder: Path, code: int) -> None:
    """End the process with `code`: functions killed, files gone, no thread waited for."""
    if "ministack.core.lambda_runtime" in sys.modules:
        from ministack.core import lambda_runtime

        from lab import forking

        lambda_runtime.reset()
        forking.end()
    shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def exports(settings: Settings, secret: str) -> Mapping[str, str]:
    """Return the variables by which a shell's SDKs and CLIs find the lab."""
    return {
        "AWS_ENDPOINT_URL": settings.url,
        "AWS_ACCESS_KEY_ID": settings.accounts[0],
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": settings.region,
        "AWS_DEFAULT_REGION": settings.region,
    }
