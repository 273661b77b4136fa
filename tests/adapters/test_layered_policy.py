"""The policy of a StackSet's spoke lies in a layer, where an account may have one of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from autopilot.aws import settings
from autopilot.aws.belonging import belongs
from autopilot.aws.settings import bundled_policy
from autopilot.fleet.belongs import Belongs
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import encode

from infra.fleet.model import Target
from infra.policy_file import Configuration
from infra.spoke_layer import layer_of

AUDIT, ENFORCE = Policy(mode="audit"), Policy(mode="enforce")
OURS = Belongs("o-a1b2c3d4e5", "999999999999", "eu-west-1", "workloads", ("alice",))
ACCOUNT = "111111111111"


@pytest.fixture
def layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the hub makes, as Lambda lays it on Python's path."""
    target = Target(
        "workloads", "ou-1", ("us-east-1",), Configuration(AUDIT), {ACCOUNT: Configuration(ENFORCE)}
    )
    for name, content in layer_of(target, OURS).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    monkeypatch.syspath_prepend(str(tmp_path / "python"))
    bundled_policy.cache_clear()
    belongs.cache_clear()
    return tmp_path


@pytest.mark.parametrize(
    ("account", "policy"), [(ACCOUNT, ENFORCE), ("222222222222", AUDIT), ("", AUDIT)]
)
def test_an_account_has_its_own_policy_or_everybodys(
    layer: Path, monkeypatch: pytest.MonkeyPatch, account: str, policy: Policy
) -> None:
    monkeypatch.setenv("ACCOUNT_ID", account)
    assert bundled_policy(layer / "nowhere" / "policy.json") == policy


def test_the_policy_in_the_bundle_goes_before_any_layer(layer: Path, tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(encode(ENFORCE)))
    assert bundled_policy(path) == ENFORCE


def test_a_single_account_looks_into_no_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cold start reads one file."""
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(encode(AUDIT)))

    def never(_name: str) -> Any:
        raise AssertionError("it looks through the path of imports")

    monkeypatch.setattr(settings, "in_layer", never)
    assert bundled_policy(path) == AUDIT


def test_no_policy_anywhere_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNT_ID", ACCOUNT)
    with pytest.raises(FileNotFoundError):
        bundled_policy(tmp_path / "policy.json")


def test_a_spoke_knows_its_fleet_and_anybody_else_that_there_is_none(
    layer: Path, tmp_path: Path
) -> None:
    assert belongs(tmp_path / "nowhere.json") == OURS
    beside = tmp_path / "spoke.json"
    beside.write_text(json.dumps(encode(Belongs("o-1", "1", "eu-west-1"))))
    assert belongs(beside) == Belongs("o-1", "1", "eu-west-1")


def test_a_stack_without_a_fleet_belongs_to_none(tmp_path: Path) -> None:
    assert belongs(tmp_path / "spoke.json") is None
