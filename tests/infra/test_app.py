"""The app as the CDK CLI runs it: a mistaken policy fails with its lines and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App

from infra import bundle
from infra.policy.where import STACK
from infra.policy_file import load
from infra.stack import EndpointAutopilotStack
from tests.infra.synthesis import ROOT

CDK = ROOT / "node_modules" / ".bin" / "cdk"
MISTAKES = 'p.yaml:1: mode is "on"; write enforce or audit\n' + (
    'p.yaml:2: "swep" is no key of the policy; did you mean sweep? the policy takes mode, '
    "tag_values, vpcs, gateway_endpoints, interface_endpoints, retire, idle, endpoint_services, "
    "connections, organization, zones, notify, sweep or endpoint_policies\n"
)
WARNING = (
    "p.yaml:2: warning: endpoint_services.supported_regions has no effect: no load balancer is"
    " published; add publish_load_balancers: {tags: {endpoint-autopilot: publish}}, or drop it\n"
)
SILENT = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("POLICY", "FLEET", "CDK_CONTEXT_JSON", "CDK_OUTDIR"):
        monkeypatch.delenv(name, raising=False)
    Path("p.yaml").write_text("mode: on\nswep: every hour\n")


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    """app.py alone, without PYTHONPATH, in the folder of the policy file."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | SILENT | environment
    command = [sys.executable, str(ROOT / "app.py")]
    return subprocess.run(command, capture_output=True, text=True, env=env)


def test_a_service_of_another_region_is_a_mistake_where_the_cli_says_the_region() -> None:
    profile = "name: a, vpcs: {tags: {a: b}}, services: [com.amazonaws.us-west-2.logs]"
    Path("p.yaml").write_text(f"interface_endpoints: [{{{profile}}}]\n")
    done = run(POLICY="p.yaml", CDK_DEFAULT_REGION="us-east-1")
    assert (done.returncode, "deployed into us-east-1" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    "environment",
    [
        {"POLICY": "p.yaml"},
        {"CDK_CONTEXT_JSON": '{"policy": "p.yaml"}'},
        {"CDK_CONTEXT_JSON": '{"policy": "p.yaml"}', "POLICY": "else.yaml"},
    ],
)
def test_mistakes_are_all_that_is_said(environment: dict[str, str]) -> None:
    done = run(**environment)
    assert done.returncode == 1
    assert done.stderr == MISTAKES
    assert done.stdout == ""


def test_without_a_choice_it_is_autopilot_yaml() -> None:
    assert run().stderr.startswith("autopilot.yaml:1: the file can't be read")


def test_the_app_writes_an_assembly_with_the_policy_in_it(tmp_path: Path) -> None:
    bundle.main()
    Path("p.yaml").write_text("mode: audit\nendpoint_services: {supported_regions: [eu-west-1]}\n")
    done = run(POLICY="p.yaml", CDK_OUTDIR=str(tmp_path / "out"), CDK_VALIDATION="true")
    assert done.returncode == 0, done.stderr
    assert done.stderr == WARNING, "it is said once; CDK's own linter finds nothing"
    (asset,) = (tmp_path / "out").glob("asset.*")
    assert json.loads((asset / "policy.json").read_text())["mode"] == "audit"
    assert (asset / "plan_network.py").exists()
    _is_the_stack_alone(tmp_path / "out", tmp_path / "again")


def _is_the_stack_alone(out: Path, again: Path) -> None:
    """Who has no fleet.yaml sees nothing of fleets: the one stack, byte for byte as it is made."""
    built = App(outdir=str(again))
    EndpointAutopilotStack(
        built, STACK, configuration=load("p.yaml"), bundle=bundle.BUILD / "functions"
    )
    built.synth()
    (template,) = out.glob("*.template.json")
    assert template.read_bytes() == (again / template.name).read_bytes()


FLEET = "hub: {region: us-east-1}\n"
NO_FLEET = [
    "f.yaml:1: organization is missing; write an id such as o-a1b2c3d4e5",
    "f.yaml:1: there are no targets; write canary: {unit: ou-ab12-11111111, regions: [us-east-1]}",
]


@pytest.mark.parametrize(
    ("environment", "called"),
    [
        ({"FLEET": "f.yaml"}, "f.yaml"),
        ({"CDK_CONTEXT_JSON": '{"fleet": "f.yaml"}', "FLEET": "else.yaml"}, "f.yaml"),
        ({}, "fleet.yaml"),
    ],
)
def test_a_fleet_is_chosen_by_context_environment_or_file(
    environment: dict[str, str], called: str
) -> None:
    Path(called).write_text(FLEET)
    done = run(POLICY="p.yaml", **environment)
    assert (done.returncode, done.stdout) == (1, "")
    for line in (*MISTAKES.splitlines(), *NO_FLEET):
        assert line.replace("f.yaml", called) in done.stderr.splitlines()


def test_cdk_synth_fails_on_a_mistaken_policy(tmp_path: Path) -> None:
    command = [str(CDK), "synth", "--quiet", "--build", "true", "--output", str(tmp_path / "out")]
    env = dict(os.environ) | SILENT | {"CDK_DISABLE_VERSION_CHECK": "true"}
    done = subprocess.run(
        [*command, "-c", f"policy={tmp_path / 'p.yaml'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=env,
    )
    assert done.returncode != 0
    assert MISTAKES.replace("p.yaml", str(tmp_path / "p.yaml")) in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
