"""Has IAM asked for the parameters below a path, which MiniStack takes for no resource at all."""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions


def install() -> None:
    """Install the hook; while IAM is not enforced it changes nothing."""
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
