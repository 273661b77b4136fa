"""The lab starts, says what it has to say, and goes without a trace."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lab.client import Lab, LabError, wait_until
from lab.deploy import Deployment
from lab.settings import REPOSITORY, Settings
from tests.lab.waits import bundle

APP = Path(__file__).with_name("app")

READY = [
    "lab ready",
    "export AWS_ENDPOINT_URL=http://127.0.0.1:{port}",
    "export AWS_ACCESS_KEY_ID=111111111111",
    "export AWS_SECRET_ACCESS_KEY=lab",
    "export AWS_REGION=us-east-1",
    "export AWS_DEFAULT_REGION=us-east-1",
]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """These labs share nothing with those of other tests: all that they leave would be seen."""
    monkeypatch.delenv("LAB_CACHE", raising=False)


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Run `python -m lab` as a shell would, its temporary files in `folder`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lab"],
        cwd=REPOSITORY,
        env={**os.environ, "LAB_PORT": "0", "TMPDIR": str(folder), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def using(folder: Path) -> list[str]:
    """The command lines of the processes that have to do with a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text().replace("\0", " ")
            environment = (process / "environ").read_text(errors="replace")
        except OSError:  # it went away meanwhile
            continue
        if str(folder) in command or str(folder) in environment:
            found.append(command)
    return found


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().rstrip() for _ in range(count)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_says_how_to_use_it_and_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    with running(tmp_path, LAB_DEPLOY="no") as process:
        said = lines(process, 6)
        port = said[1].rpartition(":")[2]
        assert port.isdigit()
        assert said == [line.format(port=port) for line in READY]
        begun = time.monotonic()
        process.send_signal(number)
        assert process.wait(5) == 0
        assert time.monotonic() - begun < 5
    assert list(tmp_path.iterdir()) == []
    assert using(tmp_path) == []


def test_stops_functions_that_are_still_running(tmp_path: Path) -> None:
    with Lab.start(deploy=False, env={"TMPDIR": str(tmp_path)}) as lab:
        functions = lab.client("lambda")
        trust: dict[str, object] = {"Effect": "Allow", "Action": "sts:AssumeRole"}
        trust["Principal"] = {"Service": "lambda.amazonaws.com"}
        lab.client("iam").create_role(
            RoleName="sleeper", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]})
        )
        made = functions.create_function(
            FunctionName="sleeper",
            Runtime="python3.13",
            Role="arn:aws:iam::111111111111:role/sleeper",
            Handler="sleeper.handler",
            Timeout=60,
            Code={"ZipFile": bundle("sleeper.py", SLEEPER)},
        )
        functions.invoke(FunctionName=made["FunctionName"], InvocationType="Event", Payload=b"{}")
        wait_until(lambda: (tmp_path / "asleep").exists(), 10, "the function runs")
        assert len(using(tmp_path)) > 1
        begun = time.monotonic()
        assert lab.stop() == 0
        assert time.monotonic() - begun < 5
    assert using(tmp_path) == []


SLEEPER = """
import os, pathlib, signal, time
def handler(event, context):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it won't go by itself
    pathlib.Path(os.environ["LAMBDA_TASK_ROOT"]).parents[3].joinpath("asleep").touch()
    while True:
        time.sleep(1)
"""


def test_stops_in_the_middle_of_a_deployment(tmp_path: Path, slow_app: Path) -> None:
    with running(tmp_path, LAB_APP=str(slow_app)) as process:
        assert process.stderr is not None
        process.stderr.readline()  # it listens; the synth goes on for minutes
        time.sleep(1)
        process.terminate()
        assert process.wait(5) == 0
    assert using(tmp_path) == []


def test_leaves_nothing_behind_when_it_breaks(tmp_path: Path, slow_app: Path) -> None:
    broken = slow_app / "broken"
    broken.mkdir()
    (broken / "hypercorn.py").write_text("raise RuntimeError('no such thing')")
    settings = {"LAB_APP": str(slow_app), "PYTHONPATH": str(broken)}
    with running(tmp_path, **settings) as process:
        _said, wrong = process.communicate(timeout=60)
        assert process.returncode == 1
    assert "RuntimeError: no such thing" in wrong
    assert using(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_is_not_ready_before_it_answers(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    broken = tmp_path_factory.mktemp("broken")
    (broken / "sitecustomize.py").write_text(NEVER_SERVES)
    with running(tmp_path, LAB_DEPLOY="no", PYTHONPATH=str(broken)) as process:
        said, wrong = process.communicate(timeout=60)
        assert process.returncode == 1
    assert said == ""
    assert "no such thing" in wrong


NEVER_SERVES = """
import asyncio

async def refuse(*args, **options):
    raise OSError("no such thing")

asyncio.start_server = refuse
"""


@pytest.fixture
def slow_app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slow")
    (folder / "cdk.json").write_text(json.dumps({"app": "sleep 300"}))
    return folder


def test_ends_with_what_the_cdk_said_when_a_deployment_fails(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "cdk.json").write_text(json.dumps({"app": "echo autopilot.yaml: no such key; exit 7"}))
    with pytest.raises(LabError, match="exit code 1") as failed:
        Lab.start(env={"LAB_APP": str(app), "TMPDIR": str(tmp_path)})
    assert "cdk synth failed" in str(failed.value)
    assert "autopilot.yaml: no such key" in str(failed.value)


def test_labs_that_share_a_cache_synthesise_and_bootstrap_once(tmp_path: Path) -> None:
    said: list[str] = []
    toolkits: list[dict[str, Any]] = []
    env = {"LAB_APP": str(APP), "LAB_CACHE": str(tmp_path)}
    for account in ("111111111111", "222222222222"):
        with Lab.start(accounts=(account,), env=env, progress=said.append) as lab:
            assert lab.outputs(account)
            toolkits.append(toolkit(lab, account))
    assert toolkits[0] == toolkits[1]
    steps = [re.sub(r"done in .*", "done", line) for line in said if ": done in" in line]
    assert steps.count("lab: synth: done") == 1
    assert any(line.startswith("lab: bootstrap 222222222222: copied") for line in said)
    assert [step for step in steps if "deploy" in step] == [
        "lab: deploy 111111111111: done",
        "lab: deploy 222222222222: done",
    ]
    assert "lab: bootstrap 111111111111: done" in steps


def toolkit(lab: Lab, account: str) -> dict[str, Any]:
    """All of an account's bootstrap but ids and times, the account named A."""
    stacks = lab.client("cloudformation", account)
    (stack,) = stacks.describe_stacks(StackName="CDKToolkit")["Stacks"]
    resources = stacks.describe_stack_resources(StackName="CDKToolkit")["StackResources"]
    known = {name: stack[name] for name in ("StackStatus", "Parameters", "Outputs", "Capabilities")}
    known["resources"] = [
        (each["LogicalResourceId"], each["PhysicalResourceId"], each["ResourceStatus"])
        for each in resources
    ]
    text: str = json.dumps(known).replace(account, "A")
    told: dict[str, Any] = json.loads(text)
    return told


def test_a_bootstrap_that_cannot_be_copied_ends_the_lab(tmp_path: Path, slow_app: Path) -> None:
    template = json.dumps({"Resources": {"A": {"Type": "AWS::No"}}})
    (tmp_path / "bootstrap.json").write_text(json.dumps({"TemplateBody": template}))
    with pytest.raises(LabError, match=r"bootstrap 111111111111 failed\n.*AWS::No"):
        env = {"LAB_APP": str(slow_app), "LAB_CACHE": str(tmp_path)}
        Lab.start(accounts=("111111111111",), env=env)


def test_an_assembly_is_shared_by_whom_nothing_tells_apart(tmp_path: Path) -> None:
    def assembly(policy: str | None) -> Path:
        settings = Settings(policy=policy, cache=tmp_path / "cache")
        return Deployment(settings, tmp_path / "own", {}, print).assembly

    for name, words, document in (("a", "x", "{}"), ("b", "x", "{}"), ("c", "y", "{}")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.yaml").write_text(words)
        (tmp_path / name / "one.json").write_text(document)
    a, b, c = (assembly(str(tmp_path / name / "policy.yaml")) for name in "abc")
    assert a == b
    assert c not in (a, assembly(None))
    (tmp_path / "b" / "one.json").write_text("[]")
    assert assembly(str(tmp_path / "b" / "policy.yaml")) != a
    own = Deployment(Settings(), tmp_path / "own", {}, print)
    assert own.assembly == tmp_path / "own" / "cdk.out"


def test_says_so_when_the_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with running(tmp_path, LAB_PORT=str(port), LAB_DEPLOY="no") as process:
            said, wrong = process.communicate(timeout=10)
            assert process.returncode == 1
    assert said == ""
    assert f"port {port} cannot be used" in wrong


def test_says_what_is_wrong_with_its_settings(tmp_path: Path) -> None:
    with running(tmp_path, LAB_DEPLOY="no", LAB_ACCOUNTS="me") as process:
        _said, wrong = process.communicate(timeout=10)
        assert process.returncode == 1
    assert "LAB_ACCOUNTS: me given" in wrong


def test_takes_the_port_that_it_is_given() -> None:
    with Lab.start(deploy=False) as one:
        port = one.url.rpartition(":")[2]
    with Lab.start(deploy=False, port=int(port)) as again:
        assert again.url == one.url
        assert again.calls() == []


def test_two_labs_run_side_by_side_and_know_nothing_of_each_other() -> None:
    with Lab.start(deploy=False) as one, Lab.start(deploy=False) as other:
        one.client("sqs").create_queue(QueueName="mine")
        one.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
        assert not other.client("sqs").list_queues().get("QueueUrls")
        assert other.calls() == []
        assert len(one.calls()) == 1
        assert one.stop() == 0
        assert other.client("sts").get_caller_identity()["Account"] == "111111111111"


def test_tells_what_the_lab_printed_when_it_has_died(tmp_path: Path) -> None:
    with Lab.start(deploy=False, env={"TMPDIR": str(tmp_path)}) as lab:
        os.kill(lab.pid, signal.SIGKILL)
        with pytest.raises(LabError, match=r"does not answer(.|\n)*lab ready"):
            lab.calls()
