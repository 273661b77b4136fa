"""What errors mean to somebody who has never seen the code, and what to do about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from autopilot.notify.finding import Ending, Finding, FindingDefinition, Present, subjects_of
from autopilot.notify.notice import Place, Step, Words
from autopilot.notify.phrases import action_in, command, last_events, listed, quoted, try_again

_MEANING = {
    "AccessDenied": "AWS doesn't allow the automation's role this call.",
    "QuotaExceeded": "The account may not have one more of this.",
    "PolicyRejected": "AWS doesn't take the endpoint policy that autopilot.yaml names.",
    "ServiceNotOffered": "The Region offers no gateway endpoint for the service.",
    "Throttled": "AWS asked for fewer calls, and went on asking through all retries.",
    "ServiceUnavailable": "AWS didn't answer, through all retries.",
    "OperationInProgress": "Another change of the endpoint was under way through all retries.",
    "RouteAlreadyExists": "A route to the service kept turning up that no look showed.",
    "NoLongerWanted": "Nothing of the change was wanted any more right before it.",
    "NotFound": "The VPC, a route table or the endpoint kept vanishing.",
    "InUse": "Something still hangs on it, through all retries.",
    "StillServing": "Others may be using it, so it wasn't taken away.",
    "StillEnforcing": "The policy's mode is no longer audit, so nothing was removed.",
    "ParameterMismatch": "AWS takes the call for another one that was made before.",
    "NotOurs": "The thing no longer carries the automation's owner tag, so it wasn't touched.",
    "PrincipalRejected": "AWS doesn't take a principal: it isn't there, or it can't stand here.",
    "StillConnected": "Endpoints kept connecting to the service that was to go.",
    "NotSettledYet": "What was rejected still held the service, through all retries.",
    "AlreadyExists": "Somebody else made it meanwhile.",
    "NoEffect": "AWS took the change, but it doesn't show.",
    "ZoneTaken": "The endpoint kept having a subnet in the zone that no look showed.",
    "ZoneNotRemote": "No subnet is in a zone from which other Regions can be reached.",
    "PrivateDnsRefused": "AWS doesn't let the endpoint have private DNS.",
    "StillReliedOn": "An interface endpoint for the service leaves the VPC's own traffic to it.",
    "RefusedByAws": "AWS refused the call.",
    "SettingsMissing": "The function's settings are incomplete: somebody changed them.",
    "TimedOut": "The execution reached its time limit and was ended.",
    "Aborted": "Somebody stopped the execution.",
    "States.Runtime": "Step Functions could not work out a value: an error in the workflow itself.",
    "States.DataLimitExceeded": "A step's data grew larger than Step Functions takes.",
    "States.Timeout": "It took too long, through all retries.",
    "Sandbox.Timedout": "The function took too long, through all retries.",
}

# What a ledger may still call workflows, which was written before they got their names.
FORMERLY = {"retire": "uninstall"}
# The ends of IAM's own sentences (IAM guide, "Troubleshoot access denied error messages").
_ABOVE = r"(service|resource) control policy"
_BOUNDARY = r"permissions boundary"
_ROLE = r":assumed-role/([\w+=,.@-]+)/"


def explanation(error: object) -> str:
    """One sentence on `error`, a name that the workflow reports."""
    return _MEANING.get(str(error), f"The error is called {error}.")


def call_in(finding: Finding) -> str:
    """The API action that an error is about, " (ec2:CreateVpcEndpoint)", or ""."""
    action = action_in(finding.text("message"))
    return f" ({action})" if action else ""


def why_failed(finding: Finding) -> tuple[str, str]:
    """What the error of a finding means, and its own words."""
    return explanation(finding.data.get("error")), quoted(finding.text("message"))


def remedy(finding: Finding, place: Place) -> Iterator[Step]:
    """What to do about the error that a finding bears."""
    message = finding.text("message")
    match finding.data.get("error"):
        case "AccessDenied":
            yield from denied(message, place)
        case "QuotaExceeded":
            yield Step(
                "See which quota it is, and ask for more:",
                command(
                    place,
                    "service-quotas list-service-quotas --service-code vpc"
                    " --query Quotas[].[QuotaName,QuotaCode,Value] --output text",
                ),
            )
        case "PolicyRejected":
            yield check_policy("that gateway_endpoints.policy names", place)
        case _:
            yield _look_up(message, place)


def state_of(finding: Finding) -> str:
    """The state of an endpoint that doesn't serve."""
    return f"{finding.data.get('endpoint_id')}, state {finding.data.get('state')}"


def renewing(endpoint_ids: Sequence[str], first: str, place: Place) -> tuple[Step, Step]:
    """How to look at endpoints that don't serve, and to have new ones; `first`: "Delete it"."""
    named = f"--vpc-endpoint-ids {' '.join(endpoint_ids[:20])}"
    query = "VpcEndpoints[].[VpcEndpointId,State,LastError]"
    look = f"ec2 describe-vpc-endpoints {named} --query {query}"
    return (
        Step("See what AWS says:", command(place, look)),
        Step(
            f"{first}. The automation makes a new one:",
            command(place, f"ec2 delete-vpc-endpoints {named}"),
        ),
    )


def check_policy(which: str, place: Place) -> Step:
    """How to put a policy document right that AWS doesn't take."""
    return Step(
        f"Check the document {which} under endpoint_policies,"
        " put it right and deploy. Put its file in the place of POLICY.json:",
        command(
            place,
            "accessanalyzer validate-policy --policy-type RESOURCE_POLICY"
            " --policy-document file://POLICY.json",
        ),
    )


def _look_up(message: str, place: Place) -> Step:
    name = action_in(message).partition(":")[2]
    if not name:
        return Step("See how the execution went:", last_events(place))
    return Step(
        "See the call in CloudTrail (it can take some minutes to appear):",
        command(
            place,
            "cloudtrail lookup-events"
            f" --lookup-attributes AttributeKey=EventName,AttributeValue={name} --max-items 5",
        ),
    )


def denied(message: str, place: Place) -> Iterator[Step]:
    """What to do about an AccessDenied, whose `message` names the action and often the reason."""
    action = action_in(message) or "the action"
    found = re.search(_ROLE, message)
    above = _organization(action, place)
    boundary = _boundary(found.group(1) if found else None, action, place)
    if re.search(_ABOVE, message):
        yield above
    elif re.search(_BOUNDARY, message):
        yield boundary
    else:
        yield from _own_policy(action, place)
        yield boundary
        yield above


def _own_policy(action: str, place: Place) -> Iterator[Step]:
    yield Step(
        f"Has somebody changed the role, so that it no longer allows {action}? Start a comparison"
        " of the stack with what stands:",
        command(place, f"cloudformation detect-stack-drift --stack-name {place.stack_name}"),
    )
    yield Step(
        "A minute later, list what differs. If it is the role or its policy, deploy the stack"
        " again.",
        command(
            place,
            f"cloudformation describe-stack-resource-drifts --stack-name {place.stack_name}"
            " --stack-resource-drift-status-filters MODIFIED DELETED",
        ),
    )


def _boundary(role: str | None, action: str, place: Place) -> Step:
    ask = "" if role else " Put the name of the function's role in the place of ROLE."
    return Step(
        f"Does a permissions boundary on the role leave out {action}?{ask}",
        command(
            place, f"iam get-role --role-name {role or 'ROLE'} --query Role.PermissionsBoundary"
        ),
    )


def _organization(action: str, place: Place) -> Step:
    return Step(
        f"Does a service control policy of the organization deny {action}? Whoever administers"
        " the organization can see and allow it:",
        command(
            place,
            f"organizations list-policies-for-target --target-id {place.account}"
            " --filter SERVICE_CONTROL_POLICY",
        ),
    )


def _reads(findings: Sequence[Finding], place: Place) -> Words:
    """The workflow broke off."""
    states = [finding.subject.partition("/")[2] for finding in findings]
    data = findings[0].data
    workflow = str(data.get("workflow"))
    return Words(
        title=f'The {workflow} workflow failed at "{listed(states)}": {data.get("error")}',
        what=(
            f'The {workflow} workflow broke off in the state "{listed(states)}".',
            _left_behind(workflow),
        ),
        why=(explanation(data.get("error")), quoted(data.get("cause"))),
        subjects=subjects_of(findings, lambda finding: str(finding.data.get("error"))),
        steps=(*_put_right(findings[0], place), _once_more(workflow, place)),
    )


def _left_behind(workflow: str) -> str:
    missing = {"withdraw": "next refused call", "uninstall": "next run"}.get(workflow, "next sweep")
    return f"What it had changed until then stands. What is missing is missing until the {missing}."


def _once_more(workflow: str, place: Place) -> Step:
    match workflow:
        case "withdraw":
            return Step("Whoever was refused tries again, and that starts it again by itself.")
        case "uninstall":
            return Step("Run it again: `make retire`. What is gone stays gone.")
        case _:
            return try_again(place)


def _put_right(finding: Finding, place: Place) -> Iterator[Step]:
    if finding.data.get("error") == "AccessDenied":
        yield from denied(finding.text("cause"), place)
    if place.execution:
        yield Step("See the last events of the execution:", last_events(place))


def _runs_again(report: Any, finding: Finding, _present: Present) -> bool:
    """Whether it reaches as far as what failed: one VPC gone well says nothing of all."""
    far = finding.data.get("trigger") in ("event", report.trigger) or report.looked_at_all
    name = finding.text("workflow")
    return FORMERLY.get(name, name) == report.workflow and far


WORKFLOW_FAILED = FindingDefinition(
    kind="WorkflowFailed",
    severity="failure",
    subject="workflow/state",
    data="workflow, state, error, cause, trigger",
    reads=_reads,
    news=("error",),
    is_over=_runs_again,
    ending=Ending("The workflow runs again", "An execution went through.", "passed"),
)
