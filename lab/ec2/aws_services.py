"""AWS's own services behind interface endpoints: names, Regions, zones and what they take."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

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
#: Services that do not stand in every zone: how many zones of a large Region they lack. Public
#: build logs show comprehend, cognito-idp and email-smtp refused in some zones of us-east-1; which
#: zones these are is invented.
_LACKING = {"cognito-idp": 2, "comprehend": 1, "email-smtp": 1, "transfer": 1}
#: Where in the order of zone ids the zones are that they lack, first to last.
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
_HOMES = {"cn": "cn-north-1", "us-gov": "us-gov-west-1"}
#: Services that can be asked from other Regions (PrivateLink guide, "Cross-Region enabled AWS
#: services"; that these are among them: AWS's announcement, that no others are: invented).
_REMOTE = frozenset({"ecr.api", "ecr.dkr", "iam", "lambda", "route53", "s3"})


@dataclass(frozen=True)
class AwsService:
    """A service of AWS in a Region. `private_names` are empty where it offers none.

    `remote`: whether it can be asked from other Regions.
    """

    short: str
    region: str
    zone_ids: tuple[str, ...]
    policy: bool
    private_names: tuple[str, ...]
    remote: bool = False

    @property
    def name(self) -> str:
        """The endpoint service's name."""
        if self.short in _GLOBAL:
            return f"com.amazonaws.{self.short}"
        return f"com.amazonaws.{self.region}.{self.short}"

    @property
    def dns_suffix(self) -> str:
        """What the names of its endpoints end with."""
        return f"{self.short}.{self.region}.vpce.amazonaws.com"


def offered(region: str, service_region: str) -> dict[str, AwsService]:
    """AWS's interface services of `service_region` that can be asked from `region`, by name."""
    found = interface_services(service_region)
    if service_region == region:
        return found
    if _partition(region) != _partition(service_region):
        return {}
    return {name: service for name, service in found.items() if service.remote}


@cache
def interface_services(region: str) -> dict[str, AwsService]:
    """AWS's interface services of a Region, by name."""
    special = {*_LACKING, *_PRIVATE_NAMES, *_WITHOUT_POLICY}
    home = _HOMES.get(_partition(region), "us-east-1") == region
    everywhere = _GLOBAL if home else _EVERYWHERE
    shorts = sorted({*_PLAIN.split(), *BOTH, *special, *everywhere})
    made = (_service(short, region) for short in shorts)
    return {service.name: service for service in made}


def _partition(region: str) -> str:
    return next((each for each in _HOMES if region.startswith(f"{each}-")), "")


def _service(short: str, region: str) -> AwsService:
    ids = sorted(str(zone.zone_id) for zone in zones("", region))
    gone = {ids[place] for place in _LACKED[: _LACKING.get(short, 0)] if len(ids) > 3}
    return AwsService(
        short=short,
        region=region,
        zone_ids=tuple(each for each in ids if each not in gone),
        policy=short not in _WITHOUT_POLICY,
        private_names=_private_names(short, region),
        remote=short in _REMOTE,
    )


def _private_names(short: str, region: str) -> tuple[str, ...]:
    """DynamoDB's interface has none ("does not provide a private DNS name", public build logs)."""
    if short in _GLOBAL:
        return _GLOBAL[short]
    names = () if short == "dynamodb" else _PRIVATE_NAMES.get(short, (short,))
    return tuple(f"{name}.{region}.amazonaws.com" for name in names)
