"""What the policy file says of the endpoint services that the automation publishes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from autopilot.policy.model import PublishPolicy, Retire

from infra.policy.keys import part
from infra.policy.report import is_empty
from infra.policy.section import Section
from infra.policy.tags import tags
from infra.policy.values import account, region

RETIRE: tuple[Retire, ...] = get_args(Retire)
TAGS = "tags: {endpoint-autopilot: publish}"
PRINCIPAL = (
    'write an account ("222222222222", in quotes), or the ARN of a root, user, role, organization'
    " or organizational unit"
)
EVERYONE = "everyone"
_IAM = r"arn:aws[a-z-]*:iam::\d{12}:"
_ORGANIZATIONS = r"arn:aws[a-z-]*:organizations::\d{12}:"
# The forms that ModifyVpcEndpointServicePermissions takes (its API reference, which excludes paths;
# organizations and units: PrivateLink guide, "Manage permissions").
_FORMS = (
    re.compile(rf"{_IAM}root"),
    re.compile(rf"{_IAM}(user|role)/[\w+=,.@-]+"),
    re.compile(rf"{_ORGANIZATIONS}organization/o-[a-z0-9]{{10,32}}"),
    re.compile(rf"{_ORGANIZATIONS}ou/o-[a-z0-9]{{10,32}}/ou-[a-z0-9]{{4,32}}-[a-z0-9]{{8,32}}"),
)
# A domain in lower case, perhaps with a wildcard (PrivateLink guide, "Manage DNS names").
_DOMAIN = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_BALANCER = re.compile(r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?")


def services(root: Section) -> PublishPolicy:
    """Read the section `endpoint_services`."""
    section = part(root, "endpoint_services")
    default = PublishPolicy()
    return PublishPolicy(
        load_balancer_tags=_published(section),
        allowed_principals=section.items("allowed_principals", principal, PRINCIPAL) or (),
        supported_regions=section.items("supported_regions", region, "write us-east-1 or the like")
        or (),
        private_dns_names=_names(section),
        retire=section.choice("retire", default.retire, RETIRE),
    )


def principal(text: str) -> str:
    """Somebody who may ask for a connection, as AWS's permission lists take them."""
    if text == EVERYONE:
        return "*"
    if text == "*":
        raise ValueError(
            'is "*", which lets everyone who knows the name ask: list accounts or an organization,'
            f" or write {EVERYONE} if that is what you mean"
        )
    if text.isdigit():
        return account(text)
    if not any(form.fullmatch(text) for form in _FORMS):
        raise ValueError(f'is "{text}", {_why_not(text)}')
    return text


def _why_not(text: str) -> str:
    if re.match(rf"{_IAM}(user|role)/.*/", text):
        return "whose path AWS doesn't take here"
    if ":assumed-role/" in text:
        return "a session: name its role"
    return "which AWS doesn't take here"


def _published(section: Section) -> Mapping[str, str]:
    if section.node("publish_load_balancers") is None:
        return {}
    publish = part(section, "publish_load_balancers")
    found = tags(publish, "tags", before="stars")
    if not found and not is_empty(section.node("publish_load_balancers")):
        publish.report.add(
            publish.line_of("tags"),
            f"{publish.full('tags')} is empty: no load balancer would be published",
            f"write {TAGS}, or leave publish_load_balancers out",
        )
    return found or {}


def _names(section: Section) -> Mapping[str, str]:
    found = section.entries("private_dns_names", "<load balancer>: api.example.com") or {}
    seen: dict[str, str] = {}
    for balancer, node in found.items():
        if not _BALANCER.fullmatch(balancer):
            section.report.add(
                node, f'"{balancer}" is no name of a load balancer', "write its name, not its ARN"
            )
        if not _DOMAIN.fullmatch(node.value):
            section.report.add(
                node,
                f'{section.full("private_dns_names")}.{balancer} is "{node.value}"',
                "write a domain name in lower case, such as api.example.com",
            )
        seen[balancer] = node.value
    return seen
