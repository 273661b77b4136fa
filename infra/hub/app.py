"""Adds a fleet's stacks to the app: the hub's, and an account's that is deployed by hand."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from aws_cdk import App

from infra.fleet.model import Fleet, Plain
from infra.hub.stack import HUB, EndpointAutopilotHub
from infra.policy.where import STACK
from infra.spoke import SpokeOf
from infra.stack import EndpointAutopilotStack


def add(app: App, fleet: Fleet, bundle: Path) -> EndpointAutopilotHub:
    """Add the hub's stack, and EndpointAutopilot where the account at hand is one of `plain`.

    That account is `-c account=…`, else whose credentials the CDK has. Raises ReleaseUnfit,
    RuntimeError on a finding of cdk-nag's in a spoke.
    Returns the hub's.
    """
    hub = EndpointAutopilotHub(app, HUB, fleet=fleet, bundle=bundle)
    account = str(app.node.try_get_context("account") or os.environ.get("CDK_DEFAULT_ACCOUNT", ""))
    found = by_hand(fleet, account)
    if found is None:
        if account != fleet.account:
            print(advice(fleet, account), file=sys.stderr)
        return hub
    EndpointAutopilotStack(
        app,
        STACK,
        configuration=found.configuration,
        bundle=bundle,
        spoke=SpokeOf(
            hub_account=fleet.account,
            hub_region=fleet.region,
            organization=fleet.organization,
            release=hub.release.digest,
            approvers=fleet.approvers,
        ),
    )
    return hub


def by_hand(fleet: Fleet, account: str) -> Plain | None:
    """The entry of an account that is deployed by hand, None for any other."""
    return next((each for each in fleet.plain if each.account == account), None)


def advice(fleet: Fleet, account: str) -> str:
    """Why there is no stack EndpointAutopilot, and what to do for one."""
    who = f"Account {account}" if account else "The account at hand, whoever that is,"
    listed = ", ".join(each.account for each in fleet.plain) or "nobody"
    return (
        f"{who} isn't deployed by hand: plain names {listed}. So there is {HUB} here and no {STACK}"
        f"; accounts of targets get theirs by {HUB}. For the management account, or the hub's own "
        f"outside of all targets: name it under plain, then deploy {STACK} as that account."
    )
