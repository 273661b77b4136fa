"""Parameter Store where MiniStack is laxer: what IAM is asked for, and the tags of what is gone."""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions
from ministack.services import ssm


def install() -> None:
    """Install both hooks."""
    _ask_for_the_parameters_below_a_path()
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
