"""`PublishedService`: an endpoint service for those who declare theirs in a CDK app of their own.

It needs nothing else of this repository, and no lookup: it may be copied, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import jsii
from aws_cdk import IStableListProducer, Lazy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from constructs import Construct

# What the automation wants to hear; Accept and Reject are the provider's own calls.
EVENTS = ("Connect", "Delete")


class PublishedService(Construct):
    """An internal network load balancer behind an endpoint service that requires acceptance.

    `load_balancer` takes listeners; `service` tells its id and, as `vpc_endpoint_service_name`, the
    name that consumers make their endpoints for.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc,
        subnets: ec2.SubnetSelection | Mapping[str, str] | None = None,
        allowed_principals: Sequence[str] = (),
        supported_regions: Sequence[str] = (),
        notification_topic_arn: str | None = None,
    ) -> None:
        """Stand in those `subnets` of `vpc` that bear all of the tags, one a zone.

        Tags find subnets that the same app declares; of an imported VPC take a selection (None: the
        private ones). `allowed_principals`: who may ask, as ARNs. `notification_topic_arn`: whom
        AWS tells of requests. Raises ValueError at synth if no subnet bears the tags.
        """
        super().__init__(scope, id)
        self.load_balancer = self._balance(vpc, subnets)
        self.service = ec2.VpcEndpointService(
            self,
            "Service",
            vpc_endpoint_service_load_balancers=[self.load_balancer],
            acceptance_required=True,
            allowed_principals=[*map(iam.ArnPrincipal, allowed_principals)],
            allowed_regions=list(supported_regions) or None,
        )
        if notification_topic_arn:
            self._notify(notification_topic_arn)

    def _balance(
        self, vpc: ec2.IVpc, subnets: ec2.SubnetSelection | Mapping[str, str] | None
    ) -> elbv2.NetworkLoadBalancer:
        tags = subnets if isinstance(subnets, Mapping) else None
        balancer = elbv2.NetworkLoadBalancer(
            self,
            "LoadBalancer",
            vpc=vpc,
            vpc_subnets=None if isinstance(subnets, Mapping) else subnets,
            internet_facing=False,
            # A group would have to let in PrivateLink's traffic, whose addresses nobody knows
            # beforehand. The permission list and acceptance say who gets in.
            disable_security_groups=True,
        )
        if tags is not None:
            cfn = cast(elbv2.CfnLoadBalancer, balancer.node.default_child)
            cfn.subnets = Lazy.list(_Tagged(vpc, tags))
        return balancer

    def _notify(self, topic_arn: str) -> None:
        ec2.CfnVPCEndpointConnectionNotification(
            self,
            "Notification",
            connection_events=list(EVENTS),
            connection_notification_arn=topic_arn,
            service_id=self.service.vpc_endpoint_service_id,
        )


@jsii.implements(IStableListProducer)
class _Tagged:
    """Finds subnets once the app is complete: tags are put on resources at the very end."""

    def __init__(self, vpc: ec2.IVpc, tags: Mapping[str, str]) -> None:
        self._vpc, self._tags = vpc, tags

    def produce(self) -> list[str]:
        """The ids of the tagged subnets, the first in each zone. Raises ValueError for none."""
        found: dict[str, str] = {}
        for subnet in self._subnets():
            if self._bears_all(subnet):
                found.setdefault(subnet.availability_zone, subnet.subnet_id)
        if not found:
            raise ValueError(
                f"no subnet of {self._vpc.node.path} that this app declares bears {self._tags}"
            )
        return list(found.values())

    def _subnets(self) -> list[ec2.ISubnet]:
        vpc = self._vpc
        return [*vpc.private_subnets, *vpc.isolated_subnets, *vpc.public_subnets]

    def _bears_all(self, subnet: ec2.ISubnet) -> bool:
        cfn: Any = subnet.node.default_child
        borne = cfn.tags.tag_values() if isinstance(cfn, ec2.CfnSubnet) else {}
        return all(borne.get(key) == value for key, value in self._tags.items())
