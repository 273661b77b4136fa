"""How ops are told that requests to connect don't reach the automation."""

from __future__ import annotations

from collections.abc import Sequence

from autopilot.notify.arriving import QUEUES, checks
from autopilot.notify.error_explanations import call_in, remedy, why_failed
from autopilot.notify.finding import Finding, subjects_of
from autopilot.notify.notice import Place, Step, Subject, Words
from autopilot.notify.phrases import command, counted, try_again, where


def not_registered(findings: Sequence[Finding], place: Place) -> Words:
    """Services on which the automation's topic could not be registered, for the same error."""
    subjects = [each.subject for each in findings]
    data = findings[0].data
    call = call_in(findings[0])
    return Words(
        title=f"No notifications from {where(subjects)}: {data.get('error')}",
        what=(
            f"The automation could not register its topic on {where(subjects)}{call}.",
            "Requests to connect are still answered, but only when a sweep comes by.",
        ),
        why=why_failed(findings[0]),
        subjects=subjects_of(findings, lambda f: str(f.data.get("error"))),
        steps=(
            *remedy(findings[0], place),
            Step("See what is registered:", _registered(place)),
            try_again(place, subjects),
        ),
    )


def notifications_not_arriving(findings: Sequence[Finding], place: Place) -> Words:
    """Sweeps keep answering requests that no notification announced."""
    data = findings[0].data
    found = counted(int(data.get("found_by_sweep") or 0), "request")
    return Words(
        title=f"Notifications don't arrive: the sweep had to answer {found}",
        what=(
            f"{data.get('sweeps_in_a_row')} sweeps in a row found requests to connect that no"
            f" notification had announced. The last one had to answer {found}.",
            "Requests are still answered, but only when a sweep comes by.",
        ),
        why=(
            "AWS announces requests on the automation's topic, whose messages a function called"
            " relay puts on the event bus. Somewhere on that way they get lost.",
        ),
        subjects=(Subject(place.region, f"{found} found by the sweep", dict(data)),),
        steps=(
            Step("Is the topic registered on every endpoint service?", _registered(place)),
            *checks((*_WAY_OF_A_NOTIFICATION, *QUEUES), place),
        ),
    )


def _registered(place: Place) -> str:
    query = (
        "ConnectionNotificationSet[].[ServiceId,ConnectionNotificationArn,"
        "ConnectionNotificationState]"
    )
    return command(
        place, f"ec2 describe-vpc-endpoint-connection-notifications --query {query} --output text"
    )


# What to check after that, in the order in which a notification passes it; STACK stands for the
# stack's name.
_WAY_OF_A_NOTIFICATION = (
    (
        "These are the stack's topics and keys. Put the one that is registered in the place of"
        " TOPIC below.",
        "cloudformation describe-stack-resources --stack-name STACK --query"
        " StackResources[?ResourceType=='AWS::SNS::Topic'||ResourceType=='AWS::KMS::Key']"
        ".[LogicalResourceId,PhysicalResourceId] --output text",
    ),
    (
        "Does the topic's policy let vpce.amazonaws.com publish, and which key (KmsMasterKeyId)"
        " encrypts it?",
        "sns get-topic-attributes --topic-arn TOPIC --query Attributes.[Policy,KmsMasterKeyId]",
    ),
    (
        "Does the key's policy let vpce.amazonaws.com use it (kms:GenerateDataKey*, kms:Decrypt)?"
        " Put the key's id in the place of KEY.",
        "kms get-key-policy --key-id KEY --policy-name default --output text",
    ),
    (
        "Does the topic still reach the function?",
        "sns list-subscriptions-by-topic --topic-arn TOPIC --query"
        " Subscriptions[].[Protocol,Endpoint] --output text",
    ),
    (
        "Has anybody changed the stack? Start a comparison, and list what differs a minute later"
        " (describe-stack-resource-drifts). If anything does, deploy again.",
        "cloudformation detect-stack-drift --stack-name STACK",
    ),
)
