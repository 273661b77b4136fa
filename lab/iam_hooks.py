"""The changes to MiniStack that have IAM asked wherever AWS asks it (`hooks` installs them)."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import ministack.app
from ministack.core import iam_evaluator as evaluator
from ministack.core.responses import get_region
from ministack.services import cloudwatch, eventbridge, lambda_svc, sqs, stepfunctions

from lab import grants, iam, inside, request_keys, tasks, undelivered
from lab.denials import DENIALS
from lab.directory import Organizations


def install() -> None:
    """Install every hook; while IAM is not enforced they change nothing."""
    _count_as_tls()
    _know_roles_by_their_own_arn()
    _know_every_member_of_an_organization()
    request_keys.install()
    _note_denials()
    _ask_for_a_topics_key()
    _ask_iam_for_tasks()
    _ask_iam_for_targets()
    _ask_iam_for_queues_of_functions()
    _ask_iam_for_alarms()


def _count_as_tls() -> None:
    # Buckets, queues and topics that demand TLS deny plain HTTP; here nobody could listen in. The
    # default is for what MiniStack does by itself.
    origin = ContextVar("origin", default=("127.0.0.1", True))

    def pin(source_ip: str, _secure: bool) -> None:
        origin.set((source_ip, True))

    evaluator._request_origin = origin
    evaluator.pin_request_origin = ministack.app.pin_request_origin = pin


def _know_roles_by_their_own_arn() -> None:
    # MiniStack holds a session's ARN against aws:PrincipalArn; AWS the ARN of the session's role
    # (IAM guide, "Global condition keys").
    theirs = evaluator._resolve_condition_key

    def resolved(key: str, context: Any) -> Any:
        value = theirs(key, context)
        return inside.lasting(str(value)) if value and key.lower() == "aws:principalarn" else value

    evaluator._resolve_condition_key = resolved


def _know_every_member_of_an_organization() -> None:
    # MiniStack knows aws:PrincipalOrgID of management accounts only.
    directory = Organizations()

    def organization(account: str) -> str | None:
        member = directory.membership(account)
        return member.organization if member else None

    evaluator._principal_org_id = organization


def _note_denials() -> None:
    # MiniStack answers a denial and forgets it.
    theirs, trust = evaluator.enforce, evaluator.evaluate_trust_policy

    def enforce(key: str, action: str, *details: Any, **more: Any) -> Any:
        denied = theirs(key, action, *details, **more)
        if isinstance(denied, evaluator.EvalResult):
            resource = str(more.get("resource_arn", "*"))
            DENIALS.add(denied.principal_arn, action, resource, denied.reason)
        return denied

    def evaluate_trust(document: Any, caller_arn: str, ctx: Any = None) -> bool:
        allowed = bool(trust(document, caller_arn, ctx))
        if ctx is not None and not allowed:
            DENIALS.add(caller_arn, ctx.action, ctx.resource_arn, "the role's trust policy")
        return allowed

    evaluator.enforce, evaluator.evaluate_trust_policy = enforce, evaluate_trust


def _ask_for_a_topics_key() -> None:
    # MiniStack publishes to an encrypted topic without a look at the key.
    theirs = evaluator.enforce

    def enforce(key: str, action: str, service: str, region: str, **more: Any) -> Any:
        denied = theirs(key, action, service, region, **more)
        used = grants.key_of(str(more.get("resource_arn"))) if action == "sns:Publish" else None
        if denied is not None or used is None:
            return denied
        for each in grants.USE_KEY:
            refused = theirs(key, each, "kms", region, resource_arn=str(used["Arn"]))
            if refused is not None:
                who = getattr(refused, "principal_arn", key)
                refusal = iam.Refusal(iam.Check(each, str(used["Arn"])), who)
                return evaluator.AuthError("KMSAccessDenied", refusal.words)
        return None

    evaluator.enforce = enforce


def _ask_iam_for_tasks() -> None:
    # MiniStack lets a state machine do whatever it says; AWS asks what its role allows.
    running: ContextVar[tuple[str, str]] = ContextVar("running machine", default=("", ""))
    execute, invoke = stepfunctions._execute_task, stepfunctions._invoke_resource
    call = stepfunctions._invoke_with_callback

    def executed(state: Any, given: Any, execution: Any, ctx: Any) -> Any:
        machine = stepfunctions._state_machines.get((execution or {}).get("stateMachineArn"), {})
        running.set((machine.get("roleArn", ""), machine.get("stateMachineArn", "")))
        return execute(state, given, execution, ctx)

    def invoked(resource: str, given: Any) -> Any:
        _ask(*running.get(), tasks.check(resource, given))
        return invoke(resource, given)

    def called(resource: str, given: Any, token: Any, state: Any) -> Any:
        _ask(*running.get(), tasks.check(resource, given))
        return call(resource, given, token, state)

    stepfunctions._execute_task, stepfunctions._invoke_resource = executed, invoked
    stepfunctions._invoke_with_callback = called


def _ask(role: str, machine: str, check: iam.Check) -> None:
    if not (iam.enforced() and role):
        return
    source = {"aws:SourceAccount": machine.split(":")[4], "aws:SourceArn": machine}
    refusal = grants.of_trust(role, "states.amazonaws.com", get_region(), source)
    refusal = refusal or iam.of_role(role, get_region(), [check])
    if refusal is not None:
        raise stepfunctions._ExecutionError(tasks.error_of(check), refusal.words)


def _ask_iam_for_targets() -> None:
    # MiniStack delivers to targets of rules and schedules without a look at roles and policies,
    # and knows no dead letters.
    invoke = eventbridge._invoke_target

    def invoked(target: dict[str, Any], event: Any, rule: Any, view: Any = None) -> Any:
        source, scheduled = str(rule.get("Arn")), event.get("Source") == "aws.scheduler"
        service = undelivered.SCHEDULER if scheduled else "events.amazonaws.com"
        refusal = _of_target(target, service, source) if iam.enforced() else None
        if refusal is None:
            return invoke(target, event, rule, view)
        failure = undelivered.Failure("NO_PERMISSIONS", refusal.words)
        undelivered.give_up(undelivered.Delivery(target, event, source, service), failure)
        return None

    eventbridge._invoke_target = invoked


def _of_target(target: dict[str, Any], service: str, source: str) -> iam.Refusal | None:
    role, check = str(target.get("RoleArn") or ""), tasks.of_target(target)
    if not role:
        return grants.of_delivery(service, str(target.get("Arn")), source)
    context = {"aws:SourceArn": source, "aws:SourceAccount": source.split(":")[4]}
    refusal = grants.of_trust(role, service, get_region(), context)
    return refusal or (iam.of_role(role, get_region(), [check]) if check else None)


def _ask_iam_for_queues_of_functions() -> None:
    # MiniStack reads a queue for a function as nobody; AWS reads it as the function's role.
    receive = sqs._receive_messages_for_esm

    def received(queue_url: str, batch_size: int) -> Any:
        queue = sqs._get_q(queue_url)
        arn = str(queue["attributes"]["QueueArn"])
        # An empty queue is looked at all the time: no need to ask.
        mappings = lambda_svc._esms.values() if iam.enforced() and queue["messages"] else ()
        if any(m.get("EventSourceArn") == arn and _may_not_read(m, arn) for m in mappings):
            return []
        return receive(queue_url, batch_size)

    sqs._receive_messages_for_esm = received


def _may_not_read(mapping: dict[str, Any], queue_arn: str) -> bool:
    record, _ = lambda_svc._get_func_record_for_qualifier(
        mapping["FunctionName"], mapping.get("Qualifier")
    )
    checks = [iam.Check(action, queue_arn) for action in tasks.READ_QUEUE]
    return iam.of_role(str(record["config"]["Role"]), get_region(), checks) is not None


def _ask_iam_for_alarms() -> None:
    # MiniStack publishes for alarms whatever the topic's policy and key say.
    dispatch = cloudwatch._dispatch_alarm_actions
    fields = {"ALARM": "AlarmActions", "OK": "OKActions"}

    def dispatched(alarm: dict[str, Any], before: str, state: str, reason: str) -> Any:
        field, service = fields.get(state, "InsufficientDataActions"), "cloudwatch.amazonaws.com"
        arns, source = alarm.get(field) or [], str(alarm.get("AlarmArn"))
        if iam.enforced():
            arns = [arn for arn in arns if not grants.of_delivery(service, arn, source)]
        return dispatch({**alarm, field: arns}, before, state, reason)

    cloudwatch._dispatch_alarm_actions = dispatched
