"""A small app that has one of everything the lab must be able to deploy and run."""

import json
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as workflows

MACHINE = {
    "QueryLanguage": "JSONata",
    "StartAt": "Try",
    "States": {
        "Try": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "${Function}", "Payload": "{% $states.input %}"},
            "Output": "{% $states.result.Payload.arn %}",
            "Catch": [
                {
                    "ErrorEquals": ["Throttled"],
                    "Output": {
                        "caught": "{% $states.errorOutput.Error %}",
                        "cause": "{% $parse($states.errorOutput.Cause) %}",
                    },
                    "Next": "Caught",
                }
            ],
            "End": True,
        },
        "Caught": {"Type": "Succeed"},
    },
}

app = cdk.App()
stack = cdk.Stack(app, "EndpointAutopilot")
function = functions.Function(
    stack,
    "Function",
    runtime=functions.Runtime.PYTHON_3_13,
    architecture=functions.Architecture.ARM_64,
    handler="handler.handler",
    code=functions.Code.from_asset(str(Path(__file__).with_name("function"))),
    timeout=cdk.Duration.seconds(2),
    memory_size=256,
    tracing=functions.Tracing.ACTIVE,
    environment={"AWS_DATA_PATH": "/var/task/models", "KIND": "tiny"},
)
function.add_to_role_policy(iam.PolicyStatement(actions=["ec2:DescribeVpcs"], resources=["*"]))
topic = sns.Topic(stack, "Ops")
machine = workflows.StateMachine(
    stack,
    "Machine",
    definition_body=workflows.DefinitionBody.from_string(json.dumps(MACHINE)),
    definition_substitutions={"Function": function.function_arn},
)
function.grant_invoke(machine)
trail = sqs.Queue(stack, "Trail")
events.Rule(
    stack,
    "Rule",
    event_pattern=events.EventPattern(source=["aws.ec2"]),
    targets=[targets.SqsQueue(trail)],
)
batches = sqs.Queue(stack, "Batches", visibility_timeout=cdk.Duration.seconds(30))
function.add_event_source(
    sources.SqsEventSource(batches, batch_size=100, max_batching_window=cdk.Duration.seconds(2))
)
dead = sqs.Queue(stack, "Dead")
alarm = cloudwatch.Alarm(
    stack,
    "Alarm",
    metric=dead.metric_approximate_number_of_messages_visible(
        period=cdk.Duration.minutes(1), statistic="Maximum"
    ),
    threshold=3,
    evaluation_periods=1,
    treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
)
alarm.add_alarm_action(actions.SnsAction(topic))
widget = functions.Function(
    stack,
    "Widget",
    runtime=functions.Runtime.PYTHON_3_13,
    handler="widget.handler",
    code=functions.Code.from_asset(str(Path(__file__).with_name("widget"))),
)


def shows(title: str, width: int = 8, height: int = 5, **params: object) -> cloudwatch.IWidget:
    """A custom widget that shows what its parameters ask for."""
    return cloudwatch.CustomWidget(
        function_arn=widget.function_arn, title=title, width=width, height=height, params=params
    )


board = cloudwatch.Dashboard(stack, "Board")
board.add_widgets(
    cloudwatch.TextWidget(markdown="# Ops\n\n<i>What</i> *waits*", width=12, height=3),
    cloudwatch.AlarmStatusWidget(title="Alarms", alarms=[alarm], width=12, height=3),
)
board.add_widgets(
    shows("Requests", width=12, height=9),
    cloudwatch.GraphWidget(
        title="Healed",
        width=12,
        left=[
            cloudwatch.Metric(
                namespace="Tests", metric_name="Healed", dimensions_map={"service": "tests"}
            )
        ],
    ),
)
board.add_widgets(shows("Told", show="event", color="blue"), shows("Notes", show="markdown"))
board.add_widgets(shows("Facts", show="json"), shows("Sick", show="fail"))
for name, value in {
    "BoardName": board.dashboard_name,
    "WidgetArn": widget.function_arn,
    "OpsTopicArn": topic.topic_arn,
    "NetworkWorkflowArn": machine.state_machine_arn,
    "FunctionName": function.function_name,
    "TrailUrl": trail.queue_url,
    "DeadUrl": dead.queue_url,
    "BatchesUrl": batches.queue_url,
    "AlarmName": alarm.alarm_name,
}.items():
    cdk.CfnOutput(stack, name, value=value)
app.synth()
