"""`restore`: brings back an interface endpoint that was retired because nobody used it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from cli.options import Asked, operators
from cli.output import Printer, print_json, progress
from cli.problem import Problem

if TYPE_CHECKING:
    from autopilot.interfaces.facts import Endpoint
    from autopilot.interfaces.retirement import Retirement

    from cli.session import Here

_OUTPUT = "InterfacesWorkflowArn"
# Seconds. AWS takes a minute or two; an owner that has to accept may take days.
_LONGEST, _EVERY = 600, 2.0


@operators(
    "restore",
    click.argument("id_", metavar="ID"),
    click.option("--reason", default="", help="Why, for the record."),
    click.option("--by", help="Who, for the record; default: the ARN of your credentials."),
)
def command(asked: Asked, id_: str, reason: str, by: str | None) -> int:
    """Bring back an endpoint that was retired as idle, or end its retirement before that.

    ID: the endpoint's old id, or VPC and service, such as vpc-0123456789abcdef0/logs. CHANGES THE
    ACCOUNT: makes it anew as the policy says now, waits until it is available, and says what
    differs from before. Its time of being idle begins anew.

    \b
    Example: ./autopilot restore vpc-0123456789abcdef0/logs --reason "the yearly closing"
    Exit codes: 0 it serves, or is on its way; 1 it could not be restored, or another error.
    """
    here = asked.connect()
    machine, was = here.output(_OUTPUT), _retired(here, id_)
    made = _restored(machine, was, by or here.caller, reason, quiet=asked.as_json)
    _check(here, was)
    there = _available(was, made, quiet=asked.as_json)
    if asked.as_json:
        print_json(_plain(was, there, made))
    else:
        _show(was, there, made)
    return 0 if there and not _failed(made) else 1


def _retired(here: Here, id_: str) -> Retirement:
    """What the ledger remembers of it. Raises Problem if that is nothing."""
    from autopilot.interfaces.retirement import RETIRED, retirement

    known = [retirement(row) for row in here.ledger().rows(RETIRED)]
    for each in known:
        if each.answers_to(id_):
            return each
    others = ", ".join(each.subject for each in known if each.stage != "back")
    raise Problem(
        f"No endpoint that was retired is called {id_}."
        + (f" These are: {others}." if others else " None is retired.")
    )


def _restored(
    machine: str, was: Retirement, by: str, reason: str, *, quiet: bool
) -> Sequence[Mapping[str, Any]]:
    """What the workflow did about it."""
    from cli.executions import start, wait

    given = {
        "trigger": "person",
        "scope": {"vpc_ids": [was.vpc_id]},
        "restore": {"id": was.subject, "by": by, "reason": reason},
    }
    arn = start(machine, given)
    with progress("Restoring", quiet=quiet) as tell:
        found = wait(arn, tell).output.get("outcomes") or []
    outcomes = found if isinstance(found, list) else [found]
    return [each for each in outcomes if each["id"] == was.subject]


def _check(here: Here, was: Retirement) -> None:
    """Raise Problem if its retirement goes on: the workflow leaves its VPC alone, or another
    execution wrote at that moment."""
    from autopilot.interfaces.retirement import RETIRED, retirement

    known = (retirement(row) for row in here.ledger().rows(RETIRED))
    if any(each.answers_to(was.subject) for each in known):
        raise Problem(
            f"Not restored: {was.subject}, whose retirement goes on. A VPC that is opted out or"
            " withdrawn is left alone, its endpoints as they are; else try again."
            f" ./autopilot why {was.vpc_id} says how it stands."
        )


def _failed(made: Sequence[Mapping[str, Any]]) -> bool:
    return bool(made) and made[-1]["result"] != "done"


def _available(
    was: Retirement, made: Sequence[Mapping[str, Any]], *, quiet: bool
) -> Endpoint | None:
    """The endpoint, once it is available or waits for its service's owner; None: there is none."""
    ids = [str(each["thing"]) for each in made if each["result"] == "done" and each.get("thing")]
    since = time.monotonic()
    with progress("Waiting until it is available", quiet=quiet):
        while True:
            there = _described(ids[-1] if ids else was.endpoint_id)
            if there is None or there.standing != "coming" or _asks(there):
                return there if there and there.lives else None
            if time.monotonic() - since > _LONGEST:
                return there
            time.sleep(_EVERY)


def _asks(endpoint: Endpoint) -> bool:
    return endpoint.state.lower() == "pendingacceptance"


def _described(endpoint_id: str) -> Endpoint | None:
    from autopilot.aws.errors import NotFound
    from autopilot.aws.interface_facts import endpoint_of
    from autopilot.aws.pages import pages

    try:
        found = pages("DescribeVpcEndpoints", VpcEndpointIds=[endpoint_id])
        return next(map(endpoint_of, found), None)
    except NotFound:
        return None


def _differs(was: Retirement, there: Endpoint) -> Iterator[tuple[str, str, str]]:
    """What is not as it was before: what, how it was, how it is."""
    from autopilot.policy.document import same
    from autopilot.reconcile.codec import encode

    before, after = was.remembered, encode(there)
    for name, words in (
        ("subnet_ids", "subnets"),
        ("group_ids", "security groups"),
        ("private_dns", "private DNS"),
        ("inbound_only", "private DNS for inbound resolvers only"),
        ("address_type", "address type"),
        ("tags", "tags"),
    ):
        old, new = _said(before.get(name)), _said(after.get(name))
        if name in before and old != new:
            yield words, old, new
    if "policy" in before and not same(before["policy"], there.policy):
        yield "endpoint policy", "another one", "as the policy file says now"


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={each}" for key, each in sorted(value.items())) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, sorted(value))) or "none"
    return {True: "on", False: "off"}.get(value, str(value)) if value is not None else "not said"


def _plain(
    was: Retirement, there: Endpoint | None, made: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    differs = _differs(was, there) if there else ()
    return {
        "subject": was.subject,
        "was": was.endpoint_id,
        "endpoint_id": there.id if there else None,
        "state": there.state if there else None,
        "differs": {what: {"was": old, "is": new} for what, old, new in differs},
        "outcomes": list(made),
    }


def _show(was: Retirement, there: Endpoint | None, made: Sequence[Mapping[str, Any]]) -> None:
    printer = Printer()
    if there is None or _failed(made):
        why = str(made[-1].get("message") or "") if made else "the workflow made nothing"
        printer.line(
            (f"Not restored: {was.subject}. ", "bold red"),
            f"{why}. ./autopilot why {was.vpc_id} says how it stands.",
        )
        return
    new = "" if there.id == was.endpoint_id else f", in the place of {was.endpoint_id}"
    printer.line((f"{was.subject}: ", "bold"), f"{there.id} is {there.state}{new}.")
    found = list(_differs(was, there))
    if not found:
        printer.line("It is as it was.")
    for what, old, new in found:
        printer.line(f"{what}: was {old}; is {new}", indent=2)
