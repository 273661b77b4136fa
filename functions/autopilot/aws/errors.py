"""Errors by name, as the state machines match them, and the only place that knows botocore's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnected
from botocore.parsers import ResponseParserError


class AwsError(Exception):
    """An AWS call didn't do what was asked; the message begins with the action, as IAM names it."""


class Throttled(AwsError):
    """Raised when AWS asks for fewer calls. Retried by the workflow."""


class ServiceUnavailable(AwsError):
    """Raised on AWS's 5xx, a timeout or a broken connection: the call may have worked. Retried."""


class OperationInProgress(AwsError):
    """Raised while another change of the same endpoint is under way. Retried."""


class AccessDenied(AwsError):
    """Raised when the function's role (or a policy above it) doesn't allow the action."""


class QuotaExceeded(AwsError):
    """Raised when the account may not have one more of the thing."""


class PolicyRejected(AwsError):
    """Raised when AWS doesn't take the endpoint policy."""


class PrincipalRejected(AwsError):
    """Raised when AWS doesn't take a principal for a service's permission list."""


class StillConnected(AwsError):
    """Raised when an endpoint service is to go and endpoints are connected to it."""


class ServiceNotOffered(AwsError):
    """Raised when the Region has no gateway endpoint for the service."""


class RouteAlreadyExists(AwsError):
    """Raised when a route table has a route to the service already: somebody was faster."""


class NotFound(AwsError):
    """Raised when the VPC, table or endpoint is gone (or not there yet)."""


class InUse(AwsError):
    """Raised when something still hangs on what is to be deleted. Retried: AWS lets go of an
    endpoint's interfaces some time after the endpoint."""


class ParameterMismatch(AwsError):
    """Raised when a client token was used before with other parameters."""


class AlreadyExists(AwsError):
    """Raised when what is to be made is there under this very name: an execution, a rule."""


class ZoneTaken(AwsError):
    """Raised when an endpoint has a subnet in the zone already: somebody was faster."""


class ZoneNotRemote(AwsError):
    """Raised when a subnet's zone has no access to other Regions; the message lists those with."""


class PrivateDnsRefused(AwsError):
    """Raised when AWS doesn't let an endpoint have private DNS: a conflict, mostly."""


class StillReliedOn(AwsError):
    """Raised when a gateway endpoint is to go to which an interface endpoint leaves the VPC's own
    traffic: AWS keeps it until that one is gone, or its private DNS is for everybody."""


class ConditionFailed(AwsError):
    """Raised when a conditional write found another state than it demands."""


class RefusedByAws(AwsError):
    """Raised on every other refusal: the message holds AWS's code and words."""


class NotOurs(AwsError):
    """Raised when an endpoint to be changed doesn't carry the owner tag (any more)."""


class NoLongerWanted(AwsError):
    """Raised when a look right before the call finds that nothing of a change still stands."""


class StillServing(AwsError):
    """Raised when an endpoint would lose its last subnet, and others may be using it."""


class NotVisibleYet(AwsError):
    """Raised when a look misses what is known to exist. Retried: AWS is eventually consistent."""


class NotSettledYet(AwsError):
    """Raised when a survey doesn't show answers given a moment ago. Retried, like NotVisibleYet."""


class HoldUnknown(AwsError):
    """Raised when somebody answers a hold that isn't there: never was, or is over."""


# Each error's codes, of whichever service.
_CODES: Mapping[type[AwsError], str] = {
    Throttled: (
        "RequestLimitExceeded TooManyRequests TooManyRequestsException TooManyUpdates "
        "SlowDown PriorRequestNotComplete EC2ThrottledException RequestThrottled "
        "RequestThrottledException ProvisionedThroughputExceededException"
    ),
    ServiceUnavailable: (
        "InternalError InternalFailure InternalServerError ServiceUnavailable "
        "ServiceUnavailableException ServiceException Unavailable RequestTimeout "
        "RequestTimeoutException"
    ),
    OperationInProgress: "OperationInProgress",
    AccessDenied: (
        "AccessDenied AccessDeniedException UnauthorizedOperation AuthorizationError "
        "AuthorizationErrorException AuthFailure KMSAccessDenied KMSAccessDeniedException 403"
    ),
    PolicyRejected: "InvalidPolicyDocument MalformedPolicyDocument",
    PrincipalRejected: "InvalidPrincipal",
    StillConnected: "ExistingVpcEndpointConnections",
    ServiceNotOffered: "InvalidServiceName",
    RouteAlreadyExists: "RouteAlreadyExists",
    InUse: "DependencyViolation",
    ParameterMismatch: "IdempotentParameterMismatch",
    AlreadyExists: (
        "ExecutionAlreadyExists InvalidGroup.Duplicate InvalidPermission.Duplicate "
        "ParameterAlreadyExists"
    ),
    ZoneTaken: "DuplicateSubnetsInSameZone",
    ConditionFailed: "ConditionalCheckFailedException",
    NotFound: (
        "NoSuchResourceException ParameterNotFound InvalidResourceId "
        "ResourceNotFoundException NotFoundException LoadBalancerNotFound "
        "AccountNotFoundException ChildNotFoundException TaskDoesNotExist "
        "ExecutionDoesNotExist StateMachineDoesNotExist TaskTimedOut "
        "StackSetNotFoundException NoSuchBucket 404"
    ),
}
_BY_CODE = {code: kind for kind, codes in _CODES.items() for code in codes.split()}
# Tried in this order for codes that the table doesn't hold: families that AWS keeps adding to.
_BY_PATTERN: tuple[tuple[re.Pattern[str], type[AwsError]], ...] = (
    (re.compile(r"^Throttl"), Throttled),
    (re.compile(r"^In(correct|valid)State$"), OperationInProgress),
    (re.compile(r"LimitExceeded$|^ServiceQuotaExceeded"), QuotaExceeded),
    (re.compile(r"\.NotFound$"), NotFound),
)
# EC2 reports these as InvalidParameter too; only the words tell (terraform-provider-aws,
# terraform-provider-mongodbatlas #590).
_BY_WORDS: tuple[tuple[re.Pattern[str], type[AwsError]], ...] = (
    (re.compile(r"already has a route"), RouteAlreadyExists),
    (re.compile(r"there is an idempotent operation going on"), OperationInProgress),
    (re.compile(r"[Pp]olicy document"), PolicyRejected),
    (re.compile(r"supported for remote access"), ZoneNotRemote),  # chanzuckerberg/cztack #865
    # cloudposse/terraform-aws-vpc #153.
    (re.compile(r"Gateway endpoint cannot be deleted"), StillReliedOn),
    # terraform-provider-aws #17535 (a conflict) and public build logs (all other reasons).
    (re.compile(r"[Pp]rivate[- ]?([Dd]ns|DNS)"), PrivateDnsRefused),
)
# Hundreds of failed changes must fit into one state of the workflow.
_MOST_WORDS = 500
# Up to a kilobyte that only `aws sts decode-authorization-message` reads; the log has it in full.
_ENCODED = re.compile(r"\s*Encoded authorization failure message: \S+")


def refusal(listed: Mapping[str, Any], action: str) -> AwsError:
    """The named error for what AWS lists as unsuccessful in an answer to `action`."""
    code, words = str(listed.get("Code", "")), str(listed.get("Message", ""))[:_MOST_WORDS]
    return _kind(code, words, 0)(f"{action}: {code}: {words}")


def named(error: ClientError, action: str) -> AwsError:
    """The named error for what AWS answered to `action` ("ec2:CreateVpcEndpoint")."""
    answer: Any = error.response
    code = str(answer.get("Error", {}).get("Code", ""))
    words = _ENCODED.sub("", str(answer.get("Error", {}).get("Message", "")))[:_MOST_WORDS]
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return _kind(code, words, status)(f"{action}: {code}: {words}")


def _kind(code: str, words: str, status: int) -> type[AwsError]:
    if code in _BY_CODE:
        return _BY_CODE[code]
    if code == "InvalidParameter":
        return _first(_BY_WORDS, words) or RefusedByAws
    return _first(_BY_PATTERN, code) or (ServiceUnavailable if status >= 500 else RefusedByAws)


def _first(
    table: tuple[tuple[re.Pattern[str], type[AwsError]], ...], text: str
) -> type[AwsError] | None:
    return next((kind for pattern, kind in table if pattern.search(text)), None)


@contextmanager
def aws_errors(service: str, operation: str) -> Iterator[None]:
    """Turn whatever botocore raises inside into a named error about `service:operation`.

    Raises AwsErrors: by AWS's code for an answer, ServiceUnavailable where none came or
    none that could be read, RefusedByAws where botocore refused to send.
    """
    action = f"{service}:{operation}"
    try:
        yield
    except ClientError as error:
        raise named(error, action) from error
    except (HTTPClientError, NotConnected, ResponseParserError) as error:
        raise ServiceUnavailable(f"{action}: {error}") from error
    except BotoCoreError as error:
        raise RefusedByAws(f"{action}: {error}") from error


def action_of(error: Exception) -> str:
    """The action that a named error is about, as IAM writes it ("ec2:DescribeVpcs")."""
    return ":".join(str(error).split(": ")[0].split(":")[:2])


def words_of(error: Exception) -> str:
    """What AWS says, without the action."""
    return str(error).partition(": ")[2]
