"""What stories of connections begin with: a service that the automation has noticed."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from pathlib import Path

from demo import scenes
from demo.privatelink import Service, publish
from lab.deploy import Deployment
from lab.settings import Settings
from tests.end_to_end.stage import Stage


def connections_sweep(stage: Stage) -> None:
    machine = stage.lab.outputs(stage.account)["ConnectionsWorkflowArn"]
    arn = stage.states.start_execution(
        stateMachineArn=machine, input=json.dumps({"trigger": "sweep"})
    )["executionArn"]
    ended = scenes.wait_until(
        lambda: stage.states.describe_execution(executionArn=arn),
        lambda e: e["status"] != "RUNNING",
        "the sweep ends",
        seconds=120,
    )
    assert ended["status"] == "SUCCEEDED"


def ready(stage: Stage, name: str) -> Service:
    """A service that the automation has noticed."""
    service = publish(stage.lab, stage.account, name)
    scenes.wait_until(service.notified, bool, "our notification is registered")
    stage.settle()
    return service


def stands(service: Service, endpoint: str, state: str, within: float = 30) -> None:
    scenes.wait_until(
        service.states, lambda s: s.get(endpoint) == state, f"{endpoint} {state}", seconds=within
    )


def cdk(
    stage: Stage, folder: Path, step: Callable[[Deployment], Coroutine[None, None, None]]
) -> None:
    """Have the real CDK CLI do something with the stack."""
    port = int(stage.lab.url.rpartition(":")[2])
    settings = Settings(port=port, accounts=(stage.account,), cache=Path(os.environ["LAB_CACHE"]))
    folder.mkdir()
    asyncio.run(step(Deployment(settings, folder, os.environ, print)))


async def deploy(deployment: Deployment) -> None:
    listening = asyncio.Event()
    listening.set()
    await deployment.run(listening)
