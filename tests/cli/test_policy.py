"""`policy`: whose policy it shows, and where each value is from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from autopilot.reconcile.identity import StackIdentity

from cli import policy_file
from cli.session import Here
from tests.cli.conftest import Aws, Run, refusal

FLEET = """\
organization: o-a1b2c3d4e5
hub: {account: "111111111111", region: us-east-1}
emails: [ops@example.com]
targets:
  canary:
    unit: ou-ab12-11111111
    regions: [us-east-1]
    overlay: {mode: audit}
    accounts: {"222222222222": {vpcs: {skip_tags: {"\\e[31mx\\u202E": y}}}}
  production: {unit: ou-ab12-22222222, regions: [us-east-1, eu-west-1]}
waves:
- targets: [canary]
- targets: [production]
plain: {"999999999999": {regions: [us-east-1], overlay: {sweep: every day}}}
"""
PARENTS = {
    "222222222222": "ou-ab12-33333333",
    "ou-ab12-33333333": "ou-ab12-11111111",
    "ou-ab12-11111111": "r-ab12",
    "333333333333": "r-ab12",
}


@pytest.fixture(autouse=True)
def _fleet(aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.yaml").write_text("retire: now\n")
    Path("fleet.yaml").write_text(FLEET)
    monkeypatch.setenv("POLICY", "own.yaml")
    monkeypatch.setenv("FLEET", "fleet.yaml")
    aws.will(DescribeAccount=_account, ListParents=_parents)


def _account(AccountId: str) -> Any:  # noqa: N803 - the API's name
    return {
        "Account": {"Arn": f"arn:aws:organizations::999999999999:account/o-a1b2c3d4e5/{AccountId}"}
    }


def _parents(ChildId: str) -> Any:  # noqa: N803 - the API's name
    return {"Parents": [{"Id": PARENTS[ChildId], "Type": "?"}]}


def values(run: Run, *arguments: str) -> dict[str, tuple[Any, str]]:
    said = run("policy", "--json", *arguments).json
    return {each["key"]: (each["value"], each["source"]) for each in said["values"]}


def test_an_accounts_unit_is_asked_of_organizations(run: Run, aws: Aws) -> None:
    ran = run("policy", "--account", "222222222222")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(
        "The policy of account 222222222222: target canary (unit ou-ab12-11111111, StackSet"
        " EndpointAutopilot-canary), wave 1 of 2, us-east-1\n\nmode: audit  (fleet.yaml:8)\n"
    )
    assert "\nretire: now  (own.yaml:1)\n" in ran.out
    assert "\nconnections.hold_for: 7 days  (default)\n" in ran.out
    assert aws.requests("ListParents") == [
        {"ChildId": "222222222222"},
        {"ChildId": "ou-ab12-33333333"},
        {"ChildId": "ou-ab12-11111111"},
    ]


def test_a_hostile_tag_stays_text(run: Run) -> None:
    ran = run("policy", "--account", "222222222222")
    assert "vpcs.skip_tags.\\x1b[31mx\\u202e: y  (fleet.yaml:9)\n" in ran.out


def test_a_target_that_is_named_is_asked_of_nobody(run: Run, aws: Aws) -> None:
    found = values(run, "--account", "444444444444", "--target", "production")
    assert found["mode"] == ("enforce", "default")
    assert aws.asked == []


def test_what_the_hub_tells_is_left_out(run: Run) -> None:
    found = values(run, "--target", "canary")
    assert not [key for key in found if key.startswith(("notify.emails", "notify.letter"))]
    assert run("policy", "--target", "canary").out.endswith(
        "\nThe hub tells, by fleet.yaml; its emails hear of all.\n"
    )


def test_what_is_deployed_by_hand_is_known_without_asking(run: Run, aws: Aws) -> None:
    assert values(run, "--account", "999999999999")["sweep"] == ("every day", "fleet.yaml:14")
    assert aws.asked == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--account", "333333333333"],
            "Account 333333333333 is in no target's unit: it gets no stack. It is in r-ab12.",
        ),
        (["--account", "33"], '--account is "33": write an account\'s 12 digits.'),
        (["--target", "prod"], "prod is no target of fleet.yaml: name one of canary, production."),
        ([], "Name an account with --account, or a target with --target: canary, production."),
        (
            ["--target", "canary", "--region", "eu-west-1"],
            "canary isn't deployed to eu-west-1, but to us-east-1.",
        ),
    ],
)
def test_what_cannot_be_shown_says_why(run: Run, arguments: list[str], said: str) -> None:
    ran = run("policy", *arguments)
    assert (ran.code, ran.out, ran.err) == (1, "", f"Error: {said}\n")


def test_units_in_each_other_are_named(run: Run) -> None:
    Path("fleet.yaml").write_text(FLEET.replace("ou-ab12-22222222", "ou-ab12-33333333"))
    ran = run("policy", "--account", "222222222222")
    assert ran.code == 1
    assert "is in the units of canary, production, one inside the other" in ran.err


def test_who_may_not_ask_is_told_of_target(run: Run, aws: Aws) -> None:
    aws.will(DescribeAccount=refusal("AccessDeniedException", "you may not"))
    ran = run("policy", "--account", "222222222222")
    assert (ran.code, ran.out) == (1, "")
    assert "you may not" in ran.err
    assert "Name its target with --target (canary, production)" in ran.err


def test_mistakes_are_told_as_cdk_deploy_tells_them(run: Run) -> None:
    Path("own.yaml").write_text("retire: off\n")
    ran = run("policy", "--target", "canary")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == 'own.yaml:1: retire is "off"; write report, now or idle\n'


def test_without_a_fleet_it_is_the_policy_files(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("FLEET")
    monkeypatch.setattr(policy_file, "CHECKOUT", tmp_path / "checkout")
    ran = run("policy")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("The policy of own.yaml\n\nmode: enforce  (default)\n")
    assert "\nnotify.letter: weekly  (default)\n" in ran.out
    assert run("policy", "--account", "222222222222").err == (
        "Error: There is no fleet.yaml here: every account has autopilot.yaml's policy.\n"
    )


UUID = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"


@pytest.mark.parametrize(
    ("account", "called", "name", "mode"),
    [
        (
            "333333333333",
            f"StackSet-EndpointAutopilot-canary-{UUID}",
            "own.yaml and fleet.yaml (target canary)",
            "audit",
        ),
        (
            "333333333333",
            f"StackSet-EndpointAutopilot-production-{UUID}",
            "own.yaml and fleet.yaml (target production)",
            "enforce",
        ),
        ("999999999999", "EndpointAutopilot", "own.yaml and fleet.yaml (by hand)", "enforce"),
        ("333333333333", "EndpointAutopilot", "own.yaml", "enforce"),
        ("333333333333", f"StackSet-EndpointAutopilot-gone-{UUID}", "own.yaml", "enforce"),
        ("333333333333", f"StackSet-Other-canary-{UUID}", "own.yaml", "enforce"),
    ],
)
def test_a_spoke_is_measured_by_its_own_merged_policy(
    account: str, called: str, name: str, mode: str
) -> None:
    us = StackIdentity("EndpointAutopilot", account, "us-east-1")
    found = policy_file.checkout(Here(us, "arn:me", {"OwnerTag": us.owner}, called))
    assert (found.name, found.policy.mode) == (name, mode)
    assert found.policy.retire_interfaces == "now"
    fleets = f"./autopilot --fleet plan --account {account}"
    assert found.compare == ("./autopilot plan --policy own.yaml" if name == "own.yaml" else fleets)


def test_an_accounts_own_overlay_counts_too() -> None:
    us = StackIdentity("EndpointAutopilot", "222222222222", "us-east-1")
    here = Here(us, "arn:me", {}, f"StackSet-EndpointAutopilot-canary-{UUID}")
    assert "y" in policy_file.checkout(here).policy.skip_tags.values()
