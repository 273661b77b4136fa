"""Serves EC2, load balancing and Service Quotas in process, one call at a time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from botocore.model import OperationModel
from moto.core.exceptions import ServiceException

from . import answers, chance, listing, members, requests, throttle, worldly
from .about import About, about
from .call import Call, Caller, Handler
from .carriers import carrier
from .errors import AwsError, not_served
from .models import is_mutating, operation_model
from .outside import Carrier, Directory, Notifier
from .reply import Reply
from .requests import Body
from .served import KINDS, OPERATIONS
from .world import World
from .zones import zones


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes
    response: dict[str, Any] | None = None
    error: str | None = None
    message: str | None = None


class Ec2:
    """An AWS of networks. Thread-safe: a lock of its own serialises the calls.

    `directory` knows the organizations, `notifier` publishes connection notifications.
    """

    def __init__(self, directory: Directory, notifier: Notifier) -> None:
        self._begin = partial(World, directory, notifier, listing.camera(KINDS))
        self._world = self._begin()
        self._lock = threading.RLock()

    def serve(self, service: str, operation: str, body: Body, caller: Caller) -> Reply:
        """Answers a call. Whatever AWS would refuse comes back as an error reply.

        `service` is the signing name: ec2, elasticloadbalancing or servicequotas.
        """
        request_id = chance.uuid4(f"{caller.account} {operation}")
        parameters: dict[str, Any] = {}
        try:
            handler, model = _known(service, operation, caller.region)
            parameters = requests.parse(model, body)
            members.check(service, operation, parameters)
            with self._lock:
                self._throttle(service, Call(self._world, caller, operation, parameters))
                output = self._run(handler, Call(self._world, caller, operation, parameters))
            answer = _success(service, model, output, request_id)
        except AwsError as error:
            text = answers.write_error(service, error.code, error.message, request_id)
            answer = _Answer(error.status, text, None, error.code, error.message)
        kind = "application/x-amz-json-1.1" if service == "servicequotas" else "text/xml"
        return Reply(
            status=answer.status,
            headers={"Content-Type": kind, "x-amzn-RequestId": request_id},
            body=answer.body,
            parameters=parameters,
            response=answer.response,
            error=answer.error,
            message=answer.message,
            mutating=is_mutating(operation),
        )

    def _throttle(self, service: str, call: Call) -> None:
        setting = self._world.settings.throttle
        if setting is None or service != "ec2":
            return
        now, (name, rate) = self._world.clock(), throttle.bucket_of(call.operation, call.parameters)
        key = (call.caller.account, call.caller.region, name)
        bucket = self._world.buckets.setdefault(key, throttle.Bucket(rate, rate.size, now))
        if not bucket.take(now, setting["speed"]):
            raise throttle.exceeded()

    def _run(self, handler: Handler, call: Call) -> dict[str, Any]:
        if call.get("DryRun"):
            raise AwsError(
                "DryRunOperation", "Request would have succeeded, but DryRun flag is set."
            )
        self._world.pass_time()
        if is_mutating(call.operation):
            self._world.remember_past(call.network)
        try:
            return handler(call)
        except ServiceException as error:
            # moto says no in AWS's words for what it checks itself (address ranges, rules).
            raise AwsError(str(error.code), str(error.message)) from error

    def about(self, caller: Caller, identifier: str) -> About:
        """What IAM's conditions may ask of a resource of the caller's, or of anybody's service."""
        with self._lock:
            known = about(self._world.network(caller.account, caller.region), identifier)
            service = self._world.service(identifier)
            return replace(known, owner=service.owner if service else None)

    def time(self) -> float:
        """What its clock says, in seconds since the epoch."""
        with self._lock:
            return self._world.clock()

    def carrier(self, identifier: str) -> Carrier:
        """Whose interface endpoint or NAT gateway this is, and what its metrics are known by.

        Raises:
            ValueError: there is none, or AWS writes no metrics of it.
        """
        with self._lock:
            return carrier(self._world, identifier)

    def world(self, command: dict[str, Any]) -> dict[str, Any]:
        """Changes how the world is, beyond what AWS's API can do; returns the settings.

        Keys: world, speed, lag_seconds, settle_seconds, route_exists_code, share_vpc,
        requester_managed, quota, private_dns_verifies, accept_rejected, notification_body,
        throttle, expire, fail, partial, made, transit_gateway_attachment,
        transit_gateway_permission, time_stands, stands_at, pass_seconds, connection_tags.

        Raises:
            ValueError: an unknown key or a bad value; nothing has changed then.
        """
        with self._lock:
            self._world.pass_time()
            return worldly.apply(self._world, command)

    def forget(self) -> None:
        """Begins anew: nobody has anything, and the world is as it is by default."""
        with self._lock:
            self._world = self._begin()


def _known(service: str, operation: str, region: str) -> tuple[Handler, OperationModel]:
    if not zones("", region):
        raise AwsError("InvalidParameterValue", f"The lab has no Region {region}.")
    handler = OPERATIONS[service].get(operation)
    model = operation_model(service, operation)
    if handler is None or model is None:
        raise not_served(operation)
    return handler, model


def _success(
    service: str, model: OperationModel, output: dict[str, Any], request_id: str
) -> _Answer:
    body = answers.write(service, model, output, request_id)
    # CloudTrail is told of changes only; parsing a page of a thousand would double its cost.
    return _Answer(
        200, body, answers.read(service, model, body) if is_mutating(model.name) else None
    )
