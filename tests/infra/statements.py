"""The statements of a template's policies, held against the Service Authorization Reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lab.reference import Reference
from tests.infra.synthesis import ACCOUNT, PSEUDO, REGION, resolved

# The ARN of a thing by the type of its resource (each type's CloudFormation page, "Fn::GetAtt"); of
# state machines and topics `Ref` is the ARN, too.
_HERE = f"{REGION}:{ACCOUNT}"
ARNS = {
    "AWS::CloudWatch::Alarm": f"arn:aws:cloudwatch:{_HERE}:alarm:{{}}",
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{_HERE}:table/{{}}",
    "AWS::DynamoDB::GlobalTable": f"arn:aws:dynamodb:{_HERE}:table/{{}}",
    "AWS::Events::EventBus": f"arn:aws:events:{_HERE}:event-bus/{{}}",
    "AWS::Events::Rule": f"arn:aws:events:{_HERE}:rule/{{}}",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{}}",
    "AWS::KMS::Key": f"arn:aws:kms:{_HERE}:key/{{}}",
    "AWS::Lambda::Function": f"arn:aws:lambda:{_HERE}:function:{{}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{_HERE}:log-group:{{}}:*",
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::SNS::Topic": f"arn:aws:sns:{_HERE}:{{}}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{_HERE}:{{}}",
    "AWS::StepFunctions::StateMachine": f"arn:aws:states:{_HERE}:stateMachine:{{}}",
}
_REF_IS_ARN = {"AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"}
# Policies that hang on a thing: where the document lies.
_ON_A_THING = {
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::Logs::ResourcePolicy": "PolicyDocument",
    "AWS::IAM::Role": "AssumeRolePolicyDocument",
}
_CONDITION_FOR_SERVICES = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorg")


@dataclass(frozen=True)
class Statement:
    """One statement; `owner`: the logical id of what bears it, `own`: the ARN of the thing on which
    the policy hangs, none for a role's own permissions."""

    owner: str
    body: Mapping[str, Any]
    own: str = ""

    @property
    def actions(self) -> list[str]:
        return _listed(self.body.get("Action", ()))

    @property
    def resources(self) -> list[str]:
        """A trust policy names no resource, a key's says `*`: both mean the thing itself."""
        given = _listed(self.body.get("Resource", "*"))
        return [self.own if each == "*" and self.own else each for each in given]

    @property
    def keys(self) -> list[str]:
        return [key for block in self.body.get("Condition", {}).values() for key in block]

    @property
    def of_a_service(self) -> bool:
        """Whether it speaks of what AWS's services do by themselves."""
        principal = self.body.get("Principal", {})
        return principal == "*" or "Service" in principal or principal == {"AWS": "*"}


def statements(template: Mapping[str, Any]) -> Iterator[Statement]:
    """All of a template, with example values for what only a deployment knows."""
    resources = template["Resources"]
    for name, resource in resources.items():
        kind, properties = resource["Type"], _filled(resource.get("Properties", {}), resources)
        if kind == "AWS::Lambda::Permission":
            yield _of_permission(name, properties)
        documents = [
            *(
                properties[key]
                for key in ("PolicyDocument",)
                if kind.startswith("AWS::IAM::") and key in properties
            ),
            *(
                each["PolicyDocument"]
                for each in properties.get("Policies", ())
                if isinstance(each, dict)
            ),
        ]
        for document in documents:
            yield from (Statement(name, body) for body in document["Statement"])
        own = ARNS.get(kind, "").format(name)
        yield from (Statement(name, body, own) for body in _on_a_thing(kind, properties))


def _on_a_thing(kind: str, properties: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if kind == "AWS::Events::EventBusPolicy":
        yield properties["Statement"]
    if kind in _ON_A_THING:
        yield from properties[_ON_A_THING[kind]]["Statement"]


def _of_permission(name: str, given: Mapping[str, Any]) -> Statement:
    """What AddPermission makes of it (Lambda API reference)."""
    like = {"ArnLike": {"aws:SourceArn": given["SourceArn"]}} if "SourceArn" in given else {}
    account = given.get("SourceAccount")
    equal = {"StringEquals": {"aws:SourceAccount": account}} if account else {}
    body = {
        "Effect": "Allow",
        "Principal": {"Service": given["Principal"]},
        "Action": given["Action"],
        "Resource": given["FunctionName"],
        "Condition": {**like, **equal},
    }
    return Statement(name, body)


def mistakes(statement: Statement, known: Reference, anywhere: Mapping[str, str]) -> list[str]:
    """What the reference doesn't bear out; `anywhere`: actions that may stay on `*`, and why."""
    found = [f"{name} says what is left out" for name in statement.body if name.startswith("Not")]
    for action in statement.actions:
        meant = known.actions(action)
        if not meant:
            found.append(f"{action} is no action")
        for resource in statement.resources if meant else ():
            found += _on(statement, known, meant, resource, anywhere)
    return [f"{statement.owner}: {each}" for each in found]


def _on(
    statement: Statement,
    known: Reference,
    meant: tuple[str, ...],
    resource: str,
    anywhere: Mapping[str, str],
) -> Iterator[str]:
    """Mistakes of one resource; of several actions that a pattern means, one must fit."""
    words = " or ".join(sorted(meant)[:3])
    taken = [name for name in meant if _takes(known, name, resource)]
    if not taken:
        yield f"{words} is on no resource like {resource}"
    rows = {name: row for name in meant if (row := known.action(name))}
    narrow = [n for n, row in rows.items() if resource == "*" and row.on and n not in anywhere]
    if narrow:
        yield f"{' or '.join(narrow)} on * could name a resource"
    for key in statement.keys:
        if not any(_sends(statement, known, name, resource, key) for name in taken):
            yield f"{words} on {resource} doesn't know {key}"


def _takes(known: Reference, action: str, resource: str) -> bool:
    return resource == "*" or bool(known.types(action, resource))


def _sends(statement: Statement, known: Reference, action: str, resource: str, key: str) -> bool:
    if key.lower().startswith(_CONDITION_FOR_SERVICES) and not statement.of_a_service:
        return False
    return known.sends(action, resource, key)


def _filled(value: Any, resources: Mapping[str, Any]) -> Any:
    match value:
        case {"Ref": _} | {"Fn::GetAtt": _}:
            return _named(value, resources)
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(str(_filled(part, resources)) for part in parts)
        case dict():
            return {key: _filled(item, resources) for key, item in value.items()}
        case list():
            return [_filled(item, resources) for item in value]
    return value


def _named(value: Mapping[str, Any], resources: Mapping[str, Any]) -> str:
    """What a reference to a resource says: its ARN or its name."""
    match value:
        case {"Ref": str(name)} if name not in PSEUDO:
            kind = resources[name]["Type"] if name in resources else ""
            return ARNS[kind].format(name) if kind in _REF_IS_ARN else name
        case {"Fn::GetAtt": [str(name), "Arn" | "TopicArn"]}:
            return ARNS[resources[name]["Type"]].format(name)
    return str(resolved(value))


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
