"""The chapters: one deployment, a new account, an answer, an overlay by waves, a silent spoke."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from demo import looking, privatelink, scenes
from demo.fleet.world import APPROVER, HUB, OPS, REGIONS, STACK, STRANGER, World
from demo.telling import chapter, expect, progress, say
from lab.settings import REPOSITORY

T = TypeVar("T")
_PATIENCE = 420.0
_HOURS = 4
FOLDER = REPOSITORY / "build" / "fleet"


def one_deployment(world: World) -> None:
    """Chapter 1: the hub is deployed, and with it everybody."""
    spokes = len(world.everybody) * len(REGIONS)
    chapter(f"1. One `cdk deploy` in the hub's account, for {spokes} spokes")
    for line in world.read("fleet.yaml").splitlines():
        say(f"   {line}")
    begun = time.monotonic()
    world.cdk("bootstrap", f"aws://{HUB}/{REGIONS[0]}")
    say(f"   $ npx cdk deploy {STACK}")
    world.cdk("deploy", STACK, "--require-approval", "never")
    say(f"   ✓ deployed in {time.monotonic() - begun:.0f} s")
    world.lab.confirm(OPS)
    await_(lambda: running(world), lambda r: len(r) == spokes, f"{spokes} spokes have spoken")
    show(world.autopilot("--fleet", "status"), most=24)
    expect(len(running(world)) == spokes, f"{spokes} spokes: {len(world.everybody)} accounts × 2")


def a_vpc_anywhere(world: World, account: str, region: str, name: str) -> None:
    """A VPC of an account's gets its endpoints, from the automation of that very account."""
    ec2 = world.client("ec2", account, region)
    network = scenes.build_network(ec2, name, tables=2)
    say(f"   {account} builds {network.vpc_id}, named {name}, in {region}")
    await_(
        lambda: scenes.look(ec2, network.vpc_id),
        lambda look: look.serves(network.all_tables),
        "its route tables reach S3 and DynamoDB",
    )
    expect(True, f"served in {account}, {region}")


def a_new_account(world: World) -> None:
    """Chapter 3: nobody lifts a finger."""
    chapter("3. The organization gets a new account, in the unit workloads")
    account = world.organization.add("workloads")
    world.accounts["workloads"].append(account)
    say(f"   {account} is made, and moved into the unit")
    spoken = await_(
        lambda: {spoke for spoke in running(world) if spoke.startswith(account)},
        lambda found: len(found) == len(REGIONS),
        "it runs itself in both Regions",
    )
    expect(len(spoken) == len(REGIONS), "the unit's StackSet has deployed to it")
    a_vpc_anywhere(world, account, REGIONS[1], "first")


def a_request_is_answered(world: World) -> None:
    """Chapter 4: held in a spoke, approved in the hub."""
    chapter("4. Somebody unknown asks for a service; Maria answers in the hub")
    provider = world.accounts["workloads"][0]
    service = privatelink.publish(world.lab, provider, "orders")
    service.allow(STRANGER)
    endpoint = privatelink.connect(service, STRANGER)
    say(f"   {STRANGER} asks {provider} for {service.id}: {endpoint}")
    await_(
        lambda: requests(world), lambda found: endpoint in json.dumps(found), "the hub knows of it"
    )
    say("   $ ./autopilot --fleet requests")
    show(world.autopilot("--fleet", "requests"), most=8)
    expect(service.states()[endpoint] == "pendingAcceptance", "it waits for a person")
    words = ("--fleet", "accept", endpoint, "--by", APPROVER, "--reason", "a partner since May")
    say(f"   $ ./autopilot {' '.join(words[:-1])} …")
    show(world.autopilot(*words), most=12)
    await_(service.states, lambda s: s.get(endpoint) == "available", "it is connected")
    expect(service.states()[endpoint] == "available", f"{provider} itself has let it in")
    look(world)
    history = await_(
        lambda: world.autopilot("--fleet", "history", "--account", provider),
        lambda text: APPROVER in text,
        "the hub's history names her",
    )
    show(history, most=8)


def an_overlay_by_waves(world: World) -> None:
    """Chapter 5: the canary unit first; the others only after it has spoken."""
    chapter("5. The canary unit gets an overlay, and the whole fleet a new release, by waves")
    canary = "  canary:\n"
    addition = f"{canary}    overlay: {{mode: audit}}\n"
    world.write("fleet.yaml", world.read("fleet.yaml").replace(canary, addition))
    say("   fleet.yaml: targets.canary.overlay = {mode: audit}")
    before = releases(world)
    show(world.autopilot("policy", "--target", "canary"), most=6)
    world.cdk("deploy", STACK, "--require-approval", "never")
    after = await_(
        lambda: releases(world),
        lambda now: len(set(now.values())) == 1 and now != before and len(now) == len(before),
        "everybody runs the new release",
    )
    expect(set(after.values()).isdisjoint(before.values()), "no spoke runs the old release")
    rows = statuses(world)
    since = {spoke: hub_row(world, "spoke", spoke)["release_since"]["S"] for spoke in rows}
    canaries = [when for spoke, when in since.items() if spoke[:12] in world.accounts["canary"]]
    others = [when for spoke, when in since.items() if spoke[:12] not in world.accounts["canary"]]
    expect(max(canaries) <= min(others), "the last canary had it before the first of the others")
    modes = {spoke: row["mode"] for spoke, row in rows.items()}
    audited = {spoke[:12] for spoke, mode in modes.items() if mode == "audit"}
    expect(audited == {*world.accounts["canary"]}, "and audits, while all others enforce")


def a_spoke_falls_silent(world: World) -> None:
    """Chapter 6: what should speak and doesn't is news."""
    chapter("6. A spoke falls silent")
    silent = f"{world.accounts['canary'][0]}/{REGIONS[1]}"
    say(f"   Nobody waits {_HOURS} hours here: the last heartbeat of {silent} is moved back")
    look(world)

    def told() -> list[dict[str, str]]:
        make_older(world, silent)  # each time: it does speak
        look(world)
        mails = world.lab.mails(to=OPS)
        return [m for m in mails if m["subject"].startswith("Silent") and silent[:12] in m["text"]]

    mail = await_(told, bool, "mail for ops")[0]
    say(f"   ┌ {mail['subject']}")
    show(mail["text"], most=12, sign="   │ ")
    expect(True, "ops know which account is silent, and what to do")


def the_dashboard(world: World) -> looking.Saved:
    """Chapter 7: one screen for all accounts and Regions."""
    chapter("7. The hub's dashboard: all accounts and Regions, worst first")
    saved = looking.save(world.lab.url, FOLDER, HUB)
    page = saved.files[0].read_text(encoding="utf-8")
    missing = [account for account in world.everybody if account not in page]
    expect(not missing, "it shows every account")
    return saved


def make_older(world: World, spoke: str) -> None:
    """Move a spoke's last heartbeat, and the hub's own first look, back by some hours."""
    for partition, row, moments in (("spoke", spoke, ("at", "received_at", "first_heard")),
                                    ("look", "look", ("since",))):  # fmt: skip
        item = hub_row(world, partition, row)
        for name in moments:
            earlier = datetime.fromisoformat(item[name]["S"]) - timedelta(hours=_HOURS)
            item[name] = {"S": earlier.isoformat()}
        world.client("dynamodb").put_item(TableName=world.outputs()["HubTableName"], Item=item)


def hub_row(world: World, partition: str, row: str) -> dict[str, Any]:
    """A row of the hub's table, as DynamoDB has it."""
    name, key = world.outputs()["HubTableName"], {"pk": {"S": partition}, "sk": {"S": row}}
    found: dict[str, Any] = world.client("dynamodb").get_item(TableName=name, Key=key)["Item"]
    return found


def look(world: World) -> None:
    """Start the hub's look, as its schedule does every five minutes."""
    found = world.client("lambda").get_paginator("list_functions").paginate()
    functions = [each for page in found for each in page["Functions"]]
    (function,) = (f["FunctionName"] for f in functions if f["Handler"] == "hub_look.handler")
    world.client("lambda").invoke(FunctionName=function, Payload=b"{}")


def statuses(world: World) -> dict[str, dict[str, Any]]:
    """Each spoke as `./autopilot --fleet status --json` has it."""
    found = json.loads(world.autopilot("--fleet", "status", "--json"))
    return {row["spoke"]: row for row in found["spokes"]}


def running(world: World) -> set[str]:
    """The spokes that have spoken."""
    return {spoke for spoke, row in statuses(world).items() if row.get("release")}


def releases(world: World) -> dict[str, str]:
    """Which release each spoke runs."""
    return {spoke: str(row.get("release")) for spoke, row in statuses(world).items()}


def requests(world: World) -> list[dict[str, Any]]:
    """What waits for a person, as `./autopilot --fleet requests --json` has it."""
    found: list[dict[str, Any]] = json.loads(world.autopilot("--fleet", "requests", "--json"))[
        "requests"
    ]
    return found


def show(text: str, most: int, sign: str = "   ") -> None:
    """The first lines of what a command printed."""
    lines = text.splitlines()
    for line in lines[:most]:
        say(f"{sign}{line}")
    if more := len(lines) - most:
        say(f"{sign}… {more} lines more") if more > 0 else None


def await_(read: Callable[[], T], good: Callable[[T], bool], what: str) -> T:
    """Read until `good`, with signs of life; the reading."""
    say(f"   waiting: {what}")
    found = scenes.wait_until(read, good, what, seconds=_PATIENCE, every=2, progress=progress)
    say("")
    return found
