"""Chapters 7 to 10 and 12: who asks to connect to the service, and what becomes of them."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from demo import people
from demo.privatelink import (
    Service,
    ask,
    network,
    published_names,
    subnets_of,
    zone_names,
)
from demo.publishing import SERVED, SHARED
from demo.stage import CONSUMER, PROVIDER, STRANGER, Message, Stage
from demo.telling import chapter, expect, say, show_mail, show_rows

UNSERVED = "use1-az4"


@dataclass(frozen=True)
class Requests:
    """The endpoints that ask, the VPC of the consumer's, and what ops heard of them."""

    consumers: str
    strangers: str
    vpc: str
    mails: list[Message]


def two_accounts_ask(stage: Stage, service: Service, deploying: Future[float]) -> Requests:
    """Chapter 7: one whom a rule names, and one who may only ask."""
    chapter("7. Service A, in another account and VPC, is connected; a stranger asks, too")
    stage.wait_for(deploying.done, bool, f"the deployment of {CONSUMER}, begun in chapter 3")
    say(f"   ✓ deployed in {deploying.result():.0f} s")
    vpc, _ = network(stage.lab, CONSUMER, "service-a", (*SERVED, UNSERVED))
    by_hand = network(stage.lab, STRANGER, "consumer", SERVED)
    strangers = stage.wait_for(
        lambda: _asked(service, *by_hand), bool, "the service takes requests: AWS has just made it"
    )
    say(f"   {CONSUMER} builds {vpc}, named service-a; {STRANGER} an endpoint by hand")
    consumers = stage.wait_for(
        lambda: _connected(stage, service, vpc), bool, "service A has an endpoint, and it works"
    )
    states = service.states()
    kinds = ("ConnectionAccepted", "ConnectionHeld", "ZonesMisaligned")
    mails = stage.await_told(*kinds, about=service.id)
    rows = [
        (endpoint, owner, states[endpoint], _reason(mails, endpoint))
        for endpoint, owner in ((consumers, CONSUMER), (strangers, STRANGER))
    ]
    show_rows(("endpoint", "of account", "state", "because"), *rows)
    expect(states[consumers] == "available", f"{CONSUMER} is connected; nobody lifted a finger")
    expect(
        service.states()[strangers] == "pendingAcceptance",
        f"{STRANGER} waits: the list lets it ask, and no rule lets it in",
    )
    show_mail(_of_kind(mails, "ConnectionAccepted"), steps=1)
    show_mail(_of_kind(mails, "ConnectionHeld"), steps=3)
    return Requests(consumers, strangers, vpc, mails)


def _asked(service: Service, vpc: str, subnets: list[str]) -> str:
    """The stranger's endpoint; "" while AWS isn't ready for a service that is some minutes old."""
    try:
        return ask(service, STRANGER, vpc, subnets)
    except ClientError as error:
        if error.response["Error"]["Code"] != "Unavailable":
            raise
        return ""


def _connected(stage: Stage, service: Service, vpc: str) -> str:
    """The endpoint of the consumer's automation to the service, once it works; "" before."""
    found = _endpoints(stage, vpc)
    works = found and service.states().get(found[0]["VpcEndpointId"]) == "available"
    return str(found[0]["VpcEndpointId"]) if works else ""


def _endpoints(stage: Stage, vpc: str) -> list[dict[str, Any]]:
    of = [
        {"Name": "vpc-id", "Values": [vpc]},
        {"Name": "vpc-endpoint-type", "Values": ["Interface"]},
    ]
    found = stage.lab.client("ec2", CONSUMER).describe_vpc_endpoints(Filters=of)
    return list(found["VpcEndpoints"])


def a_zone_is_missing(stage: Stage, asked: Requests) -> None:
    """Chapter 8: names mislead, IDs don't."""
    chapter("8. The known one has subnets in three zones; the service is in two")
    ours, theirs = zone_names(stage.lab, PROVIDER), zone_names(stage.lab, CONSUMER)
    subnets = subnets_of(stage.lab, CONSUMER, asked.consumers)
    show_rows(
        ("zone ID", f"name in {PROVIDER}", f"name in {CONSUMER}", "service", "consumer's subnet"),
        *(
            (zone, ours[zone], theirs[zone], "yes" if zone in SERVED else "no", subnets[zone])
            for zone in (*SERVED, UNSERVED)
        ),
    )
    expect(ours != theirs, "the same zone has another name in another account: only IDs tell")
    say(f"   {CONSUMER} lets {PROVIDER} see its subnets: each names the other in zones.peers")
    told = _of_kind(asked.mails, "ZonesMisaligned")
    (facts,) = told["data"]["subjects"].values()
    expect(
        facts["status"] == "partial" and facts["shared"] == [*SERVED],
        f"they meet in {' and '.join(SERVED)}",
    )
    expect(
        facts["never"] == {UNSERVED: [subnets[UNSERVED]]},
        f"they don't in {UNSERVED}: {subnets[UNSERVED]} has no path within its zone",
    )
    show_mail(told, steps=2)


def a_person_lets_the_stranger_in(stage: Stage, service: Service, asked: Requests) -> None:
    """Chapter 9: the command is the mail's own, and it is really run."""
    chapter("9. Maria, on call, reads the mail and lets the stranger in")
    command = _command(_of_kind(asked.mails, "ConnectionHeld"), "accept")
    say("   she copies the command from the mail:")
    say(f"   $ {command}")
    people.on_call(stage.lab, PROVIDER, "maria").run(command)
    told = _of_kind(stage.await_told("HoldAnswered", about=asked.strangers), "HoldAnswered")
    stage.wait_for(
        service.states, lambda s: s.get(asked.strangers) == "available", "the endpoint works"
    )
    show_mail(told, steps=1)
    expect("/maria" in told["title"], "the record names her, and says why it had waited")
    expect(stage.sweep_connections() == "SUCCEEDED", "the next sweep has seen it")
    expect(
        service.states()[asked.strangers] == "available",
        "the stranger stays connected: what people decide, the automation doesn't undo",
    )


def apps_find_the_name(stage: Stage, consumer: Stage, service: Service, asked: Requests) -> None:
    """Chapter 10: parameters in the consumer's account say by which names to call."""
    chapter("10. Where is service B? The apps of service A look up its DNS name")
    root = f"/endpoint-autopilot/{asked.vpc}/{service.id}/dns"
    found = stage.wait_for(
        lambda: published_names(stage.lab, CONSUMER, asked.vpc),
        lambda names: len(names) > len(SERVED),  # they are written one by one
        f"SSM parameters in {CONSUMER}",
    )
    for name, value in found.items():
        say(f"   {name}")
        say(f"      → {value}")
    expect(
        set(found) == {root, *(f"{root}/{zone}" for zone in SERVED)},
        "one for the service, and one for each zone, by ID",
    )
    (endpoint,) = _endpoints(stage, asked.vpc)
    entries = {entry["DnsName"] for entry in endpoint["DnsEntries"]}
    expect(set(found.values()) == entries, "they are the endpoint's own names")
    heard = consumer.await_told("InterfaceEndpointsChanged", about=f"{service.id}/dns")
    say(f"   and the ops of {CONSUMER} hear of it:")
    show_mail(_of_kind(heard, "InterfaceEndpointsChanged"), steps=2)


def a_right_ends(stage: Stage, service: Service, asked: Requests) -> None:
    """Chapter 12: the automation cuts what it let in itself, and nothing else."""
    chapter(f"12. The service is no longer shared: its tag goes, and with it {CONSUMER}'s right")
    stage.ec2.delete_tags(Resources=[service.id], Tags=[SHARED])
    states = stage.wait_for(
        service.states, lambda s: s.get(asked.consumers) == "rejected", "its connection is cut"
    )
    mails = stage.await_told("ConnectionCut", about=asked.consumers)
    rows = [
        (asked.consumers, CONSUMER, states[asked.consumers], _reason(mails, asked.consumers)),
        (asked.strangers, STRANGER, states[asked.strangers], "a person accepted it"),
    ]
    show_rows(("endpoint", "of account", "state", "because"), *rows)
    expect(states[asked.consumers] == "rejected", "whom the automation let in, it cuts off")
    expect(states[asked.strangers] == "available", "whom Maria let in stays")
    show_mail(_of_kind(mails, "ConnectionCut"), steps=1)


def _reason(mails: list[Message], endpoint: str) -> str:
    """What the record says of an endpoint: the reason, and the rule that decided."""
    for mail in mails:
        for subject, facts in mail.get("data", {}).get("subjects", {}).items():
            if subject.endswith(f"/{endpoint}") and facts.get("reason"):
                rule = facts.get("rule")
                return f"{facts['reason']}{f' ({rule})' if rule else ''}"
    return ""


def _of_kind(mails: list[Message], kind: str) -> Message:
    return next(mail for mail in mails if mail.get("kind") == kind)


def _command(mail: Message, verb: str) -> str:
    """The command that the mail gives for an answer."""
    lines = (line for step in mail["next"] for line in step.splitlines())
    return next((line for line in lines if f"{verb}-vpc-endpoint-connections" in line), "")
