"""Whether AWS's services may do something by themselves: resource, key and trust policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator as evaluator
from ministack.services import iam as their_iam
from ministack.services import kms, lambda_svc, sns, sqs

from lab.iam import Check, Refusal, noted
from lab.inside import scope

#: What whoever publishes to an encrypted topic needs of its key (SNS guide, "Key management").
USE_KEY = ("kms:GenerateDataKey", "kms:Decrypt")


def lets(policy: Any, service: str, check: Check) -> bool:
    """Say whether a resource's policy lets an AWS service in, which uses TLS.

    The caller is the service itself: a grant for an account is none for it.
    """
    context = evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=check.action,
        resource_arn=check.resource,
        region=check.resource.split(":")[3],
        secure_transport=True,
        service_context={key.lower(): value for key, value in check.context.items()},
    )
    verdict = evaluator.evaluate_resource_policy(policy or None, context, service=service)
    return bool(verdict.decision == "Allow")


def _refusal(policy: Any, service: str, action: str, resource: str, source: str) -> Refusal | None:
    account = source.split(":")[4]
    # A topic's default policy asks for the owner of the source by its older name.
    owner = {"aws:SourceAccount": account, "aws:SourceOwner": account}
    check = Check(action, resource, {"aws:SourceArn": source, **owner})
    return (
        None if lets(policy, service, check) else noted(Refusal(check, service, by_resource=True))
    )


def of_delivery(service: str, arn: str, source: str) -> Refusal | None:
    """The refusal of what `service` delivers for `source` to a queue, topic or function, if any."""
    kind = arn.split(":")[2]
    if kind == "sqs":
        queue = sqs.queue_policy_for_arn(arn)
        return _refusal(queue and queue[0], service, "sqs:SendMessage", arn, source)
    if kind == "lambda":
        function = lambda_svc.function_policy_for_arn(arn)
        return _refusal(function and function[0], service, "lambda:InvokeFunction", arn, source)
    return _of_topic(service, arn, source) if kind == "sns" else None


def _of_topic(service: str, arn: str, source: str) -> Refusal | None:
    topic = sns.topic_policy_for_arn(arn)
    refusal = _refusal(topic and topic[0], service, "sns:Publish", arn, source)
    key = key_of(arn)
    for action in USE_KEY if key else ():
        policy, key_arn = (key or {}).get("Policy"), str((key or {}).get("Arn"))
        refusal = refusal or _refusal(policy, service, action, key_arn, source)
    return refusal


def key_of(topic_arn: str) -> dict[str, Any] | None:
    """The customer-managed key that a topic is encrypted under, if it is."""
    topic = sns._topic_by_arn_any_scope(topic_arn) or {}
    key_id = topic.get("attributes", {}).get("KmsMasterKeyId")
    if not key_id:
        return None
    region, account = topic_arn.split(":")[3:5]
    with scope(account, region):
        key: dict[str, Any] | None = kms._resolve_key(key_id)
        return key


def of_trust(
    role_arn: str, service: str, region: str, context: Mapping[str, str]
) -> Refusal | None:
    """The refusal if a role's trust policy doesn't let an AWS service assume it.

    It may name the service with its Region, as older templates do (states.us-east-1.amazonaws.com).
    """
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    role = their_iam._roles.get_scoped(account, None, name) or {}
    check = Check("sts:AssumeRole", role_arn, context)
    names = (service, service.replace(".", f".{region}.", 1))
    if any(lets(role.get("AssumeRolePolicyDocument"), name, check) for name in names):
        return None
    return noted(Refusal(check, service, by_resource=True))
