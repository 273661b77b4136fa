"""Connection requests: the allowed are accepted, others held, people are right, rights end."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from demo.privatelink import connect, publish
from lab.client import Lab
from tests.end_to_end.providing import connections_sweep, ready, stands
from tests.end_to_end.stage import Stage

PROVIDER, CONSUMER, STRANGER = "111111111111", "222222222222", "333333333333"


@pytest.fixture(scope="module")
def provider() -> Iterator[Stage]:
    """A lab of its own: its provider has services and no VPC to speak of."""
    with Lab.start(accounts=(PROVIDER,)) as lab:
        stage = Stage(lab, PROVIDER)
        connections_sweep(stage)
        yield stage


def test_an_allowed_account_is_connected_in_eight_calls(
    provider: Stage,
) -> None:
    service = ready(provider, "allowed")
    service.allow(CONSUMER)
    provider.begin()

    endpoint = connect(service, CONSUMER)
    stands(service, endpoint, "available")  # how soon is `make bench`'s to say
    provider.settle()

    assert len(provider.our_calls()) <= 8
    told = provider.told("ConnectionAccepted", endpoint)
    assert told["severity"] == "info"
    assert CONSUMER in json.dumps(told)


def test_whom_no_rule_names_is_held_and_a_person_decides(provider: Stage) -> None:
    service = ready(provider, "held")
    service.allow("*")
    provider.begin()

    endpoint = connect(service, STRANGER)
    told = provider.told("ConnectionHeld", endpoint)
    assert told["severity"] == "action"
    assert "accept-vpc-endpoint-connections" in json.dumps(told["next"])
    assert service.states()[endpoint] == "pendingAcceptance", "`*` names nobody"

    service.answer("accept", endpoint)
    stands(service, endpoint, "available")
    told = provider.told("HoldAnswered", endpoint)
    assert f"arn:aws:iam::{PROVIDER}:root" in json.dumps(told), "it says who"
    connections_sweep(provider)
    assert service.states()[endpoint] == "available", "people are right"


def test_whose_right_is_withdrawn_is_cut_if_we_let_it_in(provider: Stage) -> None:
    service = ready(provider, "revoked")
    service.allow(CONSUMER)
    endpoint = connect(service, CONSUMER)
    stands(service, endpoint, "available")
    provider.begin()

    service.revoke(CONSUMER)
    stands(service, endpoint, "rejected")
    told = provider.told("ConnectionCut", endpoint)
    assert CONSUMER in json.dumps(told)


def test_what_was_connected_before_us_is_reported_and_left(provider: Stage) -> None:
    provider.lab.delivery(loss=1.0, notifications={"loss": 1.0})
    service = publish(provider.lab, PROVIDER, "before")
    service.allow(CONSUMER)
    endpoint = connect(service, CONSUMER)
    service.answer("accept", endpoint)
    stands(service, endpoint, "available")
    service.revoke(CONSUMER)
    provider.lab.delivery()

    connections_sweep(provider)
    assert service.states()[endpoint] == "available"
    provider.told("ConnectionNotAllowed", endpoint)


def test_a_sweep_answers_what_lost_notifications_missed(provider: Stage) -> None:
    service = ready(provider, "lost")
    service.allow(CONSUMER)
    provider.settle()
    provider.lab.delivery(notifications={"loss": 1.0})
    endpoint = connect(service, CONSUMER)
    provider.settle()
    assert service.states()[endpoint] == "pendingAcceptance"
    provider.lab.delivery()
    connections_sweep(provider)
    stands(service, endpoint, "available")
