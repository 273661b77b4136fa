"""Which calls a planted fault meets, and what can't be planted."""

from __future__ import annotations

from typing import Any

import pytest

from lab.checks import BadInputError
from lab.faults import Fault, Faults, Reach, parse
from lab.inside import Principal

REACH = Reach(
    {
        "ec2": {"CreateVpc", "CreateVpcEndpoint", "DescribeVpcs", "DeleteVpcEndpoints", "Shared"},
        "sns": {"Publish", "Shared"},
    },
    {"DeleteVpcEndpoints"},
)
ROOT = Principal("111111111111", "arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:root")
ROLE = "arn:aws:iam::111111111111:role/Stack-ApplyRole-1"
APPLY = Principal(
    "111111111111", "arn:aws:sts::111111111111:assumed-role/Stack-ApplyRole-1/apply", ROLE, "apply"
)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "send a JSON object"),
        ({}, "operation: '' is no operation"),
        (
            {"operation": "CreateVpcEndpont", "error": "Throttling"},
            "did you mean CreateVpcEndpoint",
        ),
        ({"operation": "CreateVpc"}, "give error, delay_seconds or kind"),
        ({"operation": "CreateVpc", "eror": "x"}, "eror: there is no such key"),
        ({"operation": "CreateVpc", "error": "not a code"}, "error: 'not a code' given"),
        ({"operation": "CreateVpc", "error": 500}, "error: 500 given"),
        ({"operation": "CreateVpc", "delay_seconds": -1}, "delay_seconds: -1 given"),
        ({"operation": "CreateVpc", "delay_seconds": True}, "delay_seconds: True given"),
        ({"operation": "CreateVpc", "error": "X", "times": 0}, "times: 0 given"),
        ({"operation": "CreateVpc", "error": "X", "times": 1.5}, "times: 1.5 given"),
        (
            {"operation": "CreateVpc", "error": "X", "account": 111111111111},
            "account: 111111111111",
        ),
        ({"operation": "CreateVpc", "error": "X", "principal": ""}, "principal: '' given"),
        ({"operation": "CreateVpc", "delay_seconds": 1, "carried_out": True}, "needs error"),
        ({"operation": "CreateVpc", "delay_seconds": 1, "message": "x"}, "message needs error"),
        ({"operation": "CreateVpc", "kind": "explode"}, "should be one of timeout, reset, partial"),
        ({"operation": "CreateVpc", "kind": ["reset"]}, "should be one of timeout, reset, partial"),
        ({"operation": "CreateVpc", "kind": "reset", "error": "X"}, "no answer that could bear"),
        ({"operation": "CreateVpc", "kind": "timeout", "message": "X"}, "message needs error"),
        ({"operation": "DeleteVpcEndpoints", "kind": "partial"}, "kind partial needs error"),
        (
            {"operation": "CreateVpc", "kind": "partial", "error": "X"},
            "CreateVpc cannot fail in part, only DeleteVpcEndpoints can",
        ),
        (
            {
                "operation": "DeleteVpcEndpoints",
                "kind": "partial",
                "error": "X",
                "carried_out": True,
            },
            "kind partial carries nothing out",
        ),
        ({"operation": "Publish", "error": "X", "service": "s3"}, "do not reach 's3', only ec2"),
        (
            {"operation": "Publish", "error": "X", "service": "ec2"},
            "operation: 'Publish' is no operation of ec2",
        ),
    ],
)
def test_refuses_nonsense_and_says_why(data: Any, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        parse(data, REACH)


def test_meets_the_operation_as_often_as_it_was_planted_for() -> None:
    faults = Faults()
    faults.plant(parse({"operation": "CreateVpc", "error": "Throttling", "times": 2}, REACH))
    assert faults.take(ROOT, "ec2", "DescribeVpcs") is None
    assert faults.take(ROOT, "ec2", "CreateVpc") is not None
    assert [fault["times"] for fault in faults.all()] == [1]
    assert faults.take(ROOT, "ec2", "CreateVpc") is not None
    assert faults.take(ROOT, "ec2", "CreateVpc") is None


def test_uses_the_oldest_fault_first() -> None:
    faults = Faults()
    for code in ("First", "Second"):
        faults.plant(Fault("CreateVpc", error=code))
    taken = [faults.take(ROOT, "ec2", "CreateVpc") for _ in range(2)]
    assert [fault.error for fault in taken if fault] == ["First", "Second"]


@pytest.mark.parametrize(
    ("narrowed", "met"),
    [
        ({}, [ROOT, APPLY]),
        ({"account": "111111111111"}, [ROOT, APPLY]),
        ({"account": "222222222222"}, []),
        ({"principal": "ApplyRole"}, [APPLY]),
        ({"principal": "role/Stack"}, [APPLY]),
    ],
)
def test_meets_only_those_it_is_narrowed_down_to(
    narrowed: dict[str, str], met: list[Principal]
) -> None:
    fault = parse({"operation": "CreateVpc", "error": "X", **narrowed}, REACH)
    assert [who for who in (ROOT, APPLY) if fault.meets(who, "ec2", "CreateVpc")] == met


@pytest.mark.parametrize(("narrowed", "met"), [({}, ["ec2", "sns"]), ({"service": "sns"}, ["sns"])])
def test_meets_every_service_that_has_the_operation_unless_one_is_named(
    narrowed: dict[str, str], met: list[str]
) -> None:
    fault = parse({"operation": "Shared", "error": "X", **narrowed}, REACH)
    assert [name for name in ("ec2", "sns") if fault.meets(ROOT, name, "Shared")] == met


def test_clears() -> None:
    faults = Faults()
    faults.plant(Fault("CreateVpc", error="X"))
    faults.clear()
    assert faults.all() == []
