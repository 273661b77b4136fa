"""Chapters 5 to 9: a service, who asks to connect to it, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass

from demo import people
from demo.privatelink import Service, connect, publish
from demo.stage import CONSUMER, PROVIDER, STRANGER, Message, Stage
from demo.telling import chapter, expect, say, show_mail, show_rows

SERVED = ("use1-az1", "use1-az2")
UNSERVED = "use1-az4"


@dataclass(frozen=True)
class Requests:
    """The endpoints that ask, and what ops heard of them."""

    consumers: str
    strangers: str
    mails: list[Message]


def a_service_is_published(stage: Stage) -> Service:
    """Chapter 5: nobody registers notifications by hand."""
    chapter("5. A team offers a service to other accounts (PrivateLink)")
    service = publish(stage.lab, PROVIDER, "payments", SERVED)
    service.allow(CONSUMER, "*")
    say(f"   {service.id}, behind a load balancer in {' and '.join(SERVED)}")
    say(f"   its permission list: account {CONSUMER}, and `*`, so that anybody may ask")
    stage.wait_for(service.notified, bool, "AWS is told to notify the automation")
    expect(service.notified(), "requests will be heard of, and nobody had to set that up")
    return service


def two_accounts_ask(stage: Stage, service: Service) -> Requests:
    """Chapter 6: one whom the list names, and one whom only `*` lets ask."""
    chapter("6. Two accounts ask to connect: a known one, and a stranger")
    consumers = connect(service, CONSUMER, SERVED, unused=(UNSERVED,))
    strangers = connect(service, STRANGER, SERVED)
    states = stage.wait_for(
        service.states,
        lambda s: s.get(consumers) == "available",
        f"the endpoint of {CONSUMER} works",
    )
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
        f"{STRANGER} waits: `*` lets it ask, and names nobody",
    )
    show_mail(_of_kind(mails, "ConnectionAccepted"), steps=1)
    show_mail(_of_kind(mails, "ConnectionHeld"), steps=3)
    return Requests(consumers, strangers, mails)


def a_zone_is_missing(stage: Stage, asked: Requests) -> None:
    """Chapter 7: names mislead, IDs don't."""
    chapter("7. The known one has subnets in three zones; the service is in two")
    ours, theirs = _zone_names(stage, PROVIDER), _zone_names(stage, CONSUMER)
    subnets = _subnets(stage, asked.consumers)
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
    """Chapter 8: the command is the mail's own, and it is really run."""
    chapter("8. Maria, on call, reads the mail and lets the stranger in")
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


def a_right_ends(stage: Stage, service: Service, asked: Requests) -> None:
    """Chapter 9: the automation cuts what it let in itself, and nothing else."""
    chapter(f"9. Account {CONSUMER} leaves; it is taken off the permission list")
    service.revoke(CONSUMER)
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


def _zone_names(stage: Stage, account: str) -> dict[str, str]:
    """What the account calls each zone, by its ID."""
    zones = stage.lab.client("ec2", account).describe_availability_zones()["AvailabilityZones"]
    return {zone["ZoneId"]: zone["ZoneName"] for zone in zones}


def _subnets(stage: Stage, endpoint: str) -> dict[str, str]:
    """The subnets of the VPC of the consumer's endpoint, by zone ID."""
    ec2 = stage.lab.client("ec2", CONSUMER)
    vpc = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]["VpcId"]
    found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    return {subnet["AvailabilityZoneId"]: subnet["SubnetId"] for subnet in found}
