"""`history`, and the end of `why`: what is remembered, as a person reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cli.conftest import Aws, Run, refusal

PAST = "vpce-0a"
TODAY = datetime.now(UTC).date()


def item(pk: str, at: str, **changes: Any) -> dict[str, Any]:
    given = {
        "pk": pk,
        "sk": f"{at}/one/ConnectionAccepted/0",
        "claimed_by": "arn:execution:one",
        "claimed_at": at,
        "kind": "ConnectionAccepted",
        "change": "done",
        "subjects": '["vpce-svc-1/vpce-0a"]',
        "what": "1 connection request accepted",
        "why": "a rule names it",
        "by": "autopilot",
        **changes,
    }
    texts: dict[str, Any] = {name: {"S": text} for name, text in given.items()}
    return {**texts, "version": {"N": "1"}, "told": {"BOOL": True}, "count": {"N": "1"}}


def about(**changes: Any) -> dict[str, Any]:
    return item(f"about/{PAST}", f"{TODAY}T10:00:00+00:00", **changes)


def test_it_says_who_did_what_when_and_why(aws: Aws, run: Run) -> None:
    aws.will(Query={"Items": [about(by="arn:alice", names='{"vpce-0a": "shop\\u001b[2J"}')]})

    ran = run("history", PAST)

    assert ran.code == 0
    assert ran.out.splitlines() == [
        f"{TODAY}T10:00:00+00:00 done, by arn:alice: 1 connection request accepted",
        "      vpce-svc-1/vpce-0a (shop\\x1b[2J)",
        "      why: a rule names it",
    ]
    (asked,) = aws.requests("Query")
    assert asked["ExpressionAttributeValues"] == {":pk": {"S": "about/vpce-0a"}}
    assert asked["ScanIndexForward"] is False


def test_nothing_remembered_is_said_and_no_error(aws: Aws, run: Run) -> None:
    ran = run("history", PAST, "--since", "2026-11-01")
    assert (ran.code, ran.out) == (
        0,
        "Nothing is remembered of vpce-0a since 2026-11-01 (UTC).\n",
    )
    assert run("history", PAST, "--json").json == {"entries": [], "more": False}


def test_without_an_id_it_reads_the_last_days_newest_first(aws: Aws, run: Run) -> None:
    days = [f"{TODAY - timedelta(n)}" for n in range(8)]
    rows = [item(f"day/{each}", f"{each}T01:00:00+00:00") for each in reversed(days)]
    aws.will(ExecuteStatement={"Items": rows})

    ran = run("history", "--json")

    assert [each["at"][:10] for each in ran.json["entries"]] == days
    (asked,) = aws.requests("ExecuteStatement")
    assert [each["S"] for each in asked["Parameters"]] == [f"day/{each}" for each in days]
    assert ran.json["entries"][0]["by"] == "autopilot"


def test_more_than_it_shows_is_said(aws: Aws, run: Run) -> None:
    rows = [item(f"day/{TODAY}", f"{TODAY}T10:{n // 60:02}:{n % 60:02}+00:00") for n in range(201)]
    aws.will(ExecuteStatement={"Items": rows})

    said = run("history", "--since", "1d").out

    assert f"There is more, older than {TODAY}T10:00:01+00:00" in said
    assert said.count("accepted") == 200


def test_since_cuts_an_ids_history(aws: Aws, run: Run) -> None:
    old = item(f"about/{PAST}", "2026-01-01T10:00:00+00:00", what="old")
    aws.will(Query={"Items": [about(), old]})

    assert len(run("history", PAST, "--json", "--since", "7d").json["entries"]) == 1


@pytest.mark.parametrize("since", ["soon", "7", "2026-13-01", "d"])
def test_what_since_does_not_understand_is_told(aws: Aws, run: Run, since: str) -> None:
    ran = run("history", "--since", since)
    assert ran.code == 1
    assert f"--since is {since}: write days like 7d, or a date like 2026-11-01." in ran.err


def test_why_ends_with_the_history_also_of_what_has_gone(aws: Aws, run: Run) -> None:
    aws.will(ExecuteStatement={"Items": []}, Query={"Items": [about()]})

    ran = run("why", PAST)

    assert (ran.code, ran.err) == (0, "")
    shown = ran.out.partition("History\n")[2].splitlines()
    assert shown[0].endswith(" done, by autopilot: 1 connection request accepted")
    (entry,) = run("why", PAST, "--json").json["history"]["entries"]
    assert entry["why"] == "a rule names it"


def test_why_says_that_a_history_could_not_be_read(aws: Aws, run: Run) -> None:
    seen = {"VpcId": "vpc-1", "OwnerId": "111111111111", "State": "available"}
    aws.will(
        ExecuteStatement={"Items": []},
        DescribeVpcs={"Vpcs": [seen]},
        Query=refusal("AccessDeniedException", "no"),
    )

    ran = run("why", "vpc-1")

    assert ran.code == 1
    assert "It couldn't be read: dynamodb:Query: AccessDeniedException: no" in ran.out
    assert run("why", "vpc-1", "--json").json["history"] is None
