"""The ops topic: encrypted, and open to whoever may tell ops something."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

USE_KEY = ["kms:Decrypt", "kms:GenerateDataKey"]


class OpsTopic(Construct):
    """`topic`, its `key`, and the operator's addresses as subscribers."""

    def __init__(self, scope: Construct, id: str, *, emails: Sequence[str]) -> None:
        super().__init__(scope, id)
        self.key = self._make_key()
        self.topic = sns.Topic(
            self,
            "Topic",
            display_name="Endpoint Autopilot",
            master_key=self.key,
            enforce_ssl=True,
        )
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsMayPublish",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
        for email in emails:
            self.topic.add_subscription(subscriptions.EmailSubscription(email))

    def _make_key(self) -> kms.Key:
        key = kms.Key(
            self,
            "Key",
            description="Encrypts what Endpoint Autopilot tells ops",
            enable_key_rotation=True,
            # Nothing is stored under it: SNS holds a message only until it is delivered.
            removal_policy=RemovalPolicy.DESTROY,
            pending_window=Duration.days(7),
        )
        # SNS's own key (alias/aws/sns) can't be used by alarms. No condition on the source: AWS
        # documents none for alarms and keys, and an alarm that can't publish is silent. Who may
        # publish is for the topic's policy.
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsMayEncrypt",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=USE_KEY,
                resources=["*"],
            )
        )
        return key

    def may_publish(self, role: iam.Role) -> None:
        """Let a role publish."""
        role.add_to_policy(
            iam.PolicyStatement(actions=["sns:Publish"], resources=[self.topic.topic_arn])
        )
        role.add_to_policy(iam.PolicyStatement(actions=USE_KEY, resources=[self.key.key_arn]))
