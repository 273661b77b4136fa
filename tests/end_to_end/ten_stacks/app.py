"""Ten stacks, each with a VPC and its own gateway endpoint for S3, as the CDK makes them."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
for number in range(10):
    stack = cdk.Stack(app, f"Network{number}")
    ec2.Vpc(
        stack,
        "Vpc",
        ip_addresses=ec2.IpAddresses.cidr(f"10.{100 + number}.0.0/16"),
        max_azs=2,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="inner", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        ],
        gateway_endpoints={
            "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)
        },
    )
app.synth()
