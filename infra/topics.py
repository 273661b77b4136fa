"""The topics, encrypted: one for what ops hear, one for what PrivateLink tells us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.grants import Grant, may

ENCRYPTING: Mapping[str, str] = {"Alarms": "cloudwatch", "EndpointServices": "vpce"}
USE_KEY = ["kms:Decrypt", "kms:GenerateDataKey"]


class OpsTopic(Construct):
    """`topic`, its `key`, and the operator's addresses as subscribers."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        emails: Sequence[str],
        owners: Mapping[str, Sequence[str]] | None = None,
        encrypting: Mapping[str, str] = ENCRYPTING,
    ) -> None:
        """`owners`: by address the owners of which it hears, and of nothing else. `encrypting`: the
        services that publish under its key, by what they are called there."""
        super().__init__(scope, id)
        self._encrypting = encrypting
        self._asks_who_listens = bool(owners)
        self.key = self._make_key()
        self.topic = sns.Topic(
            self,
            "Topic",
            display_name="Endpoint Autopilot",
            master_key=self.key,
            enforce_ssl=True,
        )
        self._let_alarms_publish()
        for email in emails:
            self.topic.add_subscription(subscriptions.EmailSubscription(email))
        self._subscribe_owners(owners or {})

    def _let_alarms_publish(self) -> None:
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsMayPublish",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )

    def _subscribe_owners(self, owners: Mapping[str, Sequence[str]]) -> None:
        for email, names in owners.items():
            theirs = sns.SubscriptionFilter.string_filter(allowlist=[*names])
            self.topic.add_subscription(
                subscriptions.EmailSubscription(email, filter_policy={"owner": theirs})
            )

    def _make_key(self) -> kms.Key:
        key = kms.Key(
            self,
            "Key",
            description="Encrypts the messages of Endpoint Autopilot's topics",
            # Nothing is stored under it: SNS holds a message only until it is delivered. So the
            # longest that KMS takes is often enough, and each of the first two rotations adds a
            # dollar a month to the key's price.
            enable_key_rotation=True,
            rotation_period=Duration.days(2560),
            removal_policy=RemovalPolicy.DESTROY,
            pending_window=Duration.days(7),
        )
        # SNS's own key (alias/aws/sns) can't be used by other services. No condition on the source:
        # AWS documents none for these services and keys, and one that can't publish is silent. Who
        # may publish is for the topics' policies.
        for sid, service in self._encrypting.items():
            key.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=f"{sid}MayEncrypt",
                    principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                    actions=USE_KEY,
                    resources=["*"],
                )
            )
        return key

    @property
    def sending(self) -> tuple[Grant, ...]:
        """Publish."""
        return (may("sns:Publish", on=self.topic.topic_arn), may(*USE_KEY, on=self.key.key_arn))

    @property
    def publishing(self) -> tuple[Grant, ...]:
        """Publish, and see who listens."""
        # Who hears only of an owner's is no listener for the rest.
        more = ["sns:ListSubscriptionsByTopic"] if self._asks_who_listens else []
        return (
            may("sns:Publish", "sns:GetTopicAttributes", *more, on=self.topic.topic_arn),
            may(*USE_KEY, on=self.key.key_arn),
        )


class ConnectionTopic(Construct):
    """`topic`: where PrivateLink tells of connections to the account's endpoint services."""

    def __init__(self, scope: Construct, id: str, *, key: kms.IKey) -> None:
        super().__init__(scope, id)
        self.topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        services = f"arn:{Aws.PARTITION}:ec2:{Aws.REGION}:{Aws.ACCOUNT_ID}:vpc-endpoint-service/*"
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="EndpointServicesMayPublish",
                principals=[iam.ServicePrincipal("vpce.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={
                    "ArnLike": {"aws:SourceArn": services},
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                },
            )
        )

    def feeds(self, function: lambda_.IFunction, undelivered: sqs.IQueue) -> None:
        """Send what comes to a function; what it can't be given goes to a queue."""
        self.topic.add_subscription(
            subscriptions.LambdaSubscription(function, dead_letter_queue=undelivered)
        )
