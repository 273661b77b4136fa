"""Parameter Store where MiniStack is laxer: what IAM is asked for, and the tags of what is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.core import iam_evaluator as evaluator
from ministack.services import ssm

from lab import iam

_TAG_CALLS = {"ssm:AddTagsToResource", "ssm:RemoveTagsFromResource", "ssm:ListTagsForResource"}


def install() -> None:
    """Install every hook."""
    _ask_for_the_parameters_below_a_path()
    _ask_for_tags_by_both_names()
    _know_no_tags_of_what_is_gone()


def _know_no_tags_of_what_is_gone() -> None:
    theirs = ssm._list_tags_for_resource

    def tags(data: dict[str, Any]) -> Any:
        # API reference, ListTagsForResource: InvalidResourceId. Theirs are none, as if untagged.
        name = data.get("ResourceId", "")
        if data.get("ResourceType") == "Parameter" and not ssm._lookup_parameter(name)[1]:
            words = f"The parameter {name} is not there."
            return ssm.error_response_json("InvalidResourceId", words, 400)
        return theirs(data)

    ssm._list_tags_for_resource = tags


def _ask_for_the_parameters_below_a_path() -> None:
    theirs = iam_actions.extract_resource_arn

    def resource(
        service: str, method: str, path: str, headers: Any, body: bytes, query: Any, *where: str
    ) -> str:
        target = str(headers.get("x-amz-target", ""))
        if service != "ssm" or not target.endswith(".GetParametersByPath"):
            return str(theirs(service, method, path, headers, body, query, *where))
        # Service Authorization Reference, Systems Manager: the parameter that the path names.
        region, account = where
        return f"arn:aws:ssm:{region}:{account}:parameter{json.loads(body).get('Path', '/')}"

    iam_actions.extract_resource_arn = resource


def _ask_for_tags_by_both_names() -> None:
    theirs = evaluator.enforce

    def enforce(key: str, action: str, service: str, region: str, **more: Any) -> Any:
        denied = theirs(key, action, service, region, **more)
        for also, arn in _also_asked(action, more) if denied is None else ():
            denied = theirs(key, also, service, region, **{**more, "resource_arn": arn})
            if denied is not None:
                who = getattr(denied, "principal_arn", key)
                words = iam.Refusal(iam.Check(also, arn), who).words
                return evaluator.AuthError("AccessDeniedException", words)
        return denied

    evaluator.enforce = enforce


def _also_asked(action: str, more: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What Parameter Store asks IAM for besides.

    Tags at creation take AddTagsToResource (Systems Manager guide). Where a tag is at stake, some
    have seen a name's own slash kept in the ARN, others not: the lab wants both allowed.
    """
    arn = str(more.get("resource_arn", "*"))
    tagged = action == "ssm:PutParameter" and (more.get("service_context") or {}).get("aws:TagKeys")
    if tagged:
        yield "ssm:AddTagsToResource", arn
    if tagged or action in _TAG_CALLS:
        also = "ssm:AddTagsToResource" if tagged else action
        yield also, arn.replace(":parameter/", ":parameter//", 1)
