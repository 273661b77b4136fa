"""Every refusal has a name, and the names are what state machines match."""

from __future__ import annotations

import inspect

import pytest
from autopilot.aws import errors
from autopilot.aws.errors import AwsError, aws_errors
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

ROUTE = "route table rtb-1 already has a route with destination-prefix-list-id pl-63a5400a"
CODES = [
    ("RequestLimitExceeded", "Request limit exceeded.", "Throttled"),
    ("Throttling", "Rate exceeded", "Throttled"),
    ("ThrottlingException", "Rate exceeded", "Throttled"),
    ("ThrottledException", "Rate exceeded", "Throttled"),
    ("TooManyRequestsException", "", "Throttled"),
    ("SlowDown", "", "Throttled"),
    ("EC2ThrottledException", "", "Throttled"),
    ("ProvisionedThroughputExceededException", "", "Throttled"),
    ("InternalError", "An internal error has occurred", "ServiceUnavailable"),
    ("Unavailable", "The service is unavailable.", "ServiceUnavailable"),
    ("ServiceUnavailable", "", "ServiceUnavailable"),
    ("RequestTimeout", "", "ServiceUnavailable"),
    ("OperationInProgress", "VpcEndpoint modify operation in progress", "OperationInProgress"),
    (
        "InvalidParameter",
        "Cannot modify VPC Endpoint vpce-1 at this time because there is an idempotent operation "
        "going on",
        "OperationInProgress",
    ),
    ("IncorrectState", "", "OperationInProgress"),
    ("InvalidState", "", "OperationInProgress"),
    ("UnauthorizedOperation", "You are not authorized", "AccessDenied"),
    ("AccessDenied", "", "AccessDenied"),
    ("AccessDeniedException", "", "AccessDenied"),
    ("AuthFailure", "", "AccessDenied"),
    ("KMSAccessDenied", "", "AccessDenied"),
    ("KMSAccessDeniedException", "", "AccessDenied"),
    ("VpcEndpointLimitExceeded", "The maximum number of VPC endpoints", "QuotaExceeded"),
    ("ServiceQuotaExceededException", "", "QuotaExceeded"),
    ("InvalidPolicyDocument", "", "PolicyRejected"),
    ("MalformedPolicyDocument", "", "PolicyRejected"),
    ("InvalidParameter", "Policy document is not valid", "PolicyRejected"),
    ("InvalidPrincipal", "Invalid Principal: 'x'", "PrincipalRejected"),
    ("ExistingVpcEndpointConnections", "Service has existing ones", "StillConnected"),
    ("LoadBalancerNotFound", "One or more load balancers not found", "NotFound"),
    ("InvalidServiceName", "The Vpc Endpoint Service 'x' does not exist", "ServiceNotOffered"),
    ("RouteAlreadyExists", ROUTE, "RouteAlreadyExists"),
    ("InvalidParameter", ROUTE, "RouteAlreadyExists"),
    (
        "InvalidParameter",
        "Only the following availability zones are supported for remote access: use1-az1",
        "ZoneNotRemote",
    ),
    ("InvalidParameter", "Something else", "RefusedByAws"),
    ("InvalidVpcEndpointId.NotFound", "", "NotFound"),
    ("InvalidVpcEndpoint.NotFound", "", "NotFound"),
    ("InvalidVpcID.NotFound", "", "NotFound"),
    ("InvalidRouteTableID.NotFound", "", "NotFound"),
    ("NoSuchResourceException", "", "NotFound"),
    ("IdempotentParameterMismatch", "", "ParameterMismatch"),
    ("ExecutionAlreadyExists", "", "AlreadyExists"),
    ("ConditionalCheckFailedException", "", "ConditionFailed"),
    ("AccountNotFoundException", "", "NotFound"),
    ("ChildNotFoundException", "", "NotFound"),
    ("TaskTimedOut", "", "NotFound"),
    ("TaskDoesNotExist", "", "NotFound"),
    ("DependencyViolation", "", "InUse"),
    ("InvalidVpcState", "", "RefusedByAws"),
    ("DuplicateSubnetsInSameZone", "", "ZoneTaken"),
    ("InvalidGroup.Duplicate", "", "AlreadyExists"),
    ("InvalidPermission.Duplicate", "", "AlreadyExists"),
    ("InvalidPermission.NotFound", "", "NotFound"),
    ("ParameterAlreadyExists", "", "AlreadyExists"),
    ("ParameterNotFound", "", "NotFound"),
    ("InvalidResourceId", "", "NotFound"),
    ("TooManyUpdates", "", "Throttled"),
    (
        "InvalidParameter",
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain",
        "PrivateDnsRefused",
    ),
    (
        "InvalidParameter",
        "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames",
        "PrivateDnsRefused",
    ),
    (
        "InvalidParameter",
        "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC must have a Gateway",
        "PrivateDnsRefused",
    ),
    (
        "InvalidParameter",
        "Gateway endpoint cannot be deleted while Interface endpoint vpce-1 for the service has"
        " PrivateDnsOnlyForInboundResolverEndpoint set to true.",
        "StillReliedOn",
    ),
    ("", "", "RefusedByAws"),
]


def refusal(code: str, words: str, status: int = 400) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": words},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "RequestId": "r",
                "HostId": "",
                "HTTPHeaders": {},
                "RetryAttempts": 0,
            },
        },
        "CreateVpcEndpoint",
    )


@pytest.mark.parametrize(("code", "words", "name"), CODES)
def test_names_what_aws_answers(code: str, words: str, name: str) -> None:
    with pytest.raises(AwsError) as caught, aws_errors("ec2", "CreateVpcEndpoint"):
        raise refusal(code, words)

    assert type(caught.value).__name__ == name
    assert str(caught.value) == f"ec2:CreateVpcEndpoint: {code}: {words}"
    assert isinstance(caught.value.__cause__, ClientError)


def test_an_unknown_code_with_a_server_status_is_worth_a_retry() -> None:
    with pytest.raises(errors.ServiceUnavailable), aws_errors("ec2", "CreateVpcEndpoint"):
        raise refusal("BrandNew", "", status=503)


def test_a_known_code_counts_more_than_the_status() -> None:
    with pytest.raises(errors.Throttled), aws_errors("ec2", "DescribeVpcs"):
        raise refusal("RequestLimitExceeded", "", status=503)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ConnectTimeoutError(endpoint_url="https://ec2"), "ServiceUnavailable"),
        (ReadTimeoutError(endpoint_url="https://ec2"), "ServiceUnavailable"),
        (EndpointConnectionError(endpoint_url="https://ec2"), "ServiceUnavailable"),
        (ConnectionClosedError(endpoint_url="https://ec2"), "ServiceUnavailable"),
        (ResponseParserError("garbage"), "ServiceUnavailable"),
        (NoCredentialsError(), "RefusedByAws"),
        (ParamValidationError(report="VpcId is missing"), "RefusedByAws"),
        (BotoCoreError(), "RefusedByAws"),
    ],
)
def test_names_what_never_was_answered(error: Exception, name: str) -> None:
    with pytest.raises(AwsError) as caught, aws_errors("ec2", "CreateVpcEndpoint"):
        raise error

    assert type(caught.value).__name__ == name
    assert str(caught.value).startswith("ec2:CreateVpcEndpoint: ")


def test_lets_our_own_mistakes_through() -> None:
    with pytest.raises(KeyError), aws_errors("ec2", "CreateVpcEndpoint"):
        raise KeyError("VpcEndpoint")


def test_leaves_out_what_only_a_machine_can_read() -> None:
    words = "You are not authorized. Encoded authorization failure message: 4Gvd" + "x" * 900

    with pytest.raises(errors.AccessDenied) as caught, aws_errors("ec2", "CreateVpcEndpoint"):
        raise refusal("UnauthorizedOperation", words)

    assert str(caught.value).endswith("UnauthorizedOperation: You are not authorized.")


def test_keeps_messages_short_enough_for_hundreds_of_them() -> None:
    with pytest.raises(AwsError) as caught, aws_errors("ec2", "CreateVpcEndpoint"):
        raise refusal("InvalidParameter", "x" * 5000)

    assert len(str(caught.value)) < 600


def test_the_names_are_these() -> None:
    named = {
        name
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, AwsError) and kind is not AwsError
    }

    assert named == {
        "AccessDenied",
        "AlreadyExists",
        "ConditionFailed",
        "HoldUnknown",
        "InUse",
        "NoLongerWanted",
        "NotFound",
        "NotOurs",
        "NotSettledYet",
        "NotVisibleYet",
        "OperationInProgress",
        "ParameterMismatch",
        "PolicyRejected",
        "PrincipalRejected",
        "PrivateDnsRefused",
        "QuotaExceeded",
        "RefusedByAws",
        "RouteAlreadyExists",
        "ServiceNotOffered",
        "ServiceUnavailable",
        "StillConnected",
        "StillReliedOn",
        "StillServing",
        "Throttled",
        "ZoneNotRemote",
        "ZoneTaken",
    }


def test_each_name_says_when_it_is_raised() -> None:
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, AwsError) and kind is not AwsError:
            assert (kind.__doc__ or "").startswith("Raised ")
