"""What the policy file says of interface endpoints: what it means, every mistake's line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from autopilot.policy.model import IdlePolicy, InterfaceProfile, Policy
from autopilot.reconcile.codec import decode, encode

from infra.policy.aws_services import IN_FULL, KNOWN
from infra.policy.where import Where
from infra.policy_file import PolicyMistakes, load
from lab.ec2.aws_services import interface_services


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str, region: str | None = None) -> Policy:
    Path("p.yaml").write_text(text)
    return load("p.yaml", Where(region=region)).policy


def mistakes(text: str, region: str | None = None) -> list[str]:
    with pytest.raises(PolicyMistakes) as raised:
        read(text, region)
    return str(raised.value).splitlines()


WHOLE = """
interface_endpoints:
  - name: workloads
    vpcs: {tags: {network: private}}
    subnets: {tags: {Name: "private-*"}}
    services: [logs, ecr.api, com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0]
    private_dns: false
    private_dns_only_for_inbound_resolver_endpoint: false
    ip_address_type: dualstack
    policy: org
    allow_from: [10.0.0.0/8, "fd00::/8"]
    ports: [443, 5432]
  - name: all
    vpcs: {tags: {Name: "*"}}
    services: [ssm]
    allow_from: vpc
retire: now
idle: {after: 60 days, keep_tags: {keep: "*"}}
endpoint_policies: {org: org.json}
"""


def test_a_whole_file() -> None:
    document = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    Path("org.json").write_text(json.dumps({"Statement": [document]}))
    found = read(WHOLE)
    own = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"
    assert found.interface_endpoints == (
        InterfaceProfile(
            "workloads",
            ("logs", "ecr.api", own),
            {"network": "private"},
            {"Name": "private-*"},
            private_dns=False,
            endpoint_policy="org",
            allow_from=("10.0.0.0/8", "fd00::/8"),
            ports=(443, 5432),
            inbound_only=False,
            ip_address_type="dualstack",
        ),
        InterfaceProfile("all", ("ssm",), {"Name": "*"}),
    )
    assert (found.retire_interfaces, found.idle) == ("now", IdlePolicy(60, 7, {"keep": "*"}))
    assert decode(Policy, json.loads(json.dumps(encode(found)))) == found


def test_idle_endpoints_go_by_these_words() -> None:
    found = read("retire: idle\nidle: {wait: 1 day}")
    assert (found.retire_interfaces, found.idle) == ("idle", IdlePolicy(30, 1))


def test_nothing_is_made_by_default() -> None:
    found = read("{}")
    assert (found.interface_endpoints, found.retire_interfaces) == ((), "report")


def profile(**changes: str) -> str:
    given = {"name": "a", "vpcs": "{tags: {n: p}}", "services": "[logs]", **changes}
    lines = [f"{key}: {value}" for key, value in given.items() if value]
    return "interface_endpoints:\n  - " + "\n    ".join(lines) + "\n"


def test_the_whole_internet_is_let_in_where_it_is_written_in_full() -> None:
    (found,) = read(profile(allow_from='["0.0.0.0/0", "::/0"]')).interface_endpoints
    assert found.allow_from == ("0.0.0.0/0", "::/0")


IN = "a profile of interface_endpoints"
BLOCKS = "write `vpc`, or blocks such as [10.0.0.0/8]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (profile(name=""), "2: a profile has no name; write name: workloads"),
        (profile(services=""), "2: a profile has no services; write services: [logs]"),
        (profile(services="[]"), "4: a profile has no services; write services: [logs]"),
        (
            profile(services="[Logs]"),
            f'4: an entry of services in {IN} is "Logs", which is no service; write short names'
            " such as logs or ecr.api, full ones (com.amazonaws.vpce.…), or {name: s3, region:"
            " us-west-2}",
        ),
        (
            profile(vpcs=""),
            f"2: vpcs in {IN} has no tags; write vpcs: {{tags: {{network: private}}}}, or"
            ' tags: {Name: "*"} for all with a Name',
        ),
        (
            profile(policy="nobody"),
            '5: "nobody" is no endpoint policy; name an entry of endpoint_policies (none there)',
        ),
        (
            profile(private_dns="maybe"),
            f'5: private_dns in {IN} is "maybe"; write true or false',
        ),
        (
            profile(allow_from="[0.0.0.0]"),
            f'5: an entry of allow_from in {IN} is "0.0.0.0"; AWS writes it 0.0.0.0/32; {BLOCKS}',
        ),
        (
            profile(allow_from="[10.0.0.1/8]"),
            f'5: an entry of allow_from in {IN} is "10.0.0.1/8", which is no CIDR block: 10.0.0.1/8'
            f" has host bits set; {BLOCKS}",
        ),
        (
            profile(allow_from="[]"),
            f"5: allow_from is empty: nobody could reach the endpoints; {BLOCKS}",
        ),
        (
            profile(allow_from="everybody"),
            f'5: allow_from in {IN} is "everybody"; make it a list; {BLOCKS}',
        ),
        (
            profile(ports="[443, 70000]"),
            f'5: an entry of ports in {IN} is "70000"; write ports from 1 to 65535, such as [443]',
        ),
        (
            profile(service="logs"),
            f'5: "service" is no key of {IN}; did you mean services? {IN} takes name, vpcs,'
            " subnets, services, private_dns, private_dns_only_for_inbound_resolver_endpoint,"
            " ip_address_type,"
            " policy, allow_from or ports",
        ),
        (
            profile() + profile().split("\n", 1)[1],
            '5: "a" is the name of two profiles; give each its own: it names their security groups',
        ),
        (
            "idle: {after: 6 days}\n",
            '1: idle.after is "6 days"; write "N days", from 7 to 450',
        ),
        ("idle: {after: a month}\n", '1: idle.after is "a month"; write "N days", from 7 to 450'),
        (
            "retire: idle\nidle:\n  wait: 0 days\n",
            '3: idle.wait is "0 days"; write "N days", from 1 to 90',
        ),
        (
            "retire: idle\nidle: {tags: {keep: yes}}\n",
            '2: "tags" is no key of idle; it belongs under gateway_endpoints.grace',
        ),
        ("retire: later\n", '1: retire is "later"; write report, now or idle'),
        (
            "interface_endpoints: logs\n",
            '1: interface_endpoints is "logs"; make it a list; write [{name: workloads, vpcs:'
            " {tags: {network: private}}, services: [logs]}]",
        ),
    ],
)
def test_mistake(text: str, said: str) -> None:
    assert mistakes(text) == [f"p.yaml:{said}"]


FAR = "com.amazonaws.us-west-2.s3"
OWN = "com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0"


@pytest.mark.parametrize(
    ("written", "name", "regions"),
    [
        ("{name: s3, region: us-west-2}", FAR, {}),
        (f"{{name: {FAR}, region: us-west-2}}", FAR, {}),
        (f"{{name: {OWN}, region: us-west-2}}", OWN, {}),
        (OWN, OWN, {}),  # the name says it, and nobody writes such a name by mistake
        ("iam", "iam", {}),
        ("com.amazonaws.iam", "com.amazonaws.iam", {}),
        ("{name: iam, region: us-west-2}", "iam", {"iam": "us-west-2"}),
        (
            "{name: com.amazonaws.newest, region: us-west-2}",
            "com.amazonaws.newest",
            {"com.amazonaws.newest": "us-west-2"},
        ),
        ("com.amazonaws.us-east-1.newest", "com.amazonaws.us-east-1.newest", {}),
        ("aws.sagemaker.us-east-1.notebook", "aws.sagemaker.us-east-1.notebook", {}),
    ],
)
def test_a_service_of_another_region(written: str, name: str, regions: dict[str, str]) -> None:
    found = read(profile(services=f"[{written}]"), "us-east-1")
    (made,) = found.interface_endpoints
    assert (made.services, made.service_regions) == ((name,), regions)
    assert decode(Policy, json.loads(json.dumps(encode(found)))) == found


FULL = "or, if AWS has it, its full name (com.amazonaws.<region>.…)"


@pytest.mark.parametrize(
    ("written", "region", "said"),
    [
        (
            FAR,
            "us-east-1",
            f"{FAR} is a service of us-west-2, and this is deployed into us-east-1; write its short"
            f" name, or {{name: {FAR}, region: us-west-2}} if you mean it",
        ),
        (
            "aws.sagemaker.us-west-2.notebook",
            "us-east-1",
            "aws.sagemaker.us-west-2.notebook is a service of us-west-2, and this is deployed into"
            " us-east-1; write its short name, or {name: aws.sagemaker.us-west-2.notebook, region:"
            " us-west-2} if you mean it",
        ),
        (
            f"{{name: {FAR}, region: eu-west-1}}",
            None,
            f"{FAR} is a service of us-west-2, not of eu-west-1; let the two agree",
        ),
        (
            "{name: s3, region: cn-north-1}",
            "us-east-1",
            "cn-north-1 is in another partition than us-east-1; PrivateLink reaches no further:"
            " drop the service",
        ),
        (
            "{name: ecr.api, region: cn-northwest-1}",
            "cn-north-1",
            "the names of some services begin otherwise in cn-northwest-1; write the full one,"
            " cn.com.amazonaws.cn-northwest-1.ecr.api or com.amazonaws.cn-northwest-1.ecr.api",
        ),
        (
            "{name: s3}",
            None,
            "a service of a profile has no region; write us-west-2 or the like, or the name alone",
        ),
        ("{name: s3, region: Oregon}", None, "region in a service of a profile is"
         ' "Oregon", which is no Region; write us-west-2 or the like'),
        (
            f"{FAR}, {{name: s3, region: us-west-2}}",
            None,
            f'"{FAR}" stands twice in services in {IN}; keep one of them',
        ),
        ("lgos", None, f'"lgos" is no service that this version knows; did you mean logs? {FULL}'),
        (
            "ecr",
            None,
            '"ecr" is no service that this version knows; did you mean ecr.api or ecr.dkr? ' + FULL,
        ),
        (
            "cloudwatch",
            None,
            '"cloudwatch" is no service that this version knows; did you mean monitoring? ' + FULL,
        ),
        (
            "notebook",
            None,
            '"notebook" is no service that this version knows; did you mean'
            f" aws.sagemaker.<region>.notebook? {FULL}",
        ),
        ("{name: lgos, region: us-west-2}", None,
         f'"lgos" is no service that this version knows; did you mean logs? {FULL}'),
    ],
)  # fmt: skip
def test_mistake_in_a_service(written: str, region: str | None, said: str) -> None:
    assert mistakes(profile(services=f"[{written}]"), region) == [f"p.yaml:4: {said}"]


@pytest.mark.parametrize(
    "name",
    [
        "ec2-fips",
        "secretsmanager-fips",
        "ssmmessages-fips",
        "mediaconvert",
        "health",
        "aiops",
        "cloudfront",
        "cloudtrail-data",
        "bedrock-mantle",
    ],
)
def test_a_service_that_aws_may_have_added_is_no_slip(name: str) -> None:
    """Known to SDKs, the FIPS endpoint of a known one, or a known one's name with more behind."""
    assert read(profile(services=f"[{name}]")).interface_endpoints[0].services == (name,)


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("ssm-messages", "ssmmessages"),
        ("sagemaker-runtime", "sagemaker.runtime"),
        ("sts-fip", "sts-fips"),
        ("bedrock-agents", "bedrock-agent"),
    ],
)
def test_a_slip_of_a_longer_name_is_one(slip: str, right: str) -> None:
    (said,) = mistakes(profile(services=f"[{slip}]"))
    assert f"did you mean {right}?" in said


def test_a_global_service_has_one_region_for_all_profiles() -> None:
    two = profile(services="[{name: iam, region: us-east-1}]")
    two += profile(name="b", services="[iam]").split("\n", 1)[1]
    assert mistakes(two) == [
        "p.yaml:7: iam has two Regions, none or us-east-1; give it the same in every profile"
    ]


def test_a_profiles_name_leaves_room_in_its_security_groups_names() -> None:
    long = "a" * (255 - len("endpoint-autopilot EndpointAutopilot "))
    assert read(profile(name=long)).interface_endpoints[0].name == long
    assert mistakes(profile(name=f"{long}a")) == [
        f"p.yaml:2: name in {IN} has 219 characters, and its security groups' names room for 218;"
        " use small letters, digits and hyphens"
    ]


def test_the_services_that_we_know_are_those_of_cdk() -> None:
    """Services that AWS adds come with a new CDK: then the list in the code is to be renewed."""
    from aws_cdk.aws_ec2 import InterfaceVpcEndpointAwsService as OfCdk

    names = [name for name in dir(OfCdk) if name[0].isupper()]
    shorts = {getattr(OfCdk, name).short_name for name in names}
    assert len(shorts) > 300
    assert shorts == (KNOWN - {"route53"}) | IN_FULL.keys()


def test_the_labs_services_are_among_them() -> None:
    shorts = {each.short for each in interface_services("us-east-1").values()}
    assert shorts <= KNOWN | IN_FULL.keys()
