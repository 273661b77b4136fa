"""fleet.yaml: what it means, which policy each account gets, and every mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.fleet.file import load_fleet
from infra.fleet.model import Fleet, Wave
from infra.policy_file import PolicyMistakes

POLICY = """\
mode: audit
vpcs: {skip_tags: {team: x}}
connections:
  allow: [{account: "444444444444"}]
"""
WHOLE = """\
organization: o-a1b2c3d4e5
hub: {account: "111111111111", region: us-east-1}
emails: [ops@example.com]
approvers: [alice@example.com]
silent_after: 4 hours
targets:
  canary:
    unit: ou-ab12-11111111
    regions: [us-east-1, eu-west-1]
    overlay: {mode: enforce}
    accounts:
      "222222222222": {connections: {otherwise: reject}, vpcs: {skip_tags: null}}
      "333333333333": overlays/three.yaml
  production: {unit: ou-ab12-22222222, regions: [us-east-1]}
waves:
  - targets: [canary]
    wait: 0 minutes
  - targets: [production]
    tolerance: 10%
plain:
  "999999999999": {regions: [us-east-1], overlay: {sweep: every day}}
"""
HEAD = """\
organization: o-a1b2c3d4e5
hub: {account: "111111111111", region: us-east-1}
emails: [ops@example.com]
targets:
"""
TARGET = "  canary: {unit: ou-ab12-11111111, regions: [us-east-1]"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("overlays").mkdir()
    Path("overlays/three.yaml").write_text("vpcs:\n  skip_tags: {more: y}\n")
    Path("autopilot.yaml").write_text(POLICY)


def read(text: str) -> Fleet:
    Path("fleet.yaml").write_text(text)
    return load_fleet("fleet.yaml", "autopilot.yaml")


def mistakes(text: str) -> list[str]:
    with pytest.raises(PolicyMistakes) as raised:
        read(text)
    return str(raised.value).splitlines()


def test_a_whole_file() -> None:
    found = read(WHOLE)
    assert (found.organization, found.account, found.region) == (
        "o-a1b2c3d4e5",
        "111111111111",
        "us-east-1",
    )
    assert (found.emails, found.approvers) == (("ops@example.com",), ("alice@example.com",))
    assert found.silent_after_minutes == 240
    assert [(t.name, t.unit, t.regions) for t in found.targets] == [
        ("canary", "ou-ab12-11111111", ("us-east-1", "eu-west-1")),
        ("production", "ou-ab12-22222222", ("us-east-1",)),
    ]
    assert found.waves == (Wave(("canary",), 0, 0), Wave(("production",), 10, 10))
    assert [(p.account, p.regions, p.configuration.sweep_minutes) for p in found.plain] == [
        ("999999999999", ("us-east-1",), 1440)
    ]
    assert found.warnings == ()


def test_an_overlay_lies_over_the_policy_and_an_accounts_over_its_units() -> None:
    canary, production = read(WHOLE).targets
    assert canary.configuration.policy.mode == "enforce"
    assert production.configuration.policy.mode == "audit"
    two, three = (canary.accounts[account].policy for account in ("222222222222", "333333333333"))
    assert (two.mode, three.mode) == ("enforce", "enforce")
    assert two.connections.otherwise == "reject"
    assert two.connections.allow == production.configuration.policy.connections.allow


def test_mappings_merge_and_nothing_takes_the_default_back() -> None:
    canary, _ = read(WHOLE).targets
    assert canary.accounts["333333333333"].policy.skip_tags == {"team": "x", "more": "y"}
    assert canary.accounts["222222222222"].policy.skip_tags == {"endpoint-autopilot": "off"}


def test_a_list_is_replaced() -> None:
    overlay = '{connections: {allow: [{account: "555555555555"}]}}'
    (target,) = read(f"{HEAD}{TARGET}, overlay: {overlay}}}\n").targets
    assert [rule.value for rule in target.configuration.policy.connections.allow] == [
        "555555555555"
    ]


def test_without_waves_all_targets_are_one() -> None:
    assert read(f"{HEAD}{TARGET}}}\n").waves == (Wave(("canary",)),)


def test_in_a_fleet_the_hub_tells() -> None:
    Path("autopilot.yaml").write_text(
        "notify: {emails: [a@example.com], owner_tag: t, owners: {x: [b@example.com]}}\n"
    )
    found = read(f"{HEAD}{TARGET}}}\n")
    configuration = found.targets[0].configuration
    assert (configuration.emails, configuration.letter) == ((), None)
    assert configuration.policy.notify.owners == {}
    assert configuration.policy.notify.owner_tag == "t"
    assert [str(each) for each in found.warnings] == [
        "autopilot.yaml:1: warning: notify.emails has no effect in a fleet: the hub tells; "
        "write emails in fleet.yaml",
        "autopilot.yaml:1: warning: notify.owners has no effect in a fleet: the hub tells; "
        "drop it, and write emails in fleet.yaml",
    ]
