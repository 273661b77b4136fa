"""What a doctor works out of the stack's own template: references, roles, what is looked at."""

from __future__ import annotations

from typing import Any

import pytest

from cli.checkup import roles, simulated, trails, triggers
from cli.checkup.model import Seen
from cli.checkup.template import Place, Template
from tests.infra.synthesis import Synthesis

# What each type of resource is looked at as; what isn't here has not been thought of.
LOOKED_AT = {
    "AWS::CloudWatch::Alarm",
    "AWS::DynamoDB::Table",
    "AWS::Events::Rule",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "AWS::StepFunctions::StateMachine",
}
LEFT = {
    "AWS::CloudWatch::Dashboard": "who misses it sees that it is gone",
    "Custom::RecallMemory": "it is an act, not a thing",
    "Custom::StopExecutions": "the same",
}


@pytest.fixture(scope="module", params=("stack", "with_interfaces", "with_peers"))
def template(request: pytest.FixtureRequest) -> Template:
    """The template, deployed: each resource has got an id."""
    made: Synthesis = request.getfixturevalue(request.param)
    physical = {name: _id(name, each) for name, each in made.template["Resources"].items()}
    place = Place("aws", "us-east-1", "111111111111", "EndpointAutopilot")
    return Template(made.template, physical, place, {"BootstrapVersion": "30"})


def _id(name: str, resource: dict[str, Any]) -> str:
    where = "us-east-1:111111111111"
    match resource["Type"]:
        case "AWS::SNS::Topic":
            return f"arn:aws:sns:{where}:{name}"
        case "AWS::StepFunctions::StateMachine":
            return f"arn:aws:states:{where}:stateMachine:{name}"
        case "AWS::SQS::Queue":
            return f"https://sqs.us-east-1.amazonaws.com/111111111111/{name}"
        case _:
            return name


def unknown(value: Any, path: str = "") -> list[str]:
    if isinstance(value, dict):
        return [each for k, v in value.items() for each in unknown(v, f"{path}.{k}")]
    if isinstance(value, list):
        return [each for v in value for each in unknown(v, path)]
    return [path] if value is None else []


def test_every_resource_is_looked_at_or_left_for_a_reason(template: Template) -> None:
    assert {each["Type"] for each in template._resources.values()} <= LOOKED_AT | set(LEFT)


def test_every_reference_is_worked_out(template: Template) -> None:
    lost = [
        f"{logical}{path}"
        for logical in template.physical
        if logical in template._resources
        for path in unknown(dict(template.seen(logical).properties))
    ]
    assert lost == []
    queue = next(seen for seen in template.of("AWS::SQS::Queue"))
    assert template.arn_of(queue.logical) == f"arn:aws:sqs:us-east-1:111111111111:{queue.logical}"


def test_all_that_wakes_is_asked_of_trails(template: Template) -> None:
    sources = {call.source for call in trails.wanted(template)}
    assert sources == {
        "ec2.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "sns.amazonaws.com",
    }
    assert trails.Call("ec2.amazonaws.com", "CreateVpc") in trails.wanted(template)


def test_each_role_has_its_policies_and_simulations_name_single_actions(template: Template) -> None:
    wanted = roles.wanted(template)
    assert len(wanted) == len([*template.of("AWS::IAM::Role")])
    assert all(role.policies for role in wanted)
    held = sum(len(role.policies) for role in wanted)
    assert held >= len([*template.of("AWS::IAM::Policy")]), "no policy is left out"
    asked = [question for role in wanted for question in simulated.questions(role, {})]
    assert len(asked) < 5 * len(wanted), "IAM's rate is small"
    for question in asked:
        assert not [action for action in question.actions if "*" in action]


def test_each_swept_workflow_has_a_pace(template: Template) -> None:
    schedules = [*template.of("AWS::Scheduler::Schedule")]
    assert len(schedules) >= 4
    rates = [s for s in schedules if str(s.properties["ScheduleExpression"]).startswith("rate")]
    assert len(rates) >= 4
    assert all(triggers.pace(seen) for seen in rates)


def test_what_the_stack_never_made_is_missing(template: Template) -> None:
    lost = next(iter(template.of("AWS::SQS::Queue"))).logical
    left = {name: each for name, each in template.physical.items() if name != lost}
    smaller = Template(template.body, left, template.place, template.parameters)
    assert [*smaller.missing()] == [lost]
    assert smaller.seen(lost) == Seen(lost, "AWS::SQS::Queue", "", smaller.seen(lost).properties)
    assert [*template.missing()] == []
