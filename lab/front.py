"""Takes calls to EC2, load balancing and quotas: faults, then the service, then the records."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from lab import failing, iam, permissions, trails
from lab.calls import CallLog
from lab.delivery import Postman
from lab.ec2 import Caller, Ec2, Reply
from lab.ec2.events import cloudtrail
from lab.errors import Answer, NoAnswer, error_answer, message_for
from lab.faults import Fault, Faults
from lab.inside import principal_of, put_event
from lab.signature import Scope

_DENIED = {"elasticloadbalancing": "AccessDenied", "servicequotas": "AccessDeniedException"}
SERVICES = frozenset({"ec2", "elasticloadbalancing", "servicequotas"})


@dataclass(frozen=True)
class Request:
    """A signed request; `headers` has lower-case names, `query` is the raw query string."""

    scope: Scope
    headers: Mapping[str, str]
    query: str
    body: bytes
    source_ip: str

    @property
    def operation(self) -> str:
        """The operation asked for; empty when the request names none."""
        if "x-amz-target" in self.headers:
            return self.headers["x-amz-target"].rpartition(".")[2]
        return dict(self.form).get("Action", "")

    @property
    def form(self) -> list[tuple[str, str]]:
        """The members of a query request, from its body or else its query string."""
        sent = self.body.decode(errors="replace") if self.body else self.query
        return parse_qsl(sent, keep_blank_values=True)

    @property
    def payload(self) -> list[tuple[str, str]] | bytes:
        """What the service parses."""
        return self.body if self.scope.service == "servicequotas" else self.form


class Front:
    """Serves one call at a time per thread; everything behind it locks for itself."""

    def __init__(self, ec2: Ec2, calls: CallLog, faults: Faults, postman: Postman) -> None:
        self._ec2 = ec2
        self._calls = calls
        self._faults = faults
        self._postman = postman

    def serve(self, request: Request) -> Answer | NoAnswer:
        """Answer a call, record it, and have CloudTrail tell of it if it would change something."""
        service, operation = request.scope.service, request.operation
        principal = principal_of(request.scope.access_key)
        if principal is None:
            return error_answer(service, "AuthFailure", message_for("AuthFailure", "", "", ""))
        caller = Caller(principal.account, request.scope.region, principal.arn)
        fault = self._faults.take(principal, service, operation)
        if fault is not None and fault.delay_seconds:
            time.sleep(fault.delay_seconds)  # a request thread, nothing else waits for it
        when = datetime.now(UTC)
        reply = self._refused(request, caller, fault) or self._reply(request, caller, fault)
        self._calls.add(when, principal, service, operation, reply.parameters, reply.error)
        self._tell(request, caller, reply, when)
        if fault is not None and fault.silence is not None:
            return NoAnswer(fault.silence)
        return Answer(reply.status, reply.body, reply.headers)

    def _refused(self, request: Request, caller: Caller, fault: Fault | None) -> Reply | None:
        """The reply to a call that IAM doesn't allow; None if it does."""
        if not iam.enforced() or (fault is not None and not fault.arrives):
            return None
        service, operation = request.scope.service, request.operation
        parameters = failing.parameters_of(service, operation, request.payload)
        about = partial(self._ec2.about, caller)
        checks = permissions.needed(service, operation, parameters, caller, about)
        key = request.scope.access_key
        refusal = iam.of_key(key, caller.account, caller.region, checks)
        if refusal is None:
            return None
        code = "UnauthorizedOperation" if service == "ec2" else _DENIED[service]
        begin = "You are not authorized to perform this operation. " if service == "ec2" else ""
        return failing.failed(service, operation, parameters, code, begin + refusal.words)

    def _reply(self, request: Request, caller: Caller, fault: Fault | None) -> Reply:
        if fault is None:
            return self._ask(request, caller)
        service, operation = request.scope.service, request.operation
        return failing.reply_to(
            fault,
            service,
            operation,
            request.payload,
            caller,
            lambda: self._ask(request, caller),
        )

    def _ask(self, request: Request, caller: Caller) -> Reply:
        return self._ec2.serve(request.scope.service, request.operation, request.payload, caller)

    def _tell(self, request: Request, caller: Caller, reply: Reply, when: datetime) -> None:
        event = cloudtrail(
            request.scope.service,
            request.operation,
            reply,
            caller,
            event_id=str(uuid.uuid5(uuid.NAMESPACE_URL, reply.request_id)),
            when=when,
            user_agent=request.headers.get("user-agent", ""),
            source_ip=request.source_ip,
        )
        if event is not None and trails.told(caller.account, caller.region, event["detail"]):
            told: dict[str, Any] = event
            copies = itertools.count()
            self._postman.post(lambda: put_event(caller.account, caller.region, told, next(copies)))
