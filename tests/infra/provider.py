"""Somebody's own stack that publishes a service."""

from __future__ import annotations

from typing import Any

from aws_cdk import App, Stack, Tags, aws_ec2

from infra.endpoint_service import PublishedService
from tests.lab.ec2.sdk import OTHER

ROOT = f"arn:aws:iam::{OTHER}:root"
TIER = {"tier": "services"}


class Provider(Stack):
    """Somebody's own stack: three subnets in two zones, two of them for services."""

    def __init__(self, **service: Any) -> None:
        super().__init__(App(), "Provider")
        self.vpc = aws_ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=0,
            subnet_configuration=[
                aws_ec2.SubnetConfiguration(
                    name=name, subnet_type=aws_ec2.SubnetType.PRIVATE_ISOLATED
                )
                for name in ("apps", "services")
            ],
        )
        for subnet in self.vpc.select_subnets(subnet_group_name="services").subnets:
            Tags.of(subnet).add("tier", "services")
        self.published = PublishedService(self, "Orders", vpc=self.vpc, **service)
