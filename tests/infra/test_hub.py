"""The hub's template: releases before StackSets, one wave behind the other, and who may speak."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from autopilot.aws.releases import LATEST
from autopilot.fleet.roster import Roster
from autopilot.reconcile.codec import decode

from infra.hub import app, spreading
from tests.infra.hubs import FLEET, MANAGEMENT, ORGANIZATION, Hub, hub_of, synthesised
from tests.infra.linting import cfn_lint
from tests.infra.prices import PRICES
from tests.infra.synthesis import Synthesis, resolved

SETS = "AWS::CloudFormation::StackSet"


def stack_set(hub: Hub, target: str) -> dict[str, Any]:
    _, found = hub.stack.one(SETS, f"StackSets{target}")
    return found


def test_stack_sets_may_make_the_roles_of_any_policy(hub: Hub, with_peers: Synthesis) -> None:
    named = [r for r in with_peers.of_type("AWS::IAM::Role").values() if "RoleName" in r]
    assert named, "a spoke with peers has one that they know by its name"
    assert stack_set(hub, "broad")["Capabilities"] == ["CAPABILITY_NAMED_IAM"]


def resources(hub: Hub) -> dict[str, Any]:
    found: dict[str, Any] = hub.stack.template["Resources"]
    return found


def above(hub: Hub, name: str) -> set[str]:
    """All that a resource waits for, by its DependsOn."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        more = resources(hub)[waiting.pop()].get("DependsOn", [])
        new = {more} if isinstance(more, str) else set(more)
        waiting += new - found
        found |= new
    return found


def named(hub: Hub, beginning: str) -> str:
    (found,) = (name for name in resources(hub) if name.startswith(beginning))
    return found


def test_cfn_lint_finds_nothing(hub: Hub) -> None:
    assert cfn_lint(hub.stack.file) == ""


def test_a_target_is_a_stack_set_that_serves_accounts_which_come_later(hub: Hub) -> None:
    assert len(hub.stack.of_type(SETS)) == len(FLEET.targets)
    made = stack_set(hub, "canary")
    assert made["StackSetName"] == "EndpointAutopilot-canary"
    assert (made["PermissionModel"], made["CallAs"]) == ("SERVICE_MANAGED", "DELEGATED_ADMIN")
    assert made["AutoDeployment"] == {"Enabled": True, "RetainStacksOnAccountRemoval": False}
    assert made["ManagedExecution"] == {"Active": True}
    assert made["StackInstancesGroup"] == [
        {
            "DeploymentTargets": {"OrganizationalUnitIds": ["ou-ab12-11111111"]},
            "Regions": ["us-east-1", "eu-west-1"],
        }
    ]
    # No values for single accounts: AWS leaves them out where an account comes later.
    assert not {"Parameters", "ParameterOverrides", "TemplateBody"} & set(made)


def test_a_waves_tolerance_is_its_stack_sets_and_only_the_first_goes_region_by_region(
    hub: Hub,
) -> None:
    common = {"ConcurrencyMode": "SOFT_FAILURE_TOLERANCE", "MaxConcurrentPercentage": 25}
    assert [stack_set(hub, name)["OperationPreferences"] for name in ("canary", "broad")] == [
        {**common, "FailureTolerancePercentage": 0, "RegionConcurrencyType": "SEQUENTIAL"},
        {**common, "FailureTolerancePercentage": 20, "RegionConcurrencyType": "PARALLEL"},
    ]


def test_one_wave_waits_for_the_gate_of_the_other(hub: Hub) -> None:
    spread, ear = named(hub, "ReleasesSpreadFEDF"), named(hub, "ListeningTold")
    source = next(n for n in resources(hub) if "HubHearFunctionSqsEventSource" in n)
    note, gate = named(hub, "StackSetsNote1"), named(hub, "StackSetsGate1")
    second, last = named(hub, "StackSetsNote2"), named(hub, "StackSetsGate2")
    canary, broad, lab = (named(hub, f"StackSets{name}") for name in ("canary", "broad", "lab"))
    assert {spread, ear, source, note} <= above(hub, canary)
    assert canary in above(hub, gate)
    for later in (broad, lab):
        assert {gate, second} <= above(hub, later)
        assert later in above(hub, last)
    assert gate in above(hub, second)
    assert not {broad, lab} & above(hub, gate)


def test_the_role_that_spokes_admit_is_there_before_them_and_until_they_are_gone(hub: Hub) -> None:
    """Lambda refuses to admit a principal that isn't there; and who waits in a spoke that can't be
    deleted can still be answered."""
    asks = {name for name in resources(hub) if name.startswith("FunctionsHubAsk")}
    assert any("Role" in name for name in asks)
    for name in ("canary", "broad", "lab"):
        assert asks <= above(hub, named(hub, f"StackSets{name}"))


def test_gates_know_their_wave(hub: Hub) -> None:
    _, gate = hub.stack.one("Custom::WaveGate", "StackSetsGate2")
    _, note = hub.stack.one("Custom::WaveNote", "StackSetsNote2")
    told = {
        "Wave": "2",
        "StackSets": ["EndpointAutopilot-broad", "EndpointAutopilot-lab"],
        "Tolerance": 20,
        "WaitMinutes": 10,
    }
    assert told.items() <= gate.items()
    assert {**told, "Step": "note"}.items() <= note.items()


def test_going_back_is_one_parameter_that_reaches_templates_and_gates(hub: Hub) -> None:
    template = hub.stack.template
    assert template["Parameters"]["Release"]["Default"] == LATEST == spreading.LATEST
    (condition,) = template["Conditions"].values()
    assert condition == {"Fn::Equals": [{"Ref": "Release"}, LATEST]}
    runs = {"Fn::If": [next(iter(template["Conditions"])), hub.release.digest, {"Ref": "Release"}]}
    for kind in ("Custom::SpreadRelease", "Custom::WaveGate", "Custom::WaveNote"):
        assert [each["Release"] for each in hub.stack.of_type(kind).values()] == [runs] * (
            1 if kind == "Custom::SpreadRelease" else 2
        )
    for name, made in hub.stack.of_type(SETS).items():
        joined = made["TemplateURL"]["Fn::Join"][1]
        assert runs in joined, name
    url = resolved(stack_set(hub, "lab")["TemplateURL"])
    assert url.startswith("https://endpoint-autopilot-111111111111-us-east-1-an.s3.us-east-1.amaz")
    assert url.endswith("/lab.json")


def test_the_release_lies_in_the_bundle_of_the_function_that_spreads_it(hub: Hub) -> None:
    _, function = hub.stack.one("AWS::Lambda::Function", "ReleasesSpreadRelease")
    asset = hub.stack.folder / f"asset.{function['Code']['S3Key'].removesuffix('.zip')}"
    lying = {
        path.relative_to(asset / "release").as_posix(): path.read_bytes()
        for path in (asset / "release").rglob("*")
        if path.is_file()
    }
    assert lying == dict(hub.release.files)


def test_the_hubs_functions_know_the_fleet(hub: Hub) -> None:
    _, function = hub.stack.one("AWS::Lambda::Function", "FunctionsHubAsk")
    asset = hub.stack.folder / f"asset.{function['Code']['S3Key'].removesuffix('.zip')}"
    told = decode(Roster, json.loads((asset / "roster.json").read_text()))
    assert told.release == hub.release.digest
    assert {name: each.wave for name, each in told.targets.items()} == {
        "canary": 0,
        "broad": 1,
        "lab": 1,
    }
    assert told.targets["lab"].stack_set == "EndpointAutopilot-lab"
    assert told.plain == {MANAGEMENT: ("us-east-1",)}
    assert not (asset / "release").exists()


def test_only_the_organization_speaks_and_only_as_ours(hub: Hub) -> None:
    _, policy = hub.stack.one("AWS::Events::EventBusPolicy")
    statement = policy["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "events:PutEvents")
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:PrincipalOrgID": ORGANIZATION,
            "events:source": "endpoint-autopilot",
            "events:detail-type": ["Endpoint Autopilot News", "Endpoint Autopilot Heartbeat"],
        }
    }
    _, bus = hub.stack.one("AWS::Events::EventBus")
    assert bus["Name"] == "EndpointAutopilotHub"


def test_what_could_not_be_heard_is_kept_and_alarmed_of(hub: Hub) -> None:
    _, rule = hub.stack.one("AWS::Events::Rule", "ListeningTold")
    (target,) = rule["Targets"]
    assert "IntakeDeadLetters" in json.dumps(target["DeadLetterConfig"])
    alarms = hub.stack.of_type("AWS::CloudWatch::Alarm")
    assert {name[: name.index("Watching") + 8] for name in alarms} == {"Watching"}
    assert len(alarms) == 4
    topic, _ = hub.stack.one("AWS::SNS::Topic")
    assert {json.dumps(each["AlarmActions"]) for each in alarms.values()} == {
        json.dumps([{"Ref": topic}])
    }
    (silent,) = (a for name, a in alarms.items() if name.startswith("WatchingNoLooks"))
    assert silent["TreatMissingData"] == "breaching"


def test_the_role_that_asks_has_the_name_that_spokes_admit(hub: Hub) -> None:
    roles = hub.stack.of_type("AWS::IAM::Role")
    named_ones = {each["RoleName"]: name for name, each in roles.items() if "RoleName" in each}
    assert set(named_ones) == {"EndpointAutopilotHubAsk"}
    assert named_ones["EndpointAutopilotHubAsk"].startswith("FunctionsHubAsk")


def test_a_hubs_memory_outlives_its_stack(hub: Hub) -> None:
    name, table = hub.stack.one("AWS::DynamoDB::Table")
    assert resources(hub)[name]["UpdateReplacePolicy"] == "Retain"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"]["AttributeName"] == "expires_at"


# As first deployed: a target that moves to another wave keeps its StackSet, or its spokes would go.
KEPT = {
    "AWS::DynamoDB::Table": {"Table710B521B"},
    "AWS::Events::EventBus": {"ListeningBus242C8BC1"},
    "AWS::SNS::Topic": {"OpsTopicCA671FE6"},
    SETS: {"StackSetscanary9D426676", "StackSetsbroadD6B410C5", "StackSetslabB02B9BC0"},
}


@pytest.mark.parametrize("kind", sorted(KEPT))
def test_logical_ids_are_those_of_what_is_deployed(hub: Hub, kind: str) -> None:
    assert set(hub.stack.of_type(kind)) == KEPT[kind]


def test_the_command_line_finds_what_it_needs(hub: Hub) -> None:
    needed = {"HubTableName", "HubAskFunctionName", "OpsTopicArn", "HubBusArn", "RunningRelease"}
    assert set(hub.stack.template["Outputs"]) >= needed


def test_an_account_deployed_by_hand_has_an_ordinary_stack_that_speaks_to_the_hub(
    tmp_path: Path,
) -> None:
    hub = hub_of(tmp_path, FLEET, MANAGEMENT)
    plain = synthesised(tmp_path, "EndpointAutopilot")
    assert "BootstrapVersion" in plain.template["Parameters"]
    text = json.dumps(plain.template)
    assert "event-bus/EndpointAutopilotHub" in text
    assert hub.release.digest in text
    assert not plain.of_type("AWS::Lambda::LayerVersion")


def test_any_other_account_has_the_hub_alone_and_is_told_how_to_have_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub_of(tmp_path, FLEET, "888888888888")
    assert not (tmp_path / "out" / "EndpointAutopilot.template.json").exists()
    said = capsys.readouterr().err
    assert "Account 888888888888 isn't deployed by hand: plain names 999999999999" in said
    assert "name it under plain, then deploy EndpointAutopilot" in said


def test_the_hubs_own_account_is_not_told_at_each_deployment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub_of(tmp_path, FLEET)
    assert capsys.readouterr().err == ""


def test_nobody_knows_the_account_before_there_are_credentials() -> None:
    assert "whoever that is" in app.advice(FLEET, "")


def test_a_hub_that_hears_nothing_costs_little_more_than_two_dollars(hub: Hub) -> None:
    """Its looks every five minutes, its alarms, its key; what spokes tell `bench/fleet` counts."""
    looks = 30 * 24 * 12
    parts = [
        len(hub.stack.of_type("AWS::KMS::Key")) * PRICES["a KMS key, a month"],
        len(hub.stack.of_type("AWS::CloudWatch::Alarm"))
        * PRICES["an alarm, for each metric that it looks at, a month"],
        looks * 5 * 1.0 / 1e6 * PRICES["a million GiB-seconds of functions on arm64"],
        looks / 1e6 * PRICES["a million calls of functions"],
        5 * 3 * 60 * 720 / 1e6 * PRICES["a million requests to SQS"],
    ]
    assert 2.0 <= sum(parts) <= 2.3, parts
