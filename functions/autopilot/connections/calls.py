"""What events tell besides where to look: calls of people, and what a look is to include.

Intake reads them without plans, and the plan without the readers of events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Look = Literal["notifications", "zones"]
"""What a look at some services includes besides the requests; a look at everything has it all."""


@dataclass(frozen=True)
class PersonsAnswer:
    """An accept or a reject by a person, with AWS's own means; `by` is an ARN, `at` ISO 8601."""

    endpoint_id: str
    service_id: str
    verdict: Literal["accept", "reject"]
    by: str
    at: str


@dataclass(frozen=True)
class Advice:
    """A CreateVpcEndpoint in our account that failed because of its subnets' zones.

    `by` is the caller's ARN, `error` AWS's words, `at` the ISO time.
    """

    vpc_id: str
    service_name: str
    subnet_ids: tuple[str, ...]
    by: str
    error: str
    at: str
