"""Publishes PrivateLink's notifications to MiniStack's topics, if topic and key let it."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from ministack.services import kms, sns
from ministack.services.cloudformation import provisioners

from lab.grants import USE_KEY, lets
from lab.iam import Check
from lab.inside import scope

#: The service principal that publishes (aws-samples/private-saas-with-aws-privatelink).
PRIVATELINK = "vpce.amazonaws.com"
KEPT = 100
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notice:
    """A message for a topic; `source_*` are what it is about and whose that is."""

    topic_arn: str
    subject: str
    message: str
    source_arn: str
    source_account: str


def install() -> None:
    """Have a template's topic keep its key, which MiniStack's CloudFormation forgets."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SNS::Topic"]
    create, update = handlers["create"], handlers["update"]

    def keep(made: Any, given: dict[str, Any]) -> Any:
        attributes = sns._topics[made[0]]["attributes"]
        attributes.pop("KmsMasterKeyId", None)
        if given.get("KmsMasterKeyId"):
            attributes["KmsMasterKeyId"] = given["KmsMasterKeyId"]
        return made

    def created(logical_id: str, given: dict[str, Any], *more: Any) -> Any:
        return keep(create(logical_id, given, *more), given)

    def updated(name: str, old: Any, given: dict[str, Any], *more: Any, **named: Any) -> Any:
        return keep(update(name, old, given, *more, **named), given)

    handlers.update(create=created, update=updated)


class Topics:
    """Delivers notices; `post` has each copy of one delivered when it is due.

    AWS says nowhere what becomes of a notice that a topic refuses; here it is gone, and kept for
    whoever looks for it.
    """

    def __init__(self, post: Callable[[Callable[[], None]], None]) -> None:
        self._post = post
        self._refused: deque[dict[str, str]] = deque(maxlen=KEPT)

    def publish(
        self, topic_arn: str, subject: str, message: str, source_arn: str, source_account: str
    ) -> None:
        """Have a message published later, and as often, as notices are delivered."""
        notice = Notice(topic_arn, subject, message, source_arn, source_account)
        self._post(lambda: self._deliver(notice))

    def refused(self) -> list[dict[str, str]]:
        """Return the latest notices that did not get through, each with the reason."""
        return list(self._refused)

    def _deliver(self, notice: Notice) -> None:
        region, account = notice.topic_arn.split(":")[3:5]
        with scope(account, region):
            why = _refusal(notice)
            if why is None:
                sns.publish_internal(notice.topic_arn, notice.message, notice.subject)
                return
        logger.warning("a connection notification was refused: %s", why)
        self._refused.append({**asdict(notice), "why": why})


def _refusal(notice: Notice) -> str | None:
    """Say why a notice does not get through, or return None."""
    topic = sns._topic_by_arn_any_scope(notice.topic_arn)
    if topic is None:
        return "there is no such topic"
    attributes: dict[str, Any] = topic.get("attributes", {})
    policy = attributes.get("Policy")
    if not _lets(policy, "sns:Publish", notice.topic_arn, notice):
        return f"the topic's policy does not let {PRIVATELINK} publish"
    key_id = attributes.get("KmsMasterKeyId")
    return _key_refusal(str(key_id), notice) if key_id else None


def _key_refusal(key_id: str, notice: Notice) -> str | None:
    """Say why an encrypted topic's key is no good: it must let PrivateLink use it by itself."""
    key = kms._resolve_key(key_id)
    if key is None:
        # alias/aws/sns too: nobody can give a service access to a key of AWS's.
        return f"{key_id} is no customer-managed key of the topic's account"
    for action in USE_KEY:
        if not _lets(key.get("Policy"), action, str(key["Arn"]), notice):
            return f"the key's policy does not let {PRIVATELINK} call {action}"
    return None


def _lets(policy: Any, action: str, resource: str, notice: Notice) -> bool:
    # Without aws:SourceOwner a topic's default policy, which asks for that, lets it in no more than
    # on AWS (believed).
    source = {"aws:SourceArn": notice.source_arn, "aws:SourceAccount": notice.source_account}
    return lets(policy, PRIVATELINK, Check(action, resource, source))
