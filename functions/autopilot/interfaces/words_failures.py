"""How ops are told that an interface endpoint, or a change of one, failed."""

from __future__ import annotations

from collections.abc import Sequence

from autopilot.gateway.words_failures import remedy
from autopilot.notify.error_explanations import explanation
from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import command, counted, listed, quoted, title, try_again, where
from autopilot.notify.remembered import action_in

_MEANING = {
    "NotOurs": "It bears our name and not our tag: somebody else's, so it wasn't touched.",
    "ServiceNotOffered": "The service isn't offered to this account in this Region any more.",
}


def changes_failed(findings: Sequence[Finding], place: Place) -> Notice:
    """Changes that failed, all for the same error."""
    subjects = [finding.subject for finding in findings]
    data = findings[0].data
    action = action_in(data.get("message"))
    call = f" ({action})" if action else ""
    what = f"{counted(len(findings), 'change')} of interface endpoints or what they need"
    error = data.get("error")
    return Notice(
        kind="InterfaceChangeFailed",
        change="opened",
        severity="failure",
        title=title(
            f"{error}{call}: {counted(len(findings), 'change')} in {where(subjects)} failed"
        ),
        what=(
            f"{what} failed{call}.",
            "What else was planned has been carried out or is reported by itself.",
        ),
        why=(_MEANING.get(str(error)) or explanation(error), quoted(data.get("message"))),
        subjects=tuple(Subject(f.subject, _wanted(f), dict(f.data)) for f in findings),
        steps=(*_remedy(findings[0], place), try_again(place, subjects)),
    )


def _remedy(finding: Finding, place: Place) -> tuple[Step, ...]:
    if finding.data.get("error") == "PolicyRejected":
        check = (
            "accessanalyzer validate-policy --policy-type RESOURCE_POLICY"
            " --policy-document file://POLICY.json"
        )
        return (
            Step(
                "Check the document that the profile's policy names under endpoint_policies, put"
                " it right and deploy. Put its file in the place of POLICY.json:",
                command(place, check),
            ),
        )
    if finding.data.get("error") == "ServiceNotOffered":
        return ()  # the next look tells by itself which VPCs go without
    return tuple(remedy(finding, place))


def _wanted(finding: Finding) -> str:
    data = finding.data
    thing = f" {data['thing']}" if data.get("thing") else ""
    return f"could not {data.get('action')} the {data.get('what')}{thing}: {data.get('reason')}"


def endpoints_failed(findings: Sequence[Finding], place: Place) -> Notice:
    """Endpoints of ours that failed, were rejected or expired."""
    ids = [str(finding.data.get("endpoint_id")) for finding in findings]
    named = " ".join(ids[:20])
    query = "VpcEndpoints[].[VpcEndpointId,State,LastError]"
    look = f"ec2 describe-vpc-endpoints --vpc-endpoint-ids {named} --query {query}"
    delete = f"ec2 delete-vpc-endpoints --vpc-endpoint-ids {named}"
    count = counted(len(findings), "interface endpoint")
    return Notice(
        kind="InterfaceEndpointFailed",
        change="opened",
        severity=findings[0].severity,
        title=title(f"{count} in {where([f.subject for f in findings])} out of service"),
        what=(f"AWS reports {listed(ids)} as failed, rejected or expired: nothing goes through.",),
        why=("AWS could not set it up, or the service's owner doesn't let it in.",),
        subjects=tuple(
            Subject(
                f.subject, f"{f.data.get('endpoint_id')} is {f.data.get('state')}", dict(f.data)
            )
            for f in findings
        ),
        steps=(
            Step("See what AWS says:", command(place, look)),
            Step(
                "Once the cause is gone, delete it. The automation makes a new one:",
                command(place, delete),
            ),
        ),
    )
