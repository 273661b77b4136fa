"""AWS's own services behind interface endpoints: names, Regions, zones and what they take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from moto.utilities.utils import get_partition

from .zones import zones

#: Services that come as an interface and as a gateway; both then bear one name
#: (terraform-aws-vpc #642).
BOTH = ("s3", "dynamodb")

_PLAIN = """
access-analyzer acm-pca application-autoscaling athena autoscaling backup batch bedrock-runtime
cloudformation cloudtrail codebuild codecommit config datasync dms ds ec2 ec2messages ecs
ecs-agent ecs-telemetry eks elasticache elasticfilesystem elasticloadbalancing elasticmapreduce
events glue guardduty-data kms lambda logs monitoring rds redshift secretsmanager servicecatalog
sns sqs ssm ssmmessages states sts synthetics xray
"""

#: Names that are not simply <service>.<region>.amazonaws.com (the guides of these services).
_PRIVATE_NAMES = {
    "ecr.api": ("api.ecr",),
    "ecr.dkr": ("dkr.ecr", "*.dkr.ecr"),
    "execute-api": ("*.execute-api",),
    "kinesis-firehose": ("firehose",),
    "kinesis-streams": ("kinesis",),
    "sagemaker.api": ("api.sagemaker",),
    "sagemaker.runtime": ("runtime.sagemaker",),
}
#: Services whose names begin otherwise than most, in every Region: what they begin with, and the
#: private names (SageMaker's guide, and aws-cdk-lib for the names).
_OTHERWISE = {
    "aws.sagemaker": {
        "experiments": ("experiments.sagemaker",),
        "notebook": ("notebook.sagemaker", "*.notebook.sagemaker"),
        "studio": ("studio.sagemaker", "*.studio.sagemaker"),
    },
}
#: Services that bear a prefix of their own in some Regions, as aws-cdk-lib has them
#: (InterfaceVpcEndpointAwsService); the others of these Regions begin with com.amazonaws.
_CHINESE = """
application-autoscaling athena autoscaling backup batch cloudformation dms ec2 ecr.api ecr.dkr eks
elasticache elasticfilesystem execute-api kinesis-streams lambda monitoring rds redshift s3
sagemaker.api sagemaker.runtime servicecatalog sqs states sts synthetics transfer xray
"""
_PREFIXED = {
    "cn-north-1": ("cn.com.amazonaws", frozenset(_CHINESE.split())),
    "cn-northwest-1": ("cn.com.amazonaws", frozenset(_CHINESE.split())),
    "eusc-de-east-1": ("eu.amazonaws", frozenset({"ecr.api", "ecr.dkr", "execute-api"})),
}
#: What DNS names of AWS end with, by partition; everywhere else amazonaws.com.
_SUFFIXES = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}
#: Services that do not stand in every zone: how many zones of a large Region they aren't in. Public
#: build logs show comprehend, cognito-idp and email-smtp refused in some zones of us-east-1; which
#: zones these are is invented.
_LACKING = {"cognito-idp": 2, "comprehend": 1, "email-smtp": 1, "transfer": 1}
#: Where in the order of zone ids the zones are that they aren't in, first to last.
_LACKED = (2, 0)
#: Services that take no endpoint policy (believed for each; that there are such is the guide's).
_WITHOUT_POLICY = frozenset({"email-smtp", "guardduty-data", "transfer"})
#: Services without a Region in their names, and their private names (PrivateLink guide, services).
_GLOBAL = {
    "iam": ("iam.amazonaws.com",),
    "route53": ("route53.amazonaws.com",),
    "s3-global.accesspoint": ("*.accesspoint.s3-global.amazonaws.com",),
}
#: Those of them that stand in each Region; the others stand in one Region of a partition.
_EVERYWHERE = frozenset({"s3-global.accesspoint"})
_HOMES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
#: Services that can be asked from other Regions (PrivateLink guide, "Cross-Region enabled AWS
#: services"; that these are among them: AWS's announcement, that no others are: invented).
_REMOTE = frozenset({"ecr.api", "ecr.dkr", "iam", "lambda", "route53", "s3"})


#: Services that take IPv6 besides (terraform-provider-aws's acceptance tests name s3 and rds,
#: aws-cdk #33493 xray); that others here don't: invented.
_BOTH_FAMILIES = frozenset({"s3", "rds", "xray"})


@dataclass(frozen=True)
class AwsService:
    """A service of AWS in a Region. `private_names` are empty where it offers none.

    `remote`: whether it can be asked from other Regions.
    """

    name: str
    short: str
    region: str
    zone_ids: tuple[str, ...]
    policy: bool
    private_names: tuple[str, ...]
    remote: bool = False
    address_types: tuple[str, ...] = ("ipv4",)

    @property
    def dns_suffix(self) -> str:
        """What the names of its endpoints end with."""
        return f"{self.short}.{self.region}.vpce.{amazon_domain(self.region)}"


def amazon_domain(region: str) -> str:
    """What DNS names of AWS end with in a Region: amazonaws.com, in China amazonaws.com.cn."""
    return _SUFFIXES.get(get_partition(region), "amazonaws.com")


def offered(region: str, service_region: str) -> dict[str, AwsService]:
    """AWS's interface services of `service_region` that can be asked from `region`, by name."""
    found = interface_services(service_region)
    if service_region == region:
        return found
    if get_partition(region) != get_partition(service_region):
        return {}
    return {name: service for name, service in found.items() if service.remote}


@cache
def interface_services(region: str) -> dict[str, AwsService]:
    """AWS's interface services of a Region, by name."""
    special = {*_LACKING, *_PRIVATE_NAMES, *_WITHOUT_POLICY}
    shorts = sorted({*_PLAIN.split(), *BOTH, *special})
    made = [_service(_prefix(short, region), short, region) for short in shorts]
    made += [
        _service(prefix, short, region, names)
        for prefix, services in _OTHERWISE.items()
        for short, names in services.items()
    ]
    at_home = _HOMES.get(get_partition(region)) == region
    made += [_global(short, region) for short in _GLOBAL if at_home or short in _EVERYWHERE]
    return {service.name: service for service in made}


def _prefix(short: str, region: str) -> str:
    prefix, bearers = _PREFIXED.get(region, ("", frozenset()))
    return prefix if short in bearers else "com.amazonaws"


def _global(short: str, region: str) -> AwsService:
    made = _service("com.amazonaws", short, region, ())
    return replace(made, name=f"com.amazonaws.{short}", private_names=_GLOBAL[short])


def _service(
    prefix: str, short: str, region: str, names: tuple[str, ...] | None = None
) -> AwsService:
    ids = sorted(str(zone.zone_id) for zone in zones("", region))
    gone = {ids[place] for place in _LACKED[: _LACKING.get(short, 0)] if len(ids) > 3}
    # DynamoDB's interface has no private name ("does not provide a private DNS name", seen in
    # public build logs).
    if names is None:
        names = () if short == "dynamodb" else _PRIVATE_NAMES.get(short, (short,))
    return AwsService(
        name=f"{prefix}.{region}.{short}",
        short=short,
        region=region,
        zone_ids=tuple(each for each in ids if each not in gone),
        policy=short not in _WITHOUT_POLICY,
        address_types=("ipv4", "ipv6") if short in _BOTH_FAMILIES else ("ipv4",),
        private_names=tuple(f"{name}.{region}.{amazon_domain(region)}" for name in names),
        remote=short in _REMOTE,
    )
