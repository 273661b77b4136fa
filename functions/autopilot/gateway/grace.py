"""Grace: what is new waits a while, so that its own tool may bring its own endpoint first.

EC2 doesn't say when a VPC or a table was made, so newness is the ledger's: a table without a
route counts as new from the look that first saw it so, and is remembered when its time is over.
One that our endpoint serves isn't new, and each sweep sees to it that it is remembered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from autopilot.gateway.desired import Desired
from autopilot.gateway.facts import Facts, RouteTable, Vpc
from autopilot.gateway.plan import NextLook
from autopilot.notify.ledger import Key, Row, Write, noted
from autopilot.policy.model import Policy
from autopilot.policy.tags import has_any
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.scope import MOST_IDS, NetworkScope
from autopilot.reconcile.tags import owned_by
from autopilot.reconcile.withdrawn import STACK_TAG, THEIRS, route_key, stack_key

FIRST_SEEN = "first-seen"
"""The partition. A row's `sk` is the id of a route table."""

CONTESTED_WAIT = timedelta(hours=1)
"""For a stack that our route made fail before: it may take long to come back with its own."""

# Longer than anybody keeps a tool that brings endpoints to old tables.
_REMEMBERED = timedelta(days=90)
# With so little of that time left, what we serve is noted again.
_RENEWED = timedelta(days=45)
# Of what we serve so many tables are noted by one look: a partition of the ledger takes 1000 units
# a second, and the first sweep of a large account finds thousands.
_AT_ONCE = 200
# The look that ends a wait comes when the ledger's time is over, not just before.
_AFTER = timedelta(seconds=5)


@dataclass(frozen=True)
class Waits:
    """The route tables that wait: until when, and which of them this execution has to wake for."""

    until: Mapping[str, datetime] = field(default_factory=dict)
    ours: frozenset[str] = frozenset()
    writes: tuple[Write, ...] = ()


def handed_over(
    away: Iterable[Row],
    facts: Facts,
    missing: Collection[str],
    stack: StackIdentity,
    *,
    execution: str,
    now: datetime,
) -> tuple[tuple[Write, ...], frozenset[str]]:
    """The writes that note what became of routes that we left, and the tables to wait for anew.

    `away`: the rows of what was withdrawn. Where somebody else's endpoint serves the route now, the
    table is theirs. `missing`: the route keys that nobody serves: who had one and gave it up may
    be about to make another.
    """
    served = _served_by_others(facts, stack)
    writes, anew = [], set()
    for row in away:
        before = row.body.get(THEIRS)
        after = "there" if row.key.sk in served else before
        if before == "there" and row.key.sk in missing:
            after = "gone"
            anew.add(row.key.sk.partition("/")[0])
        if after is not None and after != before:
            told = replace(row, claimed_by=execution, claimed_at=now.isoformat())
            told = replace(told, version=row.version + 1, body={**row.body, THEIRS: after})
            writes.append(Write(row.key, told, row.version))
    return tuple(writes), frozenset(anew)


def _served_by_others(facts: Facts, stack: StackIdentity) -> frozenset[str]:
    """The route keys of what an endpoint of somebody else's serves."""
    return frozenset(
        route_key(id_, endpoint.service_name.rpartition(".")[2])
        for endpoint in facts.endpoints
        if endpoint.lives and not owned_by(endpoint.tags, stack.owner)
        for id_ in endpoint.route_table_ids
    )


def candidates(
    desired: Desired,
    facts: Facts,
    policy: Policy,
    stack: StackIdentity,
    made_by_stacks: Collection[str],
) -> Mapping[str, timedelta]:
    """The tables without a route that get a grace if they are new, with how long.

    `made_by_stacks`: VPCs and tables that events say CloudFormation made: their tags may come
    later than the things.
    """
    vpcs = {vpc.id: vpc for vpc in facts.vpcs}
    served = _served_by_us(facts, stack)
    found: dict[str, timedelta] = {}
    for endpoint in desired.endpoints:
        for table in () if endpoint.served_by_others else endpoint.missing:
            if table.id in served:
                continue
            wait = _wait(vpcs[endpoint.vpc_id], table, facts, policy, made_by_stacks)
            if wait:
                found[table.id] = wait
    return found


def waits(
    graced: Mapping[str, timedelta],
    rows: Iterable[Row],
    *,
    execution: str,
    now: datetime,
    anew: Collection[str] = (),
) -> Waits:
    """Which tables wait; those to get a grace that no row knows are seen for the first time now.

    Who was seen to be new waits, even where a look can't tell why: tags may not show yet. `anew`:
    tables whose own endpoint was there and is gone; they wait once more, `CONTESTED_WAIT`.
    """
    known = {row.key.sk: row for row in rows}
    writes = tuple(
        _first_seen(id_, now + wait, known.get(id_), execution, now)
        for id_, wait in sorted({**graced, **dict.fromkeys(anew, CONTESTED_WAIT)}.items())
        if id_ not in known or id_ in anew
    )
    known |= {w.key.sk: w.row for w in writes if w.row}
    ends = {id_: datetime.fromisoformat(str(row.body["until"])) for id_, row in known.items()}
    until = {id_: end for id_, end in ends.items() if end > now}
    ours = frozenset(id_ for id_ in until if known[id_].claimed_by == execution)
    return Waits(until, ours, writes)


def familiar(
    facts: Facts,
    policy: Policy,
    stack: StackIdentity,
    rows: Iterable[Row],
    *,
    execution: str,
    now: datetime,
) -> tuple[Write, ...]:
    """The writes that keep in mind the tables that we serve and that would wait if they were new.

    An endpoint that is deleted by mistake comes back at once then, however old it is, and also
    where a release without this memory had made it.
    """
    known = {row.key.sk: row for row in rows}
    vpcs = {vpc.id: vpc for vpc in facts.vpcs}
    served = _served_by_us(facts, stack)
    found = (
        _first_seen(table.id, now, known.get(table.id), execution, now)
        for table in facts.route_tables
        if table.id in served and table.vpc_id in vpcs and _fades(known.get(table.id), now)
        if _wait(vpcs[table.vpc_id], table, facts, policy, ())
    )
    return tuple(islice(found, _AT_ONCE))


def _served_by_us(facts: Facts, stack: StackIdentity) -> frozenset[str]:
    return frozenset(
        id_
        for endpoint in facts.endpoints
        if endpoint.lives and owned_by(endpoint.tags, stack.owner)
        for id_ in endpoint.route_table_ids
    )


def _fades(row: Row | None, now: datetime) -> bool:
    if row is None:
        return True
    end = datetime.fromisoformat(str(row.body["until"]))
    return end <= now and (row.expires_at or 0) < (now + _RENEWED).timestamp()


def again(waiting: Waits, facts: Facts, now: datetime, anew: Collection[str] = ()) -> NextLook:
    """One look when all that this execution saw first have waited: others wake for theirs.

    What is new is called so then: to be served for the first time is no route that came back
    (`autopilot.gateway.rivals`). `anew`: tables that had a route and wait once more.
    """
    inside = {table.id: table.vpc_id for table in facts.route_tables}
    vpc_ids = {inside[id_] for id_ in waiting.ours if id_ in inside}
    if not vpc_ids:
        return NextLook()
    last = max(waiting.until[id_] for id_ in waiting.ours)
    seconds = max(1, round((last + _AFTER - now).total_seconds()))
    new = tuple(sorted(waiting.ours.intersection(inside).difference(anew)))[:MOST_IDS]
    return NextLook(seconds, NetworkScope.of(vpc_ids=vpc_ids), new)


def _wait(
    vpc: Vpc, table: RouteTable, facts: Facts, policy: Policy, made_by_stacks: Collection[str]
) -> timedelta:
    grace = policy.gateway_endpoints.grace
    stacks = {stack_key(t.tags[STACK_TAG]) for t in (vpc, table) if STACK_TAG in t.tags}
    if stacks & facts.withdrawn:
        return CONTESTED_WAIT
    tags = ({STACK_TAG: "*"}, grace.tags)
    marked = any(has_any(each.tags, wanted) for each in (vpc, table) for wanted in tags)
    named = not {vpc.id, table.id}.isdisjoint(made_by_stacks)
    if grace.whom == "everybody" or (grace.whom == "stacks" and (marked or named)):
        return timedelta(seconds=grace.seconds)
    return timedelta()


def _first_seen(
    table_id: str, until: datetime, known: Row | None, execution: str, now: datetime
) -> Write:
    key, body = Key(FIRST_SEEN, table_id), {"until": until.isoformat()}
    expires = until + _REMEMBERED
    return noted(key, body, known, execution=execution, now=now, expires=expires)
