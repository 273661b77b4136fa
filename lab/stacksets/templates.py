"""Reads a StackSet's template, and checks it as CreateStackSet does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlparse

from ministack.services import s3
from ministack.services.cloudformation import handlers, helpers

from lab.stacksets.model import StackSetError, invalid

_VIRTUAL = re.compile(r"(?P<bucket>[a-z0-9][a-z0-9.-]+)\.s3[.-][a-z0-9.-]+")


def template_in(request: Mapping[str, Any]) -> str | None:
    """The template that a request brings, None if it brings none. Raises StackSetError.

    A body may have 51,200 bytes, an object 1,000,000 (CloudFormation guide, "quotas").
    """
    body, url = request.get("TemplateBody"), request.get("TemplateURL")
    if body and url:
        raise invalid("You cannot specify both TemplateBody and TemplateURL")
    if body:
        problem = helpers._template_body_problem(body)
        if problem:
            raise invalid(f"1 validation error detected: {problem}")
        return str(body)
    return _object(str(url)) if url else None


def _object(url: str) -> str:
    bucket, key = _place(url)
    # In the administrator's account: another account's object only if its policy lets it.
    data: bytes | None = s3._get_object_data(bucket, key)
    if data is None:
        raise invalid(f"S3 error: Access Denied\nFor more information check {url}")
    if len(data) > helpers.TEMPLATE_URL_MAX_BYTES:
        most = helpers.TEMPLATE_URL_MAX_BYTES
        raise invalid(f"Template may not exceed {most} bytes in size.")
    return data.decode()


def _place(url: str) -> tuple[str, str]:
    """Bucket and key of an object's URL: virtual-hosted, by path, or as `s3://`."""
    parsed = urlparse(url)
    path, host = unquote(parsed.path).lstrip("/"), parsed.hostname or ""
    virtual = _VIRTUAL.fullmatch(host)
    if parsed.scheme == "s3" or virtual:
        bucket, key = (virtual["bucket"] if virtual else host), path
    else:
        bucket, _, key = path.partition("/")
    if not bucket or not key:
        raise invalid("TemplateURL must be a supported URL.")
    return bucket, key


def check(template: str, raw: Mapping[str, Any]) -> None:
    """Check a template's form, capabilities and parameters. Raises StackSetError.

    Service-managed StackSets take no macros (CloudFormation guide, "Considerations" of
    service-managed StackSets).
    """
    try:
        parsed = handlers._parse_template(template)
    except ValueError as wrong:
        raise invalid(f"Template format error: {wrong}") from wrong
    if handlers._uses_macro(parsed):
        raise invalid("StackSets with service-managed permissions take no templates with macros")
    required = handlers._required_capabilities(parsed, strict=True)[0]
    missing = handlers._missing_capabilities(set(raw.get("Capabilities", ())), required)
    if missing:
        words = f"Requires capabilities : [{', '.join(missing)}]"
        raise StackSetError("InsufficientCapabilitiesException", words)
    known = parsed.get("Parameters") or {}
    unknown = [
        each["ParameterKey"]
        for each in raw.get("Parameters", ())
        if each["ParameterKey"] not in known
    ]
    if unknown:
        raise invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
