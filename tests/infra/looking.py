"""What several tests look up in a template."""

from __future__ import annotations

import json
from typing import Any

from tests.infra.synthesis import Synthesis

COMMON = {
    "OWNER",
    "ACCOUNT_ID",
    "AWS_DATA_PATH",
    "POWERTOOLS_SERVICE_NAME",
    "POWERTOOLS_METRICS_NAMESPACE",
    "POWERTOOLS_LOG_LEVEL",
}


def functions(stack: Synthesis) -> dict[str, dict[str, Any]]:
    return {p["Handler"]: p for p in stack.of_type("AWS::Lambda::Function").values()}


def depends_on(stack: Synthesis, name: str) -> set[str]:
    """All that CloudFormation makes before a resource, and deletes after it."""
    found, ahead = set[str](), [name]
    while ahead:
        resource = stack.template["Resources"][ahead.pop()]
        text = json.dumps(resource)
        named = {other for other in stack.template["Resources"] if f'"{other}"' in text}
        ahead += named - found
        found |= named
    return found
