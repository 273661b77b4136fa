"""What of a policy file has no effect, or cuts what it hardly means to: said, and not refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.policy.where import Where
from infra.policy_file import Configuration, load
from tests.infra.synthesis import ROOT

HERE = Where(region="us-east-1")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str, where: Where = HERE) -> Configuration:
    Path("p.yaml").write_text(text)
    return load("p.yaml", where)


def warnings(text: str, where: Where = HERE) -> list[str]:
    return [str(warning) for warning in read(text, where).warnings]


PUBLISH = "add publish_load_balancers: {tags: {endpoint-autopilot: publish}}, or drop it"
ORGANIZATION = (
    "no rule of connections needs the organization; add {organization: ...},"
    " {organizational_unit: ...} or {allowed_principals: true}, or drop it if no permission list"
    " names an organization or unit either"
)
ACCOUNT = 'connections: {allow: [{account: "222222222222"}]}\n'
PUBLISHED_TO_ALL_OF_IT = (
    "endpoint_services:\n  publish_load_balancers: {tags: {a: b}}\n  allowed_principals:"
    ' ["arn:aws:organizations::111111111111:organization/o-a1b2c3d4e5"]\n'
)
ORGANIZED = "organization: {id: o-a1b2c3d4e5, read_by: self}\n"
WINDOW = 'change_window: {days: [sat], from: "02:00", to: "05:00", timezone: UTC}'


def profiles(*wanted: tuple[str, str, str]) -> str:
    return "interface_endpoints:\n" + "".join(
        f"  - name: {name}\n    vpcs: {{tags: {{{tags}}}}}\n    services: [{services}]\n"
        for name, tags, services in wanted
    )


def first_wins(first: str, services: str, second: str) -> str:
    return (
        f'"{first}" has {services} in every VPC of "{second}" already: the first profile wins;'
        f' drop the service from one of them, or put "{second}" first'
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'endpoint_services:\n  allowed_principals: ["222222222222"]\n',
            ["2: endpoint_services.allowed_principals has no effect: no load balancer is"
             f" published; {PUBLISH}"],
        ),
        (
            "endpoint_services:\n  private_dns_names: {a: a.example.com}\n"
            "  supported_regions: [eu-west-1]\n",
            ["2: endpoint_services.private_dns_names has no effect: no load balancer is published;"
             f" {PUBLISH}",
             "3: endpoint_services.supported_regions has no effect: no load balancer is published;"
             f" {PUBLISH}"],
        ),
        # Those that were published before are still retired as it says.
        ("endpoint_services: {retire: now, allowed_principals: [], private_dns_names: {}}\n", []),
        ("retire: idle\nidle: {wait: 3 days}\n", []),
        (
            "idle:\n  wait: 3 days\n",
            ["2: idle.wait has no effect: retire is report; write retire: idle, or drop it"],
        ),
        (
            f"gateway_endpoints:\n  {WINDOW}\n",
            ["2: the change_window has no effect: busy_route_tables is audit; write"
             " busy_route_tables: window, or drop it"],
        ),
        (f"gateway_endpoints: {{busy_route_tables: window, {WINDOW}}}\n", []),
        (
            "gateway_endpoints:\n  services: []\n",
            ["2: gateway_endpoints.services is empty: no route table gets an endpoint; write"
             " [s3, dynamodb], unless you mean it"],
        ),
        (ACCOUNT + ORGANIZED, [f"2: {ORGANIZATION}"]),
        ("connections: {allow: []}\n" + ORGANIZED, [f"2: {ORGANIZATION}"]),
        # Without the organization nobody could tell whom the published list admits.
        (ACCOUNT + ORGANIZED + PUBLISHED_TO_ALL_OF_IT, []),
        (ORGANIZED, []),  # allowed_principals, the default rule: lists may name organizations
        (ORGANIZED + "connections: {allow: [{organization: o-a1b2c3d4e5}]}\n", []),
        (
            ORGANIZED + "connections: {allow: [], deny: [{organizational_unit: ou-ab12-11111111}]}",
            [],
        ),
        (
            profiles(("a", "n: p", "newest-thing")),
            ['4: "newest-thing" is no service that this version knows: AWS may refuse it; look it'
             " up (aws ec2 describe-vpc-endpoint-services), or write its full name"],
        ),
        (profiles(("a", "n: p", "com.amazonaws.us-east-1.newest-thing")), []),
        # profiles that overlap
        (
            profiles(("a", "n: p", "logs, kms, sns"), ("b", "n: p", "kms, logs, sqs")),
            [f"7: {first_wins('a', 'kms, logs', 'b')}"],
        ),
        (
            profiles(("a", 'n: "*"', "logs"), ("b", "n: p, m: q", "logs")),
            [f"7: {first_wins('a', 'logs', 'b')}"],
        ),
        (
            profiles(("a", 'n: "p*"', "logs"), ("b", "n: prod", "com.amazonaws.us-east-1.logs")),
            [f"7: {first_wins('a', 'com.amazonaws.us-east-1.logs', 'b')}"],
        ),
        (profiles(("a", "n: p", "logs"), ("b", 'n: "*"', "logs")), []),  # what is left over
        (
            profiles(("a", 'n: "p*"', "logs"), ("b", 'n: "p?*x"', "logs")),
            [f"7: {first_wins('a', 'logs', 'b')}"],
        ),
        (profiles(("a", 'n: "p?"', "logs"), ("b", 'n: "p*"', "logs")), []),
        (profiles(("a", "n: p, m: q", "logs"), ("b", "n: p", "logs")), []),
        (profiles(("a", "n: p", "logs"), ("b", "n: p", "kms")), []),
    ],
)  # fmt: skip
def test_warning(text: str, said: list[str]) -> None:
    assert warnings(text) == [f"p.yaml:{line[0]}: warning: {line[3:]}" for line in said]


def test_an_endpoint_policy_that_nobody_names() -> None:
    Path("d.json").write_text(json.dumps({"Statement": [allow("*")]}))
    assert warnings("endpoint_policies:\n  mine: d.json\n") == [
        'p.yaml:2: warning: the endpoint policy "mine" has no effect: nothing names it; write'
        " policy: mine under gateway_endpoints or in a profile, or drop it"
    ]


def allow(action: str | list[str], resource: str = "*", effect: str = "Allow", **of: Any) -> Any:
    keys = {f"aws:{key}": "x" for key in of.get("condition", ())}
    condition = {"Condition": {of.get("operator", "StringEquals"): keys}} if keys else {}
    return {
        "Effect": effect, "Principal": "*", "Action": action, "Resource": resource, **condition
    }  # fmt: skip


def deny(action: str, **of: Any) -> Any:
    return allow(action, effect="Deny", **of)


LAYERS = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"
OUR_BUCKETS = allow("s3:*", "arn:aws:s3:::ours-*")
STOPS_LAYERS = (
    '"mine" stops the image layers of ECR: no image could be pulled; allow s3:GetObject on'
    " prod-<region>-starport-layer-bucket to everybody, as the documents in policies/ do, unless"
    " nobody pulls any"
)


@pytest.mark.parametrize(
    ("statements", "stopped"),
    [
        ([allow("*")], False),
        ([allow(["s3:Get*", "s3:List*"])], False),
        ([OUR_BUCKETS, allow("s3:GetObject", LAYERS)], False),
        (
            [OUR_BUCKETS, allow("s3:GetObject", "arn:aws:s3:::prod-*-starport-layer-bucket/*")],
            False,
        ),
        ([allow("*", condition=["SourceVpc"])], False),
        ([allow("*", condition=["ResourceOrgID"], operator="StringEqualsIfExists")], False),
        ([allow("*"), deny("s3:GetObject", condition=["PrincipalOrgID"])], False),
        ([OUR_BUCKETS], True),
        ([OUR_BUCKETS, allow("s3:GetObject", LAYERS.replace("us-east-1", "eu-west-1"))], True),
        ([allow("dynamodb:*")], True),
        ([allow("*", condition=["PrincipalOrgID"])], True),
        ([allow("*", condition=["SourceVpc", "ResourceAccount"])], True),
        ([allow("*"), deny("S3:getobject")], True),
    ],
)
def test_a_gateway_endpoints_policy_that_stops_image_layers(
    statements: list[Any], stopped: bool
) -> None:
    Path("d.json").write_text(json.dumps({"Statement": statements}))
    text = "gateway_endpoints:\n  policy: mine\nendpoint_policies: {mine: d.json}\n"
    assert warnings(text) == ([f"p.yaml:2: warning: {STOPS_LAYERS}"] if stopped else [])
    only = text.replace("policy: mine\n", "policy: mine\n  services: [dynamodb]\n")
    assert warnings(only) == []


def test_layers_of_whichever_region_count_where_nobody_says_which_it_is() -> None:
    elsewhere = allow("s3:GetObject", LAYERS.replace("us-east-1", "eu-west-1"))
    Path("d.json").write_text(json.dumps({"Statement": [OUR_BUCKETS, elsewhere]}))
    text = "gateway_endpoints: {policy: mine}\nendpoint_policies: {mine: d.json}\n"
    assert warnings(text, Where()) == []


CALLS = {
    "ssm": "ssm:UpdateInstanceInformation",
    "ssmmessages": "ssmmessages:CreateControlChannel",
    "ec2messages": "ec2messages:GetMessages",
    "ecr.api": "ecr:GetAuthorizationToken",
}


@pytest.mark.parametrize(
    ("statements", "services", "stopped"),
    [
        ([allow("*")], "ssm, ec2messages, ecr.api", []),
        ([allow(["ssm:*", "ec2messages:*", "ssmmessages:*"])], ", ".join(CALLS), ["ecr.api"]),
        ([allow("ssm:*")], "com.amazonaws.us-east-1.ssm, ec2messages, logs", ["ec2messages"]),
        ([allow("*", condition=["ResourceOrgID"])], ", ".join(CALLS), [*CALLS][1:]),
        ([allow("*", condition=["PrincipalOrgID"])], ", ".join(CALLS), []),
        ([allow("*"), deny("ssm:*")], "ssm, kms", ["ssm"]),
        ([allow("kms:*")], "kms, logs", []),
    ],
)
def test_a_policy_that_stops_what_agents_and_pulls_begin_with(
    statements: list[Any], services: str, stopped: list[str]
) -> None:
    Path("d.json").write_text(json.dumps({"Statement": statements}))
    text = (
        profiles(("a", "n: p", services)) + "    policy: mine\nendpoint_policies: {mine: d.json}\n"
    )
    calls = ", ".join(CALLS[each] for each in stopped)
    said = (
        f'p.yaml:5: warning: "mine" stops what {", ".join(stopped)} cannot do without: {calls};'
        " give these services a profile with a document of their own"
    )
    assert warnings(text) == ([said] if stopped else [])


@pytest.mark.parametrize("user", ["gateway", "profile"])
def test_a_document_that_only_denies(user: str) -> None:
    Path("d.json").write_text(json.dumps({"Statement": deny("s3:DeleteBucket")}))
    gateway = "gateway_endpoints: {policy: mine, services: [dynamodb]}\n"
    profile = profiles(("a", "n: p", "kms")) + "    policy: mine\n"
    text = (gateway if user == "gateway" else profile) + "endpoint_policies: {mine: d.json}\n"
    assert warnings(text) == [
        "d.json:1: warning: the document only denies: nothing gets through an endpoint that bears"
        ' it; add a statement with "Effect": "Allow" for the rest'
    ]


@pytest.mark.parametrize("path", ["autopilot.yaml", "demo/policy/autopilot.yaml"])
def test_what_we_ship_warns_of_nothing(path: str) -> None:
    assert load(ROOT / path, HERE).warnings == ()


@pytest.mark.parametrize("name", ["org-only", "account-only"])
def test_the_shipped_documents_let_image_layers_through(name: str) -> None:
    text = (ROOT / "policies" / f"{name}.json").read_text()
    for placeholder, value in (("organization-id", "o-a1b2c3d4e5"), ("account-id", "1" * 12)):
        text = text.replace(f"<{placeholder}>", value)
    Path("d.json").write_text(text.replace("<region>", "us-east-1"))
    used = "gateway_endpoints: {policy: mine}\nendpoint_policies: {mine: d.json}\n"
    assert warnings(used) == []
