"""botocore's service models, which say what a request and an answer may hold."""

from __future__ import annotations

from functools import cache

import botocore.session
from botocore.model import OperationModel, OperationNotFoundError, ServiceModel

#: The SigV4 signing name of a service, and what botocore calls it.
SERVICES = {
    "ec2": "ec2",
    "elasticloadbalancing": "elbv2",
    "servicequotas": "service-quotas",
}


@cache
def service_model(service: str) -> ServiceModel:
    """botocore's model of a service, by signing name (`ec2`, `elasticloadbalancing`, ...)."""
    return botocore.session.get_session().get_service_model(SERVICES[service])


@cache
def operation_model(service: str, operation: str) -> OperationModel | None:
    """The model of one operation, or None if botocore does not know it."""
    try:
        return service_model(service).operation_model(operation)
    except OperationNotFoundError:
        return None


def is_mutating(operation: str) -> bool:
    """Whether CloudTrail calls an operation a write (EC2's reads begin with these words)."""
    return not operation.startswith(("Describe", "Get", "List", "Search"))
