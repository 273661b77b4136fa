"""`--fleet plan`: whom it asks, with which policy, and what it says of the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from autopilot.aws.errors import AccessDenied, Throttled
from autopilot.fleet.asking import Told
from autopilot.fleet.heard import Heard
from autopilot.fleet.wire import Heartbeat, Spoke

from cli.problem import Problem
from tests.cli.conftest import Run

FLEET = """\
organization: o-a1b2c3d4e5
hub: {account: "111111111111", region: us-east-1}
emails: [ops@example.com]
targets:
  production: {unit: ou-ab12-22222222, regions: [us-east-1, eu-west-1]}
  canary:
    unit: ou-ab12-11111111
    regions: [us-east-1]
    overlay: {retire: now}
    accounts: {"222222222222": {retire: report}}
waves:
- targets: [canary]
- targets: [production]
plain: {"999999999999": {regions: [us-east-1], overlay: {mode: audit}}}
"""
TWO, THREE = Spoke("222222222222", "us-east-1"), Spoke("333333333333", "us-east-1")
FOUR, NINE = Spoke("444444444444", "eu-west-1"), Spoke("999999999999", "us-east-1")
NOTHING = {"account": "x", "region": "x", "mode": "enforce", "mode_after": "enforce"}
COUNT = {
    "sign": "added",
    "workflow": "network",
    "verb": "create",
    "kind": "gateway endpoint",
    "count": 3,
}
EXAMPLE = {
    "sign": "added",
    "workflow": "network",
    "place": "vpc-1",
    "name": "shop\x1b[31m",
    "what": "make a gateway endpoint for S3, for rtb-1",
    "why": "rtb-1 has no route to S3",
}
CHANGE = {**NOTHING, "counts": [COUNT], "examples": [EXAMPLE]}


class Hub:
    """Spokes that were heard, and what each answers: a document, or an error to raise."""

    def __init__(self) -> None:
        self.heard: dict[Spoke, str] = {}
        self.answers: dict[Spoke, Any] = {}
        self.asked: dict[Spoke, Mapping[str, Any]] = {}

    def spokes(self, account: str = "") -> list[Heard]:
        return [
            Heard(spoke, Heartbeat("t", "r", "v", "p", target), "t", "t", "t", "t")
            for spoke, target in self.heard.items()
            if account in ("", spoke.account)
        ]

    def ask(self, spoke: Spoke, what: str, payload: Mapping[str, Any]) -> Told:
        assert what == "look"
        self.asked[spoke] = payload
        answer = self.answers.get(spoke, NOTHING)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Told) else Told(str(spoke), answer)


@pytest.fixture
def hub(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.chdir(tmp_path)
    Path("own.yaml").write_text("{}\n")
    Path("fleet.yaml").write_text(FLEET)
    monkeypatch.setenv("POLICY", "own.yaml")
    monkeypatch.setenv("FLEET", "fleet.yaml")
    made = Hub()
    monkeypatch.setattr("cli.fleet.hub.connect", lambda _: made)
    made.heard = {TWO: "canary", THREE: "canary", FOUR: "production", NINE: ""}
    return made


def plan(run: Run, *arguments: str) -> Any:
    return run("--fleet", "plan", *arguments)


def test_each_spoke_is_asked_with_the_policy_that_it_would_get(hub: Hub, run: Run) -> None:
    ran = plan(run)
    assert (ran.code, ran.err) == (0, "")
    told = {
        s: (p["policy"]["retire_interfaces"], p["policy"]["mode"]) for s, p in hub.asked.items()
    }
    assert told == {
        TWO: ("report", "enforce"),
        THREE: ("now", "enforce"),
        FOUR: ("report", "enforce"),
        NINE: ("report", "audit"),
    }
    assert {(p["what"], p["schema"]) for p in hub.asked.values()} == {("plan", 1)}
    assert ran.out == (
        "What this checkout would change in 4 spokes (+ what would be done or told, - what"
        " wouldn't any"
        " more)\n\n"
        "canary, wave 1: 2 spokes\n  nothing would change\n\n"
        "production, wave 2: 1 spoke\n  nothing would change\n\n"
        "deployed by hand: 1 spoke\n  nothing would change\n\n"
        "Nothing would change.\n"
    )


def test_changes_are_summed_up_by_target_with_examples(hub: Hub, run: Run) -> None:
    hub.answers = {TWO: CHANGE, THREE: CHANGE}
    ran = plan(run, "--target", "canary")
    assert ran.code == 2
    assert set(hub.asked) == {TWO, THREE}
    shown = "".join(
        f"    {spoke} vpc-1 (shop\\x1b[31m): make a gateway endpoint for S3, for rtb-1\n"
        "        why: rtb-1 has no route to S3\n"
        for spoke in (TWO, THREE)
    )
    assert ran.out == (
        "What this checkout would change in 2 spokes (+ what would be done or told, - what"
        " wouldn't any"
        " more)\n\n"
        "canary, wave 1: 2 spokes\n"
        "  +6 create gateway endpoint (network), in 2 spokes\n"
        f"{shown}\n2 of 2 spokes would change.\n"
    )


def test_another_mode_is_a_change(hub: Hub, run: Run) -> None:
    hub.answers = {FOUR: {**NOTHING, "mode": "audit"}}
    ran = plan(run, "--account", FOUR.account)
    assert (ran.code, set(hub.asked)) == (2, {FOUR})
    assert "  the mode becomes enforce in 1 spoke; it is audit\n" in ran.out


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Told("x", refused="UnknownSpoke", why="never heard"), "UnknownSpoke: never heard"),
        (Throttled("lambda:Invoke: later"), "lambda:Invoke: later"),
        (Problem("The hub couldn't ask: it broke."), "The hub couldn't ask: it broke."),
        ({"wrong": "what is None"}, "it couldn't read the question: what is None"),
        ({"counts": "\x1b[2J"}, "its answer can't be read: 'account'"),
    ],
)
def test_who_cannot_be_asked_is_named(hub: Hub, run: Run, answer: Any, why: str) -> None:
    hub.answers = {FOUR: answer, TWO: CHANGE}
    ran = plan(run)
    assert ran.code == 1
    assert f"\nCouldn't be asked\n  444444444444/eu-west-1: {why}\n" in ran.out
    assert "production, wave 2: 1 spoke\n  not known\n" in ran.out
    assert ran.out.endswith("1 of 4 spokes would change. Not all could be seen or asked: 1.\n")
    assert plan(run, "--partial").code == 2


def test_who_may_not_ask_at_all_is_told_once(hub: Hub, run: Run) -> None:
    hub.answers = {s: AccessDenied("lambda:Invoke: AccessDenied: no") for s in hub.heard}
    ran = plan(run)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count("lambda:Invoke") == 1


def test_what_a_spoke_could_not_see_is_summed_up(hub: Hub, run: Run) -> None:
    unseen = {"what": "gateway endpoints", "permission": "ec2:DescribeVpcs", "words": "no"}
    answer = {**NOTHING, "unseen": [unseen], "unread": ["zones.flavour"]}
    hub.answers = {TWO: answer, THREE: answer}
    ran = plan(run)
    assert ran.code == 1
    assert "\nNot seen\n  gateway endpoints: ec2:DescribeVpcs is missing, in 2 spokes\n" in ran.out
    assert "  zones.flavour says nothing to 2 spokes of another version" in ran.out
    assert "Nothing is known to change. Not all could be seen or asked: 2.\n" in ran.out


@pytest.mark.parametrize("target", ["gone", "canary"])
def test_who_would_lose_its_stack_is_told_and_not_asked(hub: Hub, run: Run, target: str) -> None:
    """Its target is no more in fleet.yaml, or its Region isn't one of the target's."""
    hub.heard = {FOUR: target}
    ran = plan(run)
    assert (ran.code, hub.asked) == (2, {})
    assert "would lose their stack, since fleet.yaml no longer names" in ran.out
    assert "444444444444/eu-west-1" in ran.out


def test_json_has_each_spokes_answer(hub: Hub, run: Run) -> None:
    hub.answers = {TWO: CHANGE}
    said = json.loads(plan(run, "--json").out)
    assert [each["spoke"] for each in said] == sorted(map(str, hub.heard))
    assert said[0]["ahead"]["counts"] == [COUNT]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target", "prod"], "prod is no target of fleet.yaml: name one of production, canary."),
        (
            ["--account", "555555555555"],
            "The hub has heard of no such spoke: ./autopilot --fleet status lists them.",
        ),
    ],
)
def test_whom_nobody_knows_is_told(hub: Hub, run: Run, arguments: list[str], said: str) -> None:
    ran = plan(run, *arguments)
    assert (ran.code, ran.out, ran.err) == (1, "", f"Error: {said}\n")


def test_mistakes_are_told_before_anybody_is_asked(hub: Hub, run: Run) -> None:
    Path("own.yaml").write_text("retire: off\n")
    ran = plan(run)
    assert (ran.code, hub.asked) == (1, {})
    assert ran.err == 'own.yaml:1: retire is "off"; write report, now or idle\n'
