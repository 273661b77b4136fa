"""Reads a StackSet's template, and checks it as CreateStackSet does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from ministack.services.cloudformation import handlers, helpers

from lab.stacksets.model import StackSetError, invalid

_SET = "AWS::CloudFormation::StackSet"
#: What a template mustn't hold, and where.
_NESTED = {"AWS::CloudFormation::Stack": f"service managed {_SET}", _SET: _SET}


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
    # Read in the administrator's account: another account's object only if its policy lets it.
    asked = {"TemplateURL": [url]}
    found, refused = helpers._resolve_document(asked, "TemplateBody", "TemplateURL", "Template")
    if refused is not None:
        raise invalid(words_of(refused[2]))
    return str(found)


def words_of(body: bytes) -> str:
    """The message of one of MiniStack's error answers."""
    found = re.search(r"<Message>(.*)</Message>", body.decode(), re.DOTALL)
    return unescape(found[1]) if found else body.decode()


def check(template: str, raw: Mapping[str, Any]) -> None:
    """Check a template's form, capabilities and parameters. Raises StackSetError.

    Service-managed StackSets take no macros and no nested stacks, nobody's take a StackSet
    (CloudFormation guide, "Considerations" of service-managed StackSets; the words are those of
    AWS's resource provider, Validator).
    """
    try:
        parsed = handlers._parse_template(template)
    except ValueError as wrong:
        raise invalid(f"Template format error: {wrong}") from wrong
    _check_kinds(parsed)
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


def _check_kinds(parsed: Mapping[str, Any]) -> None:
    if handlers._uses_macro(parsed):
        raise invalid("StackSets with service-managed permissions take no templates with macros")
    for kind, where in _NESTED.items():
        if any(each.get("Type") == kind for each in parsed.get("Resources", {}).values()):
            raise invalid(f"Nested {kind} is not supported in {where}")
