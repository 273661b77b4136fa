"""`plan` prints the actions that each workflow then takes, and audit's mail says the same.

Over random accounts of the lab's EC2, as strict as AWS: the command line's own path reads one, a
copy of it is then given to the workflow's steps.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from autopilot.aws.step import identity
from autopilot.aws.unwritten import unwritten
from autopilot.foreseen.everything import Account as Where
from autopilot.foreseen.everything import foresee
from autopilot.foreseen.model import WORKFLOWS, Action, Foreseen, Workflow
from autopilot.notify.names import named as with_names
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import encode
from autopilot.reconcile.identity import StackIdentity
from autopilot.services.facts import name_of
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.accounts import STACK, Account
from tests.cli.strict import REGION, US, Aws, answering
from tests.cli.taken import Sweeps
from tests.unit.notify.account import Account as Ops
from tests.unit.notify.account import parts_of, recording

TOPIC = f"arn:aws:sns:{REGION}:{US}:connections"
ENVIRONMENT = {
    "AWS_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "OWNER": STACK,
    "ACCOUNT_ID": US,
    "LEDGER_TABLE": "ledger",
    "OPS_TOPIC_ARN": f"arn:aws:sns:{REGION}:{US}:ops",
    "CONNECTION_TOPIC_ARN": TOPIC,
    "HOLD_MACHINE_ARN": "arn:hold",
}
ENDED = {
    "execution": "arn:aws:states:us-east-1:111111111111:execution:one:two",
    "trigger": "sweep",
    "round": 1,
    "outcomes": [],
}
seeds = st.integers(0, 2**32)
"""Each is an account. Numbers shrink badly, but what differs is said in full."""


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    made = Aws()
    with patch.dict(os.environ, ENVIRONMENT), answering(made):
        identity.cache_clear()
        yield made
    identity.cache_clear()


@dataclass
class Drawn:
    """An account, its policy, and what `plan` says of it."""

    account: Account
    policy: Policy
    said: Foreseen


def drawn(aws: Aws, seed: int) -> Drawn:
    aws.begin(1)
    account = Account(aws, Random(seed))
    policy = account.build()
    here = Where(StackIdentity(STACK, US, REGION), unwritten(account.ledger), TOPIC)
    before = deepcopy(account.ledger.table)
    said = foresee(here, policy, "autopilot.yaml", account.now)
    assert account.ledger.table == before, "a plan leaves no trace"
    assert said.unseen == ()
    return Drawn(account, policy, said)


_ASKED: Mapping[Workflow, tuple[str, ...]] = {
    "network": ("id", "action", "route_table_ids", "endpoint_id", "set_policy"),
    "interfaces": ("id", "action", "ingress", "add_subnet_ids", "remove_subnet_ids",
                   "private_dns", "set_policy", "delete"),
    "services": ("action", "balancer", "principals", "zones", "add_balancers", "reject",
                 "remove_balancers", "require_acceptance"),
    "connections": ("verb", "id"),
}  # fmt: skip


def essence(workflow: Workflow, item: Any) -> str:
    """What is changed how, in ids. Those of what the workflow itself makes are known to it only."""
    if workflow == "services":
        item = {**item, "balancer": name_of(item["balancer_arn"])}
    return str({name: item[name] for name in _ASKED[workflow] if name in item})


def named(workflow: Workflow, actions: Iterable[Action]) -> list[str]:
    """The actions that `plan` prints."""
    return sorted(essence(workflow, _asked(each)) for each in actions if each.workflow == workflow)


def _asked(action: Action) -> Any:
    if action.workflow != "connections":
        return encode(action.content)
    about = action.place if action.verb == "register" else action.service
    return {"verb": action.verb, "id": about}


@settings(max_examples=120)
@given(seeds)
def test_what_plan_names_is_what_each_workflow_then_does(aws: Aws, seed: int) -> None:
    made = drawn(aws, seed)
    for workflow in WORKFLOWS:
        ledger = deepcopy(made.account.ledger)
        with aws.copied():
            sweeps = Sweeps(aws, made.policy, ledger, made.account.now)
            done = sorted(essence(workflow, each) for each in sweeps.taken(workflow))
        assert named(workflow, made.said.actions) == done, workflow


def told(mail: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What audit's mail says would be done: subject and action. Its title counts them."""
    text, document = mail["default"], json.loads(mail["sqs"])
    for part in parts_of(document):
        if not part["kind"].startswith("Planned"):
            continue
        about = part["data"]["subjects"]
        count = re.search(r"Audit: (\d+) (change|answer)", part["title"])
        assert count and int(count[1]) == part["data"]["count"] == len(about)
        for subject, data in about.items():
            place = f"- {with_names(subject, document.get('names', {}))}: "
            (line,) = (each for each in text.splitlines() if each.startswith(place))
            assert "would " in line
            yield subject, data["action"]


def announced(action: Action) -> bool:
    """Whether audit can tell of it before what it follows is done, and tells of it at all."""
    if action.workflow == "interfaces":
        return not action.follows or action.content["kind"] == "endpoint"
    return not action.follows and action.verb not in ("register", "end hold")


def subject_of(action: Action) -> str:
    if action.workflow == "connections":
        return f"{action.place}/{action.service}"
    return action.id


@settings(max_examples=60)
@given(seeds)
def test_audits_mail_says_the_same(aws: Aws, seed: int) -> None:
    made = drawn(aws, seed)
    policy = replace(made.policy, mode="audit")
    for workflow in WORKFLOWS:
        ledger, ops = deepcopy(made.account.ledger), Ops(policy=policy)
        with aws.copied():
            plan = Sweeps(aws, policy, ledger, made.account.now).look(workflow)
        assert plan["items"] == []
        with recording():
            ops.hear({**ENDED, "workflow": workflow, "plan": plan}, made.account.now)
        mails = (json.loads(message.body) for message in ops.ops.messages)
        heard = [each for mail in mails for each in told(mail)]
        actions = (each for each in made.said.actions if each.workflow == workflow)
        said = {(subject_of(each), each.verb) for each in actions if announced(each)}
        assert sorted(heard) == sorted(said), workflow
