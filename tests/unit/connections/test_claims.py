"""What the ledger keeps of an answer before and after its call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from autopilot.connections.answering import PendingAnswer
from autopilot.connections.claims import claims_for, ends
from autopilot.connections.decision import (
    ConnectionRequest,
    DecidedRequest,
    DecisionContext,
    Verdict,
)
from autopilot.connections.facts import (
    Connection,
    ConnectionFacts,
    Organization,
    Remembered,
    Service,
)
from autopilot.connections.plan import AnswerItem
from autopilot.connections.remembered import AT_TAG, mark, with_marks
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


AT = "2026-11-30T08:00:00.123456+00:00"


OURS = Remembered("accepted", "autopilot", "allowed principals", "because", AT)


TAGS = mark("Stack", OURS)


def facts(
    state: str = "available",
    tags: Mapping[str, str] = TAGS,
    memory: Remembered | None = None,
) -> ConnectionFacts:
    seen = Connection("vpce-1", "vpce-svc-1", "222222222222", state, id="vpce-con-1", tags=tags)
    return ConnectionFacts(connections=(seen,), memory={seen.subject: memory} if memory else {})


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
