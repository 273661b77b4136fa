"""How ops are told that others' gateway endpoints let through something else than ours would."""

from __future__ import annotations

from collections.abc import Sequence

from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import command, counted, listed, title, where


def foreign_policy(findings: Sequence[Finding], place: Place) -> Notice:
    """Endpoints of others whose policy isn't the one that autopilot.yaml names."""
    subjects = [finding.subject for finding in findings]
    ids = [str(id_) for finding in findings for id_ in finding.data.get("endpoint_ids", ())]
    which = f"--vpc-endpoint-ids {' '.join(ids[:20])}"
    query = "VpcEndpoints[].[VpcEndpointId,PolicyDocument]"
    look = f"ec2 describe-vpc-endpoints {which} --query {query}"
    return Notice(
        kind="ForeignEndpointPolicy",
        change="opened",
        severity="info",
        title=title(
            f"{counted(len(ids), 'gateway endpoint')} of others in {where(subjects)} without the"
            " endpoint policy"
        ),
        what=(
            "They serve, and their endpoint policy isn't the one that autopilot.yaml names.",
            "They belong to somebody else, so they were left as they are.",
        ),
        why=("The automation puts the policy on endpoints of its own only.",),
        subjects=tuple(Subject(f.subject, _differs(f), dict(f.data)) for f in findings),
        steps=(
            Step("Nothing has to be done if that is meant. To see theirs:", command(place, look)),
            Step("To have it enforced: ask the owner to set it, or to delete the endpoint."),
        ),
    )


def _differs(finding: Finding) -> str:
    named = finding.data.get("endpoint_policy")
    return f"{listed(finding.data.get('endpoint_ids', ()))} without {named}"
