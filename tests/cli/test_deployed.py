"""What is deployed: the policy and the sources that the functions run, read from their bundle."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import encode
from autopilot.reconcile.identity import StackIdentity

from cli.deployed import Deployed, deployed
from cli.session import Here
from tests.cli.conftest import ACCOUNT, OUTPUTS, Aws, refusal

US = StackIdentity("EndpointAutopilot", ACCOUNT, "us-east-1")
HERE = Here(US, "arn:caller", OUTPUTS)
URL = "https://bucket.s3.amazonaws.com/code"
AUDIT = Policy(mode="audit", skip_tags={"endpoint-autopilot": "off"})
SOURCES = {"plan_network.py": "handler\n", "autopilot/policy/model.py": "policy\n"}


def bundle(sources: Mapping[str, str] = SOURCES, policy: Any = AUDIT) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as made:
        for name, text in sources.items():
            made.writestr(name, text)
        made.writestr("six.py", "another's\n")
        made.writestr("botocore/session.py", "another's\n")
        made.writestr("policy.json", json.dumps(encode(policy)))
    return file.getvalue()


@pytest.fixture
def checkout(aws: Aws, tmp_path: Path) -> Path:
    aws.will(
        GetFunction={
            "Configuration": {"LastModified": "2026-11-30T10:00:00.000+0000"},
            "Code": {"Location": URL},
        }
    )
    for name, text in SOURCES.items():
        path = tmp_path / "functions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def read(checkout: Path, code: bytes) -> Deployed:
    found = deployed(HERE, fetch={URL: code}.__getitem__, checkout=checkout)
    assert found is not None
    return found


def test_the_policy_and_the_sources_are_those_of_one_functions_code(
    aws: Aws, checkout: Path
) -> None:
    found = read(checkout, bundle())
    assert found == Deployed(AUDIT, (), "2026-11-30T10:00:00.000+0000")
    assert aws.requests("GetFunction") == [{"FunctionName": "AnswerHold"}]


@pytest.mark.parametrize(
    ("sources", "outdated"),
    [
        ({**SOURCES, "plan_network.py": "older\n"}, ("plan_network.py",)),
        ({"plan_network.py": "handler\n"}, ("autopilot/policy/model.py",)),
        ({**SOURCES, "autopilot/gone.py": "older\n"}, ("autopilot/gone.py",)),
    ],
)
def test_sources_that_are_not_as_in_the_checkout_are_named(
    checkout: Path, sources: dict[str, str], outdated: tuple[str, ...]
) -> None:
    assert read(checkout, bundle(sources)).outdated == outdated


def test_a_policy_is_compared_as_the_functions_read_it(checkout: Path) -> None:
    found = read(checkout, bundle())
    assert found.runs(AUDIT) is True
    assert found.runs(Policy(skip_tags=AUDIT.skip_tags)) is False
    assert Deployed(why="no").runs(AUDIT) is None


def test_nothing_is_deployed_without_a_stack(aws: Aws) -> None:
    assert deployed(Here(US, "arn:caller")) is None
    assert aws.requests("GetFunction") == []


def test_what_keeps_it_from_being_told_is_said(aws: Aws, checkout: Path) -> None:
    assert read(checkout, b"no zip").why.startswith("the functions' code can't be read: ")
    unreadable = read(checkout, bundle(policy={"mode": "brave"}))
    assert unreadable.why.startswith("this version can't read the deployed policy: mode is 'brave'")
    assert (unreadable.policy, unreadable.outdated) == (None, ())

    locked = bytearray(bundle())
    for header, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = locked.rfind(header)  # policy.json is the last one
        locked[at + flags] |= 1
    assert "is encrypted" in read(checkout, bytes(locked)).why

    aws.will(GetFunction=refusal("AccessDeniedException", "not allowed"))
    assert read(checkout, bundle()).why == (
        "lambda:GetFunction: AccessDeniedException: not allowed"
    )
    older = Here(US, "arn:caller", {"LedgerTableName": "ledger"})
    found = deployed(older)
    assert found is not None
    assert found.why == "the stack has no output AnswerHoldFunctionName"


LAYER = "arn:aws:lambda:us-east-1:111111111111:layer:Policy:3"


def layer(**accounts: Policy) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as made:
        made.writestr("python/deployed_policy/policy.json", json.dumps(encode(AUDIT)))
        for account, policy in accounts.items():
            path = f"python/deployed_policy/accounts/{account.removeprefix('of_')}.json"
            made.writestr(path, json.dumps(encode(policy)))
    return file.getvalue()


@pytest.mark.parametrize(
    ("accounts", "runs"),
    [
        ({}, AUDIT),
        ({f"of_{US.account}": Policy(mode="enforce")}, Policy(mode="enforce")),
        ({"of_999999999999": Policy(mode="enforce")}, AUDIT),
    ],
)
def test_a_spokes_policy_is_read_from_its_layer(
    aws: Aws, checkout: Path, accounts: dict[str, Policy], runs: Policy
) -> None:
    aws.will(
        GetFunction={"Configuration": {"Layers": [{"Arn": LAYER}]}, "Code": {"Location": URL}},
        GetLayerVersionByArn={"Content": {"Location": "https://layer"}},
    )
    code = io.BytesIO()
    with ZipFile(code, "w") as made:
        for name, text in SOURCES.items():
            made.writestr(name, text)
    fetched = {URL: code.getvalue(), "https://layer": layer(**accounts)}
    found = deployed(HERE, fetch=fetched.__getitem__, checkout=checkout)
    assert found
    assert (found.policy, found.outdated, found.why) == (runs, (), "")
    assert aws.requests("GetLayerVersionByArn") == [{"Arn": LAYER}]
