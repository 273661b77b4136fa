"""Email: SNS asks an address to confirm, and sends it nothing before; MiniStack does neither."""

from __future__ import annotations

import inspect
import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from ministack.core.responses import new_uuid
from ministack.services import sns
from ministack.services.cloudformation import provisioners

KEPT = 1000
PROTOCOLS = ("email", "email-json")
_PENDING = "PendingConfirmation"
_Create = Callable[..., Any]


class Mails:
    """Keeps the latest KEPT mails of all addresses; safe to use from any thread."""

    def __init__(self) -> None:
        self._mails: deque[dict[str, str]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def add(self, to: str, topic: str, subject: str, text: str, link: str = "") -> None:
        """Note a mail; `link`: what the address opens to confirm, without host and port."""
        mail = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "to": to,
            "topic": topic,
            "subject": subject,
            "text": text,
            "link": link,
        }
        with self._lock:
            self._mails.append(mail)

    def all(self) -> list[dict[str, str]]:
        """Return the mails, oldest first."""
        with self._lock:
            return list(self._mails)

    def clear(self) -> None:
        """Forget every mail."""
        with self._lock:
            self._mails.clear()


#: MiniStack, which sends, knows one world per process; so this is one as well.
MAILS = Mails()


def install() -> None:
    """Have addresses confirm, whoever subscribes them, and keep what they are sent."""
    _ask_whom_the_api_subscribes()
    _ask_whom_a_template_subscribes()
    _list_the_pending()
    _deliver()


def _ask_whom_the_api_subscribes() -> None:
    subscribe = sns._subscribe

    def asked(params: Any) -> Any:
        answer = subscribe(params)
        pending = _ask(sns._topic_by_arn_any_scope(sns._p(params, "TopicArn")))
        return _hiding(answer, pending, "pending confirmation")

    sns._subscribe = asked


def _ask_whom_a_template_subscribes() -> None:
    kinds = {"AWS::SNS::Subscription": "TopicArn", "AWS::SNS::Topic": None}
    for kind, topic_in in kinds.items():
        handlers = provisioners._RESOURCE_HANDLERS[kind]
        handlers["create"] = _asking(handlers["create"], topic_in)


def _asking(create: _Create, topic_in: str | None) -> _Create:
    def created(logical_id: str, given: dict[str, Any], *more: Any) -> Any:
        made = create(logical_id, given, *more)
        _ask(sns._topics.get(given.get(topic_in) if topic_in else made[0]))
        return made

    return created


def _ask(topic: dict[str, Any] | None) -> list[str]:
    """Ask each address that wasn't asked; the ARNs of those that have not answered."""
    subscribed = topic["subscriptions"] if topic else []
    addresses = [each for each in subscribed if each["protocol"] in PROTOCOLS]
    for each in addresses:
        if "asked" not in each:
            each.update(asked=True, confirmed=False, token=new_uuid())
            each["attributes"][_PENDING] = "true"
            query = {"Action": "ConfirmSubscription", "TopicArn": each["topic_arn"]}
            link = f"/?{urlencode({**query, 'Token': each['token']})}"
            words = f"You have chosen to subscribe to the topic: {each['topic_arn']}"
            subject = "AWS Notification - Subscription Confirmation"
            MAILS.add(each["endpoint"], each["topic_arn"], subject, words, link)
    if topic:
        sns._refresh_subscription_counts(topic)
    return [each["arn"] for each in addresses if not each["confirmed"]]


def _list_the_pending() -> None:
    def listing(list_all: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda params: _hiding(list_all(params), _all_pending(), _PENDING)

    sns._list_subscriptions = listing(sns._list_subscriptions)
    sns._list_subscriptions_by_topic = listing(sns._list_subscriptions_by_topic)


def _all_pending() -> list[str]:
    every = [each for topic in sns._topics.values() for each in topic["subscriptions"]]
    return [each["arn"] for each in every if not each["confirmed"]]


def _hiding(answer: Any, arns: list[str], instead: str) -> Any:
    """The answer without the ARNs of subscriptions that have none yet."""
    status, headers, body = answer
    text = body.decode() if isinstance(body, bytes) else str(body)
    for arn in arns:
        text = text.replace(f"<SubscriptionArn>{arn}<", f"<SubscriptionArn>{instead}<")
    return status, headers, text.encode() if isinstance(body, bytes) else text


def _deliver() -> None:
    fan_out = sns._fanout

    taken = inspect.signature(fan_out)

    def delivered(*positional: Any, **named: Any) -> None:
        fan_out(*positional, **named)
        given = taken.bind(*positional, **named)
        given.apply_defaults()
        _deliver_to_addresses(given.arguments)

    sns._fanout = delivered


def _deliver_to_addresses(sent: Mapping[str, Any]) -> None:
    arn, attributes = sent["topic_arn"], sent["message_attributes"] or {}
    topic = sns._topic_by_arn_any_scope(arn)
    for each in topic["subscriptions"] if topic else ():
        if not each["confirmed"] or each["protocol"] not in PROTOCOLS:
            continue
        text = sns._resolve_message_for_protocol(
            sent["message"], sent["message_structure"], each["protocol"]
        )
        if sns._matches_filter_policy(each, attributes, text):
            MAILS.add(each["endpoint"], arn, sent["subject"], text)
