"""One cause, one mail: how the notices of one execution read together."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.notify.combine import MOST_IN_FULL, MOST_TOGETHER, combined, too_many
from autopilot.notify.notice import Notice, Step, Subject
from autopilot.notify.phrases import NOTHING, fine, fine_if, look_at
from autopilot.notify.render import MOST_LINES, message, text

from tests.unit.notify.emails import EMAILS
from tests.unit.notify.reports import about, busy, check_limits, place


def notice(kind: str = "Made", severity: Any = "info", **changes: Any) -> Notice:
    given: dict[str, Any] = {
        "change": "done",
        "title": f"{kind} in vpc-1",
        "what": (f"{kind} happened.",),
        "why": (f"{kind} was wanted.",),
        "subjects": (Subject("vpc-1/s3", kind.lower(), {"of": kind}),),
        "steps": (fine(),),
    }
    return Notice(kind, severity=severity, **{**given, **changes})


def test_one_alone_stays_as_it_is() -> None:
    assert combined([notice()]) == notice()


def test_the_most_urgent_leads_and_what_is_over_comes_last() -> None:
    over = notice("Over", change="resolved")
    wrong = notice("Wrong", "failure", change="opened")
    found = notice("Found", change="opened")

    both = combined([over, found, notice(), wrong])
    assert both.kinds == ("Wrong", "Made", "Found", "Over")
    assert (both.kind, both.change, both.severity) == ("Wrong", "opened", "failure")
    assert both.title == "Wrong in vpc-1; made; found; over"
    assert [part.kind for part in both.parts] == list(both.kinds)


def test_a_title_says_as_much_as_fits() -> None:
    parts = [notice(f"Kind{'x' * n}", title=f"{'word ' * 7}{n}") for n in range(4)]

    assert combined(parts).title == f"{'word ' * 7}0; {'word ' * 7}1; 2 more"
    long = [notice(f"Kind{'x' * n}", title=f"{'word ' * 15}{n}") for n in range(3)]
    assert combined(long).title == f"{'word ' * 15}0; 2 more things"


def test_a_gist_stands_for_a_title_that_comes_later() -> None:
    assert combined([notice(), notice("Other", brief="2 more made")]).title == (
        "Made in vpc-1; 2 more made"
    )


def test_a_thing_is_listed_once_with_all_that_became_of_it() -> None:
    both = combined([notice("One"), notice("Two", "action", change="opened")])

    assert both.subjects == (Subject("vpc-1/s3", "two; one", {"of": "Two"}),)
    assert both.counts == {"Two": 1, "One": 1}


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([(fine(),), (fine(),)], "Nothing has to be done."),
        ([(fine(), look_at("it", "aws x")), (fine(),)], "Nothing has to be done."),
        ([(fine(),), (fine_if("that is meant"),)], "If all of that is as it should be,"),
        ([(fine(),), (fine_if("so"), Step("To stop it:", "aws x"))], "If all of that"),
        ([(fine(),), (Step("Tell them."),)], ""),
    ],
)
def test_only_one_says_that_nothing_has_to_be_done_and_none_if_something_has(
    steps: list[tuple[Step, ...]], says: str
) -> None:
    both = combined([notice(f"K{'x' * n}", steps=each) for n, each in enumerate(steps)])

    said = [step.text for step in both.steps if NOTHING in step.text.lower()]
    assert len(said) == bool(says)
    assert all(each.startswith(says) for each in said)


def test_beside_what_needs_somebody_nothing_says_that_nothing_has_to_be_done() -> None:
    urgent = notice("Wrong", "failure", change="opened", steps=(Step("Mend it:", "aws x"),))

    assert combined([notice(), urgent]).steps == (Step("Mend it:", "aws x"),)


def test_what_needs_somebody_keeps_all_its_steps_unless_there_is_a_flood() -> None:
    many = tuple(Step(f"To do {n}:", f"aws {n}") for n in range(9))
    urgent = notice("Wrong", "failure", change="opened", steps=many)
    second = notice("Held", "action", change="opened", steps=tuple(Step(f"If {n}") for n in many))
    calm = [notice(f"K{'x' * n}") for n in range(MOST_IN_FULL)]

    assert len(combined([urgent, second]).steps) == 18
    assert len(combined([urgent, second, *calm]).steps) == 9 + 3


def test_of_a_flood_each_kind_is_a_message_of_its_own() -> None:
    many = tuple(Subject(f"vpc-{n}/s3", "made", {}) for n in range(MOST_TOGETHER))
    assert not too_many([notice(subjects=many)])
    assert too_many([notice(subjects=many), notice("Other")])


def test_a_flood_is_told_by_place_and_fits_every_limit() -> None:
    tables = [busy(f"vpc-{n}/{each}") for n in range(80) for each in ("s3", "s3express")]
    others = ("ConnectionHeld", "QuotaReached", "GatewayEndpointsChanged")
    flood = combined([about("opened", tables, place()), *(EMAILS[name] for name in others)])
    sent = message(flood, place())

    check_limits(sent)
    where = text(flood, place()).split("WHERE\n")[1].split("\n\nWHY")[0].splitlines()
    assert len(where) == MOST_LINES + 1
    assert where[:1] == ["- vpc-0: s3, s3express: rtb-1, waiting for your decision"]
    assert where[-1] == f"- and {80 + 2 - MOST_LINES} more"


def test_more_kinds_than_a_mail_takes_are_counted() -> None:
    crowd = [notice(f"K{'x' * n}") for n in range(25)]

    assert "And 5 more things happened." in combined(crowd).what
    check_limits(message(combined(crowd), place()))
