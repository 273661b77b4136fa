"""The dashboard's function `show`, with an AWS that is empty, or denies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import show
from autopilot.aws import clients, parts, step
from autopilot.aws.errors import Throttled
from autopilot.aws.ledger import Ledger
from autopilot.aws.parts import PARTS
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from botocore.exceptions import ClientError

ARN = "arn:aws:lambda:us-east-1:111111111111:function:Show"
CONTEXT = SimpleNamespace(
    invoked_function_arn=ARN,
    function_name="Show",
    memory_limit_in_mb=1024,
    aws_request_id="1",
)
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@dataclass
class Account:
    """An account with a VPC of a hostile name, and nothing else; `refused`: calls it denies."""

    refused: tuple[str, ...] = ()
    called: list[str] = field(default_factory=list)
    name: str = "<script>alert(1)</script>"

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return lambda **_: self._answer(method)

    def get_paginator(self, method: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: [self._answer(method)])

    def _answer(self, method: str) -> Mapping[str, Any]:
        self.called.append(method)
        if method in self.refused:
            error: Any = {"Code": "UnauthorizedOperation", "Message": "no <policy> allows it"}
            raise ClientError({"Error": error}, method)
        tags = [{"Key": "Name", "Value": self.name}]
        vpc = {"VpcId": "vpc-1", "OwnerId": "1" * 12, "State": "available", "Tags": tags}
        return {
            "Vpcs": [vpc],
            "Subnets": [],
            "RouteTables": [],
            "VpcEndpoints": [],
            "ServiceConfigurations": [],
            "VpcEndpointConnections": [],
            "Items": [],
        }


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    made = Account()
    clients.client.cache_clear()
    step.identity.cache_clear()
    monkeypatch.setattr(clients, "make", lambda *_: made)
    us = StackIdentity("Stack", "1" * 12, "us-east-1")
    monkeypatch.setattr(show, "identity", lambda: us)
    return made


def shown(**event: Any) -> Any:
    return show.handler(
        event, CONTEXT, ledger=lambda: Ledger("ledger"), policy=Policy, now=lambda: NOW
    )


def context(**more: Any) -> dict[str, Any]:
    return {"theme": "dark", "params": {"part": "coverage"}, "forms": {"all": {}}, **more}


def test_a_part_is_shown_with_a_hostile_name_as_text(account: Account) -> None:
    html = shown(part="coverage", widgetContext=context())
    assert html.startswith('<div class="ea ea-dark">')
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script" not in html
    assert len(account.called) <= 12


def test_a_button_needs_not_repeat_the_widgets_parameters(account: Account) -> None:
    assert "no endpoint service" in shown(
        page=2, widgetContext=context(params={"part": "connections"})
    )


def test_what_aws_denies_is_named_in_the_widget(account: Account) -> None:
    account.refused = ("describe_vpcs", "describe_subnets")
    html = shown(part="coverage")
    assert "Couldn&#x27;t read VPCs: " in html
    assert "no &lt;policy&gt; allows it" in html
    assert "There is no VPC here." not in html


@pytest.mark.parametrize("part", [part for part in PARTS if part != "costs"])
def test_a_denied_ledger_is_named_everywhere(account: Account, part: str) -> None:
    account.refused = ("execute_statement", "query")
    what = "history" if part == "done" else "the ledger"
    assert f"Couldn&#x27;t read {what}: " in shown(part=part)


def test_a_week_is_read_by_a_call_a_day(account: Account) -> None:
    html = shown(part="done")
    assert account.called == ["query"] * 7
    assert all(f"2026-11-{day}" in html for day in range(24, 31))
    assert "Nothing is remembered of these days." in html


def test_an_error_that_leaves_nothing_to_show_is_shown(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Throttled("slow <down>")

    monkeypatch.setattr(parts, "overview", refuse)
    assert "Couldn&#x27;t read how things stand: slow &lt;down&gt;" in shown(part="waiting")


def test_an_answer_is_followed_from_what_waits(account: Account) -> None:
    html = shown(followed="vpce-1", widgetContext=context(params={"part": "waiting"}))
    assert "its connection isn&#x27;t there any more" in html
    assert len(account.called) <= 12


@pytest.mark.parametrize("part", [None, "<b>", ["coverage"], {"a": 1}, "x" * 9999])
def test_a_part_that_is_none_is_said_and_nothing_is_read(account: Account, part: Any) -> None:
    html = shown(part=part)
    assert f"write one of {', '.join(PARTS)}" in html
    assert "<b>&lt;" not in html
    assert len(html) < 5000
    assert account.called == []


@pytest.mark.parametrize("page", ["2", 2, "x", -1, None, [], "9" * 5000, "²", 1.5])
@pytest.mark.parametrize("about", [None, "x", [], {"params": "x", "forms": None}])
def test_whatever_is_sent_gives_a_page(account: Account, page: Any, about: Any) -> None:
    assert "vpc-1" in shown(part="coverage", page=page, widgetContext=about)


def test_it_describes_itself(account: Account) -> None:
    told = shown(describe=True)["markdown"]
    assert all(f"`{part}`" in told for part in ("part", "page", *PARTS))
    assert account.called == []
