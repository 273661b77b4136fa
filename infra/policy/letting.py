"""What an endpoint policy lets through: for gateway endpoints, for agents, for image layers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from autopilot.policy.model import InterfaceProfile, Policy
from autopilot.policy.names import label, region_in
from autopilot.policy.partitions import partition
from autopilot.policy.tags import matches

from infra.policy.report import Node, Report, compose_text
from infra.policy.section import Section
from infra.policy.where import Where


@dataclass(frozen=True)
class Document:
    """An endpoint policy of the file: its text, and what is wrong with it."""

    text: str
    report: Report


@dataclass(frozen=True)
class Call:
    """A call that has to get through. `resource` None: whichever.

    `without`: condition keys that its requests don't have, by how they begin, in small letters.
    """

    action: str
    resource: str | None
    without: tuple[str, ...] = ()


# What agents and pulls of images begin with. All but the first are about no resource, so conditions
# on the resource's owner stop them (Service Authorization Reference: they take no resource type).
FIRST_CALLS: Mapping[str, Call] = {
    "ssm": Call("ssm:UpdateInstanceInformation", None),
    "ssmmessages": Call("ssmmessages:CreateControlChannel", "*", ("aws:resource",)),
    "ec2messages": Call("ec2messages:GetMessages", "*", ("aws:resource",)),
    "ecr.api": Call("ecr:GetAuthorizationToken", "*", ("aws:resource",)),
}


def check(root: Section, policy: Policy, documents: Mapping[str, Document], where: Where) -> None:
    """Complain of what AWS would read otherwise than it is meant, and warn of what is cut."""
    sound = {name: each for name, each in documents.items() if not each.report.mistakes}
    gateway = policy.gateway_endpoints
    if document := sound.get(gateway.endpoint_policy or ""):
        _for_gateways(document)
        _denying(document)
        if "s3" in gateway.services:
            _layers(root, document, where)
    for profile in policy.interface_endpoints:
        if document := sound.get(profile.endpoint_policy or ""):
            _denying(document)
            _agents(root, profile, document)


def _for_gateways(document: Document) -> None:
    """Their policies need Principal `*`: others mean the root user alone (PrivateLink guide)."""
    for node in _statements(document):
        found = {key.value: value for key, value in node.value}
        if "Principal" in found and _is_everybody(found["Principal"]):
            continue
        document.report.add(
            found.get("Principal", found.get("NotPrincipal", node)),
            "a gateway endpoint's policy takes no other Principal than *: of an account that is"
            " named here only the root user would get through",
            'write "Principal": "*", and say who is meant by a Condition on aws:PrincipalArn,'
            " aws:PrincipalAccount or aws:PrincipalOrgID",
        )


def _is_everybody(node: Node) -> bool:
    if isinstance(node, yaml.MappingNode):
        kinds = [key.value for key, _ in node.value]
        return kinds == ["AWS"] and _is_everybody(node.value[0][1])
    listed = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return [each.value for each in listed] == ["*"]


def _denying(document: Document) -> None:
    if not any(each["Effect"] == "Allow" for each in _content(document)):
        document.report.warn(
            1,
            "the document only denies: nothing gets through an endpoint that bears it",
            'add a statement with "Effect": "Allow" for the rest',
        )


def _layers(root: Section, document: Document, where: Where) -> None:
    """ECR keeps image layers in a bucket of AWS's, and signs the requests itself (ECR guide)."""
    if where.region is None and "-starport-layer-bucket/" in document.text:
        return  # of which Region, nobody knows
    home = where.region or "us-east-1"
    bucket = f"arn:{partition(home)}:s3:::prod-{home}-starport-layer-bucket/layer"
    node = root.inner("gateway_endpoints", "policy")
    call = Call("s3:GetObject", bucket, ("aws:principal", "aws:resource"))
    if node is not None and not _lets(document, call):
        root.report.warn(
            node,
            f'"{node.value}" stops the image layers of ECR: no image could be pulled',
            "allow s3:GetObject on prod-<region>-starport-layer-bucket to everybody, as the"
            " documents in policies/ do, unless nobody pulls any",
        )


def _agents(root: Section, profile: InterfaceProfile, document: Document) -> None:
    called = [label(each, region_in(each) or "") for each in profile.services]
    cut = [s for s in called if (call := FIRST_CALLS.get(s)) and not _lets(document, call)]
    node = root.of_profile(profile.name, "policy")
    if cut and node is not None:
        calls = ", ".join(FIRST_CALLS[service].action for service in cut)
        root.report.warn(
            node,
            f'"{node.value}" stops what {", ".join(cut)} cannot do without: {calls}',
            "give these services a profile with a document of their own",
        )


def _lets(document: Document, call: Call) -> bool:
    """Whether a statement allows the call, and none denies it whatever the conditions."""
    about = [each for each in _content(document) if _is_about(each, call)]
    denied = any(each["Effect"] == "Deny" and not each.get("Condition") for each in about)
    allowed = any(each["Effect"] == "Allow" and not _without(each, call) for each in about)
    return allowed and not denied


def _is_about(statement: Mapping[str, Any], call: Call) -> bool:
    if not _matches(statement, "Action", call.action.lower()):
        return False
    return call.resource is None or _matches(statement, "Resource", call.resource)


def _matches(statement: Mapping[str, Any], key: str, text: str) -> bool:
    negated = f"Not{key}" in statement
    value = statement[f"Not{key}" if negated else key]
    patterns = [value] if isinstance(value, str) else value
    if key == "Action":
        patterns = [pattern.lower() for pattern in patterns]
    return any(matches(text, pattern) for pattern in patterns) is not negated


def _without(statement: Mapping[str, Any], call: Call) -> bool:
    """Whether a condition asks for what the call's requests don't have."""
    return any(
        key.lower().startswith(call.without)
        for operator, keys in statement.get("Condition", {}).items()
        if not operator.endswith("IfExists")
        for key in keys
    )


def _content(document: Document) -> list[Mapping[str, Any]]:
    found = json.loads(document.text)["Statement"]
    return found if isinstance(found, list) else [found]


def _statements(document: Document) -> list[Node]:
    """The statements with their lines; the document has been read before, and is sound."""
    root = compose_text(document.report, document.text.replace("\t", " "))
    if root is None:
        return []
    found = next(value for key, value in root.value if key.value == "Statement")
    return list(found.value) if isinstance(found, yaml.SequenceNode) else [found]
