"""The parameters that hold endpoints' DNS names, in Systems Manager's Parameter Store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from autopilot.aws.errors import AccessDenied, AlreadyExists, NotFound, NotOurs
from autopilot.aws.pages import call, pages
from autopilot.interfaces.plan import ROOT, ParameterItem
from autopilot.reconcile.tags import OWNER_TAG, owned_by

# The most that GetParametersByPath gives at once (its API reference).
_PAGE = 10
# More VPCs than this: all of the path is read in fewer calls.
_SINGLY = 5


def under(looked_at: str | tuple[str, ...]) -> Mapping[str, str]:
    """The parameters of these VPCs or ("all") of all, by name."""
    one_by_one = looked_at != "all" and len(looked_at) <= _SINGLY
    paths = [f"{ROOT}/{vpc_id}" for vpc_id in looked_at] if one_by_one else [ROOT]
    return {name: value for path in paths for name, value in _under(path)}


def _under(path: str) -> Iterator[tuple[str, str]]:
    for each in pages(
        "GetParametersByPath", service="ssm", Path=path, Recursive=True, MaxResults=_PAGE
    ):
        yield each["Name"], each["Value"]


def not_ours(names: Iterable[str], owner: str) -> frozenset[str]:
    """Those of the parameters that don't carry the stack's tag; one that is gone is nobody's."""
    return frozenset(name for name in names if _is_foreign(name, owner))


def _is_foreign(name: str, owner: str) -> bool:
    try:
        return not owned_by(_tags(name), owner)
    except NotFound:
        return False


def apply(item: ParameterItem, owner: str, _policy: object = None) -> str | None:
    """Write and delete what `item` names; the id of the endpoint that it is about. Repeatable.

    Raises NotOurs if somebody else's is in the way, other AwsErrors.
    """
    for name, value in item.put.items():
        _put(name, value, owner)
    for name in item.delete:
        delete(name, owner)
    return item.endpoint_id


def _put(name: str, value: str, owner: str) -> None:
    """Make it with its tag, which an overwrite may not bear; or change it if it is ours."""
    tags = [{"Key": OWNER_TAG, "Value": owner}]
    text = "Written by Endpoint Autopilot: DNS name of a VPC endpoint"
    made = {"Name": name, "Value": value, "Type": "String", "Description": text}
    try:
        call("ssm", "PutParameter", **made, Tags=tags)
    except AlreadyExists:
        _check(name, owner, "PutParameter")
        answer = call("ssm", "PutParameter", **made, Overwrite=True)
        if answer.get("Version") == 1:
            # Somebody has deleted it since the check: this made it anew, without a tag.
            call("ssm", "AddTagsToResource", ResourceType="Parameter", ResourceId=name, Tags=tags)


def delete(name: str, owner: str) -> bool:
    """Delete our parameter; False if it is gone. Raises NotOurs, other AwsErrors."""
    try:
        _check(name, owner, "DeleteParameter")
        _delete(name, owner)
    except NotFound:
        return False
    return True


def _delete(name: str, owner: str) -> None:
    try:
        call("ssm", "DeleteParameter", Name=name)
    except AccessDenied:
        # A try that follows one whose answer was lost: what is gone has no tag that IAM could see.
        _check(name, owner, "DeleteParameter")  # raises NotFound then
        raise


def _check(name: str, owner: str, operation: str) -> None:
    if not owned_by(_tags(name), owner):
        raise NotOurs(f"ssm:{operation}: {name} doesn't carry the tag of {owner}")


def _tags(name: str) -> Mapping[str, str]:
    answer = call("ssm", "ListTagsForResource", ResourceType="Parameter", ResourceId=name)
    return {tag["Key"]: tag["Value"] for tag in answer.get("TagList", ())}
