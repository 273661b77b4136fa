"""Parameter Store says what AWS says of parameters that are not there."""

from __future__ import annotations

from typing import Any

import pytest

from lab.client import Lab

NAME = "/lab/test/parameter"


def tags(lab: Lab) -> Any:
    ssm = lab.client("ssm")
    return ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=NAME)["TagList"]


def test_a_parameter_has_its_tags_until_it_is_gone(lab: Lab) -> None:
    ssm = lab.client("ssm")
    given = [{"Key": "team", "Value": "network"}]
    ssm.put_parameter(Name=NAME, Value="x", Type="String", Tags=given)
    assert tags(lab) == given
    ssm.delete_parameter(Name=NAME)
    with pytest.raises(ssm.exceptions.InvalidResourceId):
        tags(lab)
