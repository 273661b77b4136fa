"""How ops are told of changes of gateway endpoints: made, planned, put off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autopilot.gateway.plan import NetworkOutcome
from autopilot.notify.finding import Finding, places, subjects_of
from autopilot.notify.notice import Place, Step, Subject, Words
from autopilot.notify.phrases import (
    MOST_COMMANDS,
    command,
    conjoined,
    counted,
    fine,
    fine_if,
    first_few,
    listed,
    look_at,
    moment,
    sentence,
    service_of,
    where,
)
from autopilot.policy.model import GatewayService
from autopilot.policy.names import proper_name, service_name
from autopilot.reconcile.outcome import told_of
from autopilot.reconcile.tags import OWNER_TAG

# S3 sees private addresses once traffic goes through an endpoint (VPC guide, "Gateway endpoints
# for Amazon S3"): a condition on public addresses then matches nothing.
_SOURCE_IP = Step(
    "If a bucket that the VPC uses has a policy with aws:SourceIp: allow the endpoint or the VPC"
    " there (aws:SourceVpce, aws:SourceVpc). S3 sees private addresses of the VPC now, so the"
    " condition stops matching."
)
# Stands in a command for our endpoint where a finding doesn't say which one it is.
_OURS = "OUR-ENDPOINT"
_DROPS = (
    "Attaching a route table drops the open connections to the service from the subnets that use"
    " it, and AWS does not resume them."
)


def made(outcomes: Sequence[NetworkOutcome], place: Place) -> Words:
    """What an execution did to gateway endpoints."""
    created = [outcome for outcome in outcomes if outcome.item.action == "create"]
    attached = [o for o in outcomes if o.item.action == "modify" and o.item.route_table_ids]
    restored = [o for o in outcomes if o.item.action == "modify" and o.item.set_policy]
    counts = [
        (created, "created"),
        (attached, "attached to more route tables"),
        (restored, "policy restored"),
    ]
    did = ", ".join(f"{len(some)} {what}" for some, what in counts if some)
    tables = {table for outcome in outcomes for table in outcome.item.route_table_ids}
    return Words(
        title=f"Gateway endpoints in {where([o.id for o in outcomes])}: {did}",
        what=(
            f"Gateway endpoints: {did}.",
            *([f"Their routes stand in {counted(len(tables), 'route table')}."] if tables else []),
        ),
        why=_reasons((o.item.service, o.item.reason) for o in outcomes),
        subjects=tuple(
            Subject(o.id, _did(o), told_of(o, "service_name", "endpoint_policy")) for o in outcomes
        ),
        steps=tuple(_after(outcomes, created, place)),
        brief=f"gateway endpoints: {did}",
    )


def planned(findings: Sequence[Finding], _place: Place) -> Words:
    """What would be done if the policy didn't say audit."""
    return Words(
        title=f"Audit: {counted(len(findings), 'change')} planned in {places(findings)}",
        what=(
            f"The policy wants {counted(len(findings), 'change')} that nobody has made.",
            "The mode is audit: nothing was changed.",
        ),
        why=_reasons((service_of(f.subject), str(f.data.get("reason") or "")) for f in findings),
        subjects=subjects_of(findings, _would),
        steps=(
            Step("To have it done: write `mode: enforce` in autopilot.yaml and deploy."),
            Step(
                "To leave a VPC or a route table alone: give it a tag that skip_tags in"
                " autopilot.yaml names."
            ),
        ),
        brief=f"{counted(len(findings), 'change')} planned",
    )


def busy(findings: Sequence[Finding], place: Place) -> Words:
    """Route tables that wait, since attaching them would drop open connections."""
    untold = [finding for finding in findings if not finding.data.get("until")]
    # One table may wait for several services.
    tables = {table for finding in findings for table in finding.data.get("route_table_ids", ())}
    waiting = counted(len(tables), "busy route table")
    says = "has to allow it" if untold else "has it wait for the change window"
    return Words(
        title=f"{waiting} in {places(findings)} without an endpoint's routes",
        what=(
            f"The routes of a gateway endpoint are missing in {waiting}.",
            "Network interfaces use such a table, so it was left as it is.",
        ),
        why=(_DROPS, f"So busy_route_tables in autopilot.yaml {says}."),
        subjects=subjects_of(findings, _waits),
        steps=tuple(_attach(findings, bool(untold), place)),
        brief=f"{waiting} {'waits' if len(tables) == 1 else 'wait'}",
    )


def taken_away(findings: Sequence[Finding], place: Place) -> Words:
    """Routes that somebody takes away as often as the automation puts them back."""
    tables = {table for finding in findings for table in finding.data.get("route_table_ids", ())}
    many = counted(len(tables), "route table")
    times = max(int(finding.data.get("times", 0)) for finding in findings)
    return Words(
        title=f"Routes of {many} in {places(findings)} are taken away again and again",
        what=(
            f"The routes of a gateway endpoint were put back {times} times in {many} and are"
            " missing again.",
            "They are left so: each change drops open connections to the service.",
        ),
        why=("Another tool or person removes them. CloudTrail says who changes the endpoints.",),
        subjects=subjects_of(findings, lambda f: listed(f.data.get("route_table_ids", ()))),
        steps=tuple(_keep_or_leave(findings, sorted(tables), place)),
    )


def _keep_or_leave(
    findings: Sequence[Finding], tables: Sequence[str], place: Place
) -> Iterator[Step]:
    off = "--tags Key=endpoint-autopilot,Value=off"
    tag = command(place, f"ec2 create-tags --resources {' '.join(tables[:20])} {off}")
    yield Step("If the tables are the other's, say so for good:", tag)
    for finding in findings[:MOST_COMMANDS]:
        yield Step(
            f"Else stop the other, then give {finding.subject} its routes back by hand; the"
            " automation keeps them from then on:",
            _attach_command(finding, place),
        )
    if (more := len(findings) - MOST_COMMANDS) > 0:
        yield Step(f"The other {more} likewise.")


def _reasons(reasons: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The reasons, each told once, with all the services that it holds for."""
    services: dict[str, list[str]] = {}
    for service, reason in reasons:
        name = proper_name(service)
        services.setdefault(reason.replace(f" to {name}", " to {}"), []).append(name)
    distinct = [
        sentence(reason.replace("{}", conjoined(dict.fromkeys(names))))
        for reason, names in services.items()
        if reason
    ]
    return first_few(distinct, "reason")


def _did(outcome: NetworkOutcome) -> str:
    endpoint = outcome.item.endpoint_id or "endpoint"
    tables = listed(outcome.item.route_table_ids)
    if outcome.item.action == "create":
        return f"{endpoint} created, routes in {tables}"
    did = [f"routes in {tables}"] if tables else []
    did += ["endpoint policy set as autopilot.yaml has it"] if outcome.item.set_policy else []
    return f"{endpoint}: {', '.join(did) or 'nothing to do any more'}"


def _would(finding: Finding) -> str:
    data = finding.data
    endpoint = data.get("endpoint_id") or "an endpoint"
    verb = f"create {endpoint}" if data.get("action") == "create" else f"change {endpoint}"
    tables = listed(data.get("route_table_ids", ()))
    policy = ", set its policy" if data.get("set_policy") and data.get("action") != "create" else ""
    return f"would {verb}{', routes in ' + tables if tables else ''}{policy}"


def _waits(finding: Finding) -> str:
    until = finding.data.get("until")
    when = f"the change window, {moment(until)}" if until else "your decision"
    return f"{listed(finding.data.get('route_table_ids', ()))}, waiting for {when}"


def _after(
    outcomes: Sequence[NetworkOutcome], created: Sequence[NetworkOutcome], place: Place
) -> Iterator[Step]:
    if any(outcome.item.service == "s3" for outcome in created):
        yield fine_if("no bucket policy counts on public addresses")
        yield _SOURCE_IP
    else:
        yield fine()
    ids = sorted({outcome.item.endpoint_id for outcome in outcomes if outcome.item.endpoint_id})
    look = command(place, f"ec2 describe-vpc-endpoints --vpc-endpoint-ids {' '.join(ids[:20])}")
    if ids:
        yield look_at("the result", look)


def _attach(findings: Sequence[Finding], undecided: bool, place: Place) -> Iterator[Step]:
    if undecided:
        yield Step(
            "To let the automation do it: set busy_route_tables to `now`, or to `window` with a"
            " change_window, in autopilot.yaml and deploy."
        )
    else:
        yield fine_if("it may wait for the change window")
    for finding in findings[:MOST_COMMANDS]:
        yield Step(
            f"To attach {finding.subject} yourself, in a quiet moment (open connections drop):",
            _attach_command(finding, place),
        )
    if (more := len(findings) - MOST_COMMANDS) > 0:
        yield Step(f"The other {more} likewise.")


def _attach_command(finding: Finding, place: Place) -> str:
    tables = [str(table) for table in finding.data.get("route_table_ids", ())]
    service: GatewayService = service_of(finding.subject)  # type: ignore[assignment]  # from a plan
    name = service_name(place.region, service)
    if "endpoint_id" in finding.data and not finding.data["endpoint_id"]:
        owner = f"{{Key={OWNER_TAG},Value={place.stack}}}"
        return command(
            place,
            f"ec2 create-vpc-endpoint --vpc-id {finding.vpc_id} --service-name {name}"
            f" --route-table-ids {' '.join(tables)}"
            f" --tag-specifications ResourceType=vpc-endpoint,Tags=[{owner}]",
        )
    ours = str(finding.data.get("endpoint_id") or _OURS)
    add = f"--vpc-endpoint-id {ours} --add-route-table-ids {' '.join(tables)}"
    find = command(
        place,
        f"ec2 describe-vpc-endpoints --filters Name=vpc-id,Values={finding.vpc_id}"
        f" Name=service-name,Values={name} Name=tag:{OWNER_TAG},Values={place.stack}"
        " --query VpcEndpoints[0].VpcEndpointId --output text",
    )
    return command(place, f"ec2 modify-vpc-endpoint {add}").replace(_OURS, f'"$({find})"')
