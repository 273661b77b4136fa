"""The deployed template with its references worked out: what each resource was meant to be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cli.checkup.model import Seen

_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
# ARNs by type (Service Authorization Reference); "{name}" is what CloudFormation calls physical id.
_ARNS = {
    "AWS::CloudWatch::Alarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::Scheduler::Schedule": "scheduler:{region}:{account}:schedule/default/{name}",
}
# Types whose resources never were more than a note of CloudFormation's, or can't be looked at.
_NO_THINGS = ("AWS::CDK::Metadata", "Custom::", "AWS::CloudFormation::CustomResource")


class Unknown(LookupError):
    """Raised for a reference that can't be worked out."""


@dataclass(frozen=True)
class Place:
    """Where a stack is."""

    partition: str
    region: str
    account: str
    stack: str

    def arn(self, rest: str, name: str = "") -> str:
        """An ARN of this place, from "service:{region}:{account}:…{name}"."""
        filled = rest.format(region=self.region, account=self.account, name=name)
        return f"arn:{self.partition}:{filled}"


@dataclass(frozen=True)
class Template:
    """A template and what became of it. `physical`: by logical id."""

    body: Mapping[str, Any]
    physical: Mapping[str, str]
    place: Place
    parameters: Mapping[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> Iterator[Seen]:
        """The resources of a type, by logical id."""
        for logical, resource in sorted(self._resources.items()):
            if resource["Type"] == kind:
                yield self.seen(logical)

    def seen(self, logical: str) -> Seen:
        """One resource."""
        resource = self._resources[logical]
        properties = resource.get("Properties", {})
        return Seen(
            logical,
            resource["Type"],
            self.physical.get(logical, ""),
            {name: self._or_none(value) for name, value in properties.items()},
        )

    def missing(self) -> Iterator[str]:
        """The logical ids of what the template has and the stack hasn't."""
        for logical, resource in self._resources.items():
            if logical not in self.physical and not resource["Type"].startswith(_NO_THINGS):
                yield logical

    def arn_of(self, logical: str) -> str:
        """A resource's ARN. Raises Unknown."""
        kind, physical = self._resources[logical]["Type"], self._physical(logical)
        if physical.startswith("arn:"):
            return physical
        if kind not in _ARNS:
            raise Unknown(f"the ARN of {logical}, a {kind}")
        return self.place.arn(
            _ARNS[kind], physical.rpartition("/")[2] if _url(physical) else physical
        )

    @cached_property
    def _resources(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.body["Resources"]
        return {name: each for name, each in found.items() if each["Type"] != "AWS::CDK::Metadata"}

    def _or_none(self, value: Any) -> Any:
        """A value with each part that can't be worked out as None."""
        if isinstance(value, Mapping) and not _is_function(value):
            return {key: self._or_none(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._or_none(each) for each in value]
        try:
            return self.resolved(value)
        except Unknown:
            return None

    def resolved(self, value: Any) -> Any:
        """A value with its references worked out. Raises Unknown."""
        if isinstance(value, list):
            return [self.resolved(each) for each in value]
        if not isinstance(value, Mapping):
            return value
        if not _is_function(value):
            return {key: self.resolved(each) for key, each in value.items()}
        ((name, given),) = value.items()
        return self._function(name, given)

    def _function(self, name: str, given: Any) -> Any:
        match name:
            case "Ref":
                return self._ref(given)
            case "Fn::GetAtt":
                logical, attribute = given if isinstance(given, list) else given.split(".", 1)
                return self._attribute(logical, attribute)
            case "Fn::Join":
                return given[0].join(map(str, self.resolved(given[1])))
            case "Fn::Sub" if isinstance(given, str):
                return _VARIABLE.sub(lambda found: self._substituted(found[1]), given)
            case _:
                raise Unknown(name)

    def _substituted(self, name: str) -> str:
        logical, _, attribute = name.partition(".")
        return str(self._attribute(logical, attribute) if attribute else self._ref(name))

    def _ref(self, name: str) -> str:
        pseudo = {
            "AWS::Partition": self.place.partition,
            "AWS::Region": self.place.region,
            "AWS::AccountId": self.place.account,
            "AWS::StackName": self.place.stack,
            "AWS::URLSuffix": "amazonaws.com.cn"
            if self.place.partition == "aws-cn"
            else "amazonaws.com",
        }
        return pseudo.get(name) or self.parameters.get(name) or self._physical(name)

    def _attribute(self, logical: str, attribute: str) -> str:
        if attribute == "Arn":
            return self.arn_of(logical)
        if attribute in ("Name", "QueueName"):
            return re.split(r"[:/]", self._physical(logical))[-1]
        raise Unknown(f"{logical}.{attribute}")

    def _physical(self, logical: str) -> str:
        if not self.physical.get(logical):
            raise Unknown(logical)
        return self.physical[logical]


def _is_function(value: Mapping[str, Any]) -> bool:
    name = next(iter(value), "")
    return len(value) == 1 and (name == "Ref" or name.startswith("Fn::"))


def _url(physical: str) -> bool:
    return physical.startswith(("https://", "http://"))


def items(value: Any) -> Sequence[Any]:
    """What may stand alone, or in a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def statements(document: Any) -> Iterator[Mapping[str, Any]]:
    """The statements of a policy document."""
    yield from items((document or {}).get("Statement"))


def comparable(statement: Mapping[str, Any]) -> Any:
    """A statement in a form that is equal for equal ones, however they are written."""
    return tuple(
        (name, _plain(_READ.get(name, _as_it_is)(value)))
        for name, value in sorted(statement.items())
        if name != "Sid"
    )


def _as_it_is(value: Any) -> Any:
    return value


def _principal(value: Any) -> Any:
    """Whom a statement names: `*` is `{"AWS": "*"}`, an account's root its number (IAM guide)."""
    named = value if isinstance(value, Mapping) else {"AWS": value}
    return {
        kind: [_ROOT.sub(r"\1", each) for each in items(each_of)] for kind, each_of in named.items()
    }


def _condition(value: Any) -> Any:
    """The names of condition keys know no case."""
    return {
        operator: {key.lower(): values for key, values in block.items()}
        for operator, block in value.items()
    }


_ROOT = re.compile(r"^arn:[a-z-]+:iam::(\d{12}):root$")
_READ = {"Principal": _principal, "NotPrincipal": _principal, "Condition": _condition}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple((key, _plain(each)) for key, each in sorted(value.items()))
    if isinstance(value, list):
        each = [_plain(one) for one in value]
        return each[0] if len(each) == 1 else tuple(sorted(map(str, each)))
    return str(value).lower() if isinstance(value, bool) else str(value)


def lost_of(document: Any, wanted: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The wanted statements that a document doesn't have, however it merges or splits them."""
    present = {each for one in statements(document) for each in singles(one)}
    return [one for one in wanted if not set(singles(one)) <= present]


def singles(statement: Mapping[str, Any]) -> Iterator[Any]:
    """A statement as its single grants: one action on one resource each.

    IAM keeps documents as they were written, but whoever edits one may merge or split statements.
    """
    rest = {k: v for k, v in statement.items() if k not in ("Action", "Resource", "Sid")}
    for action in items(statement.get("Action")):
        for resource in items(statement.get("Resource")) or [None]:
            yield (str(action).lower(), str(resource), comparable(rest))
