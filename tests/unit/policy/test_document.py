"""When two endpoint policies are the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from autopilot.policy.document import FULL_ACCESS, same
from hypothesis import given
from hypothesis import strategies as st

ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}


def document(*statements: Any, **top: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **top})


def condition(**block: Any) -> str:
    return document({**ALLOW, "Condition": {"StringEquals": block}})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (document(ALLOW), document(ALLOW)),
        (document(ALLOW), json.dumps(json.loads(document(ALLOW)), indent=4)),
        (document(ALLOW), document(dict(reversed(ALLOW.items())))),
        (document(ALLOW), json.dumps({"Statement": ALLOW, "Version": "2012-10-17"})),
        (document(ALLOW, DENY), document(DENY, ALLOW)),
        (document(ALLOW), document({**ALLOW, "Action": ["s3:GetObject"]})),
        (
            document({**ALLOW, "Action": ["a:B", "c:D"]}),
            document({**ALLOW, "Action": ["c:D", "a:B", "a:B"]}),
        ),
        (document({**ALLOW, "Resource": ["a"]}), document({**ALLOW, "Resource": "a"})),
        (document(ALLOW), document({**ALLOW, "Principal": {"AWS": "*"}})),
        (
            document({**ALLOW, "Principal": {"AWS": ["111122223333", "444455556666"]}}),
            document(
                {
                    **ALLOW,
                    "Principal": {
                        "AWS": [
                            "arn:aws-cn:iam::444455556666:root",
                            "arn:aws-cn:iam::111122223333:root",
                        ]
                    },
                }
            ),
        ),
        (
            document({**ALLOW, "Principal": {"AWS": ["1", "2"]}}),
            document({**ALLOW, "Principal": {"AWS": ["2", "1"]}}),
        ),
        (document(ALLOW), document({**ALLOW, "Sid": ""})),
        (document(ALLOW), document(ALLOW, Version="2008-10-17")),
        (document(ALLOW), json.dumps({"Statement": [ALLOW]})),
        (document(ALLOW), document(ALLOW, Id="any")),
        (condition(a="x"), condition(a=["x"])),
        (condition(a=["x", "y"]), condition(a=["y", "x"])),
        (condition(a="x"), condition(A="x")),
        (condition(a=True), condition(a="true")),
        (FULL_ACCESS, ""),
        (document({**ALLOW, "Action": "*"}), FULL_ACCESS),
    ],
)
def test_same(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (document(ALLOW), document(DENY)),
        (document(ALLOW), document(ALLOW, DENY)),
        (document(ALLOW), FULL_ACCESS),
        (document(ALLOW), document({**ALLOW, "Resource": "arn:aws:s3:::a/*"})),
        (document(ALLOW), document({**ALLOW, "Principal": {"AWS": "111111111111"}})),
        (
            document({**ALLOW, "Principal": {"AWS": "*"}}),
            document({**ALLOW, "NotPrincipal": {"AWS": "*"}}),
        ),
        (condition(a="x"), condition(a="X")),
        (condition(a="x"), condition(b="x")),
        (condition(a="x"), document(ALLOW)),
        (
            document({**ALLOW, "Resource": "arn:aws:s3:::${aws:PrincipalTag/team}/*"}),
            document(
                {**ALLOW, "Resource": "arn:aws:s3:::${aws:PrincipalTag/team}/*"},
                Version="2008-10-17",
            ),
        ),
        (document(ALLOW), "no JSON"),
        (document(ALLOW), "[]"),
        (document(ALLOW), '{"Statement": ["x"]}'),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert not same(one, other)


scalars = st.sampled_from(["s3:GetObject", "s3:PutObject", "*"])
statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Principal": st.sampled_from(["*", {"AWS": "111111111111"}]),
        "Action": scalars | st.lists(scalars, min_size=1),
        "Resource": scalars | st.lists(scalars, min_size=1),
    }
)


@given(st.lists(statements, min_size=1), st.randoms(use_true_random=False))
def test_order_and_layout_do_not_matter(chosen: list[Any], random: Any) -> None:
    shuffled = [dict(random.sample(list(s.items()), len(s))) for s in chosen]
    random.shuffle(shuffled)

    assert same(document(*chosen), json.dumps(json.loads(document(*shuffled)), indent=1))


@given(st.lists(statements, min_size=1), st.lists(statements, min_size=1))
def test_goes_both_ways(one: list[Any], other: list[Any]) -> None:
    assert same(document(*one), document(*other)) == same(document(*other), document(*one))
