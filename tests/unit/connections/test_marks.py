"""Tags of connections: what they say, whom they are believed about, when they go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from autopilot.connections.answering import PendingAnswer
from autopilot.connections.attribution import AT_TAG, BY_TAG, RULE_TAG, mark, to_unmark, with_marks
from autopilot.connections.claims import claims_for, ends
from autopilot.connections.decision import ConnectionRequest, DecisionContext, Verdict
from autopilot.connections.desired import DecidedRequest
from autopilot.connections.facts import Connection, ConnectionFacts, Service
from autopilot.connections.organization import Organization
from autopilot.connections.plan import AnswerItem
from autopilot.connections.remembered import Remembered
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.tags import OWNER_TAG

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
AT = "2026-11-30T08:00:00.123456+00:00"
OURS = Remembered("accepted", "autopilot", "allowed principals", "because", AT)
PERSONS = Remembered("accepted", "arn:aws:iam::111111111111:user/maria", at=AT)
TAGS = mark("Stack", OURS)


def facts(
    state: str = "available",
    tags: Mapping[str, str] = TAGS,
    memory: Remembered | None = None,
) -> ConnectionFacts:
    seen = Connection("vpce-1", "vpce-svc-1", "222222222222", state, id="vpce-con-1", tags=tags)
    return ConnectionFacts(connections=(seen,), memory={seen.subject: memory} if memory else {})


def known(seen: ConnectionFacts, owner: str = "Stack") -> Remembered | None:
    return with_marks(seen, owner).memory.get("vpce-svc-1/vpce-1")


def test_they_say_whose_it_is_under_which_rule_by_whom_and_when() -> None:
    assert TAGS == {
        OWNER_TAG: "Stack",
        RULE_TAG: "allowed principals",
        BY_TAG: "autopilot",
        AT_TAG: AT,
    }


def test_a_rule_fits_into_a_tag() -> None:
    rule = "organization o-1, services with tier=shared; {" + "x" * 300
    said = mark("Stack", Remembered("accepted", "autopilot", rule, at=AT))[RULE_TAG]
    assert len(said) == 256
    assert said.startswith("organization o-1_ services with tier=shared_ _xxx")


def test_they_are_believed_where_the_ledger_knows_nothing() -> None:
    found = known(facts())
    assert found
    assert found.we_accepted
    assert (found.rule, found.at, found.version) == ("allowed principals", AT, 0)


@pytest.mark.parametrize(
    "seen",
    [
        facts(memory=PERSONS),
        facts(memory=Remembered("accepting", "autopilot", at=AT)),
        facts(state="pendingAcceptance"),
        facts(state="rejected"),
        facts(tags={}),
        facts(tags={**TAGS, OWNER_TAG: "Another"}),
        facts(tags={**TAGS, BY_TAG: "arn:aws:iam::111111111111:user/maria"}),
        facts(tags={OWNER_TAG: "Stack"}),
    ],
)
def test_they_give_no_right_against_the_ledger_or_of_anybody_else(seen: ConnectionFacts) -> None:
    assert with_marks(seen, "Stack").memory == seen.memory


@pytest.mark.parametrize(
    "at", ["", "yesterday", "2026-99-99T99:99:99+00:00", "2026-11-30T08:00:00"]
)
def test_a_time_that_cannot_be_read_stops_nothing(at: str) -> None:
    found = known(facts(tags={**TAGS, AT_TAG: at}))
    assert found
    assert found.at == ""


@pytest.mark.parametrize(
    ("seen", "ids"),
    [
        (facts(), ()),
        (facts(memory=OURS), ()),
        (facts(memory=PERSONS), ("vpce-con-1",)),
        (facts(state="rejected"), ("vpce-con-1",)),
        (facts(state="rejected", tags={}), ()),
        (facts(state="deleted"), ()),
        (facts(state="Deleting"), ()),
        # We cut it, and somebody of whom nothing was heard has let it in again.
        (facts(memory=Remembered("rejected", "autopilot", at=AT)), ("vpce-con-1",)),
        (facts(memory=Remembered("cutting", "autopilot", at=AT)), ()),
        (facts(memory=PERSONS, tags={**TAGS, OWNER_TAG: "Another"}), ()),
    ],
)
def test_they_go_where_a_person_answered_and_where_it_is_over(
    seen: ConnectionFacts, ids: tuple[str, ...]
) -> None:
    assert to_unmark(seen, "Stack") == ids


def test_no_more_than_one_call_takes() -> None:
    (one,) = facts(state="rejected").connections
    many = tuple(replace(one, id=f"vpce-con-{number:04}") for number in range(1200))
    assert len(to_unmark(ConnectionFacts(connections=many), "Stack")) == 500


@pytest.mark.parametrize("at", [AT, "yesterday"])
def test_a_cut_that_aws_did_not_make_leaves_the_tags_to_tell(at: str) -> None:
    seen = with_marks(facts(tags={**TAGS, AT_TAG: at}), "Stack")
    request = ConnectionRequest(
        seen.connections[0], Service("vpce-svc-1"), (), seen.memory["vpce-svc-1/vpce-1"]
    )
    item = AnswerItem("i", "vpce-svc-1", "", "cut", ("vpce-1",), {})
    cut = PendingAnswer(
        item, "autopilot", (DecidedRequest(request, Verdict("cut", "no rule names it")),)
    )
    context = DecisionContext(
        Policy(), StackIdentity("Stack", "1" * 12, "us-east-1"), Organization(), NOW, "execution"
    )
    (claim,) = claims_for(cut, context)
    assert (claim.take.replaces, claim.take.row and claim.take.row.version) == (None, 1)
    (settled,) = ends([claim], ())
    assert (settled.row, settled.replaces) == (None, 1)
