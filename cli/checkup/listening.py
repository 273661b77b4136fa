"""Whether what the automation says is heard: subscriptions, topics and the key that encrypts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cli.checkup.model import Ailment, Shell

# How urgent a message is, as its attribute `severity` says (docs/operating.md).
SEVERITIES = ("failure", "action", "info")
_UNHEARD = "Whatever happens, fails or waits for a person is told to nobody until somebody listens."
_CONFIRMED = "arn:"


@dataclass(frozen=True)
class Subscription:
    """Who is subscribed to a topic. `filter`: what of it gets through, None: all of it."""

    arn: str
    protocol: str
    endpoint: str
    filter: Mapping[str, Any] | None = field(default=None)

    @property
    def confirmed(self) -> bool:
        """Whether it hears anything; a pending one has a word in the place of its ARN."""
        return self.arn.startswith(_CONFIRMED)


def of_ops(
    topic: str,
    subscriptions: Sequence[Subscription],
    emails: Sequence[str],
    shell: Shell,
    owners: Sequence[str] = (),
    *,
    hub_hears: bool = False,
) -> Iterator[Ailment]:
    """What is wrong with who listens to the ops topic; `emails`: whom the policy subscribes,
    `owners`: who of them hears of some owner's things only, and doesn't count as a listener;
    `hub_hears`: a fleet's hub hears everything, whoever else does.
    """
    partly = {email.lower() for email in owners}
    confirmed = [each for each in subscriptions if each.confirmed]
    everything = [each for each in confirmed if each.endpoint.lower() not in partly]
    if everything:
        yield from _filtered(everything, shell)
    elif not hub_hears:
        yield _nobody(topic, shell)
    yield from (_unconfirmed(topic, each, shell) for each in subscriptions if not each.confirmed)
    known = {each.endpoint for each in subscriptions}
    yield from (_unsubscribed(topic, email, shell) for email in emails if email not in known)


def _nobody(topic: str, shell: Shell) -> Ailment:
    return Ailment(
        "nobody-listens",
        topic,
        "Nobody listens to the ops topic.",
        _UNHEARD,
        (_subscribe(topic, "email", "YOU@EXAMPLE.COM", shell),),
        "Put your address in, and follow the link in the mail that you get.",
    )


def _unsubscribed(topic: str, email: str, shell: Shell) -> Ailment:
    return Ailment(
        "unsubscribed",
        email,
        f"{email} stands in the policy and isn't subscribed any more.",
        "It hears nothing. Whoever opens a mail's last link unsubscribes the address.",
        (_subscribe(topic, "email", email, shell),),
        "A mail then asks that address to confirm.",
    )


def _unconfirmed(topic: str, each: Subscription, shell: Shell) -> Ailment:
    return Ailment(
        "unconfirmed",
        each.endpoint,
        f"{each.endpoint} ({each.protocol}) hasn't confirmed that it wants to hear.",
        "It hears nothing before. AWS forgets an unconfirmed address after some days.",
        (_subscribe(topic, each.protocol, each.endpoint, shell),),
        "This sends the mail that asks to confirm once more; its link has to be followed.",
    )


def _filtered(confirmed: Sequence[Subscription], shell: Shell) -> Iterator[Ailment]:
    for severity in SEVERITIES[:2]:
        if any(_passes(each, severity) for each in confirmed):
            continue
        worst = confirmed[0]
        yield Ailment(
            "filtered",
            worst.endpoint,
            f"The filters of all who listen keep messages of severity {severity} from them.",
            "Nobody hears of these, or not of all of them.",
            (
                shell.aws(
                    *("sns", "set-subscription-attributes"),
                    subscription_arn=worst.arn,
                    attribute_name="FilterPolicy",
                    attribute_value="{}",
                ),
            ),
            "This takes the filter away: they hear all.",
        )
        return


def _passes(each: Subscription, severity: str) -> bool:
    """Whether all messages of a severity get through; a filter on other attributes leaves some."""
    if not each.filter:
        return True
    return set(each.filter) == {"severity"} and severity in each.filter["severity"]


def of_relay(
    topic: str, subscriptions: Sequence[Subscription], function: str, shell: Shell
) -> Iterator[Ailment]:
    """What is wrong if a function doesn't hear PrivateLink's notifications."""
    if function in {each.endpoint for each in subscriptions if each.confirmed}:
        return
    yield Ailment(
        "relay-unsubscribed",
        topic,
        "Notifications of connections lead nowhere: the relay isn't subscribed to their topic.",
        "Requests for connections wait for the next sweep.",
        (_subscribe(topic, "lambda", function, shell),),
    )


def of_key(key: Mapping[str, Any], topics: Sequence[str], shell: Shell) -> Iterator[Ailment]:
    """What is wrong with the key of `topics` (KMS DescribeKey's KeyMetadata)."""
    state, id_ = str(key["KeyState"]), str(key["KeyId"])
    if state == "Enabled":
        return
    deleted = state == "PendingDeletion"
    enable = shell.aws("kms", "enable-key", key_id=id_)
    cancel = (shell.aws("kms", "cancel-key-deletion", key_id=id_),) if deleted else ()
    yield Ailment(
        "key-unusable",
        id_,
        f"The key that encrypts {len(topics)} topics is {_SAID.get(state, state)}.",
        "Nothing can be published: ops hear nothing, and no notification of a connection arrives.",
        (*cancel, enable),
    )


_SAID = {"PendingDeletion": "about to be deleted", "Disabled": "disabled"}


def missing_key(key: str, topics: Sequence[str]) -> Ailment:
    """The ailment of a key that is gone."""
    return Ailment(
        "gone",
        key,
        f"The key that encrypts {len(topics)} topics is gone.",
        "Nothing can be published: ops hear nothing, and no notification of a connection arrives.",
        (),
        "Name the stack's topics anew: npx cdk destroy and npx cdk deploy; the ledger stays.",
    )


def filter_of(attributes: Mapping[str, str]) -> Mapping[str, Any] | None:
    """A subscription's filter, by its attributes; None if it has none. What can't be read as one
    counts as one that lets nothing through.
    """
    text = attributes.get("FilterPolicy", "")
    if not text or text == "{}":
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return {"?": []}
    body = attributes.get("FilterPolicyScope") == "MessageBody"
    return {"?": []} if body or not isinstance(found, dict) else found


def _subscribe(topic: str, protocol: str, endpoint: str, shell: Shell) -> str:
    return shell.aws(
        "sns", "subscribe", topic_arn=topic, protocol=protocol, notification_endpoint=endpoint
    )
