"""What an update must find where it left it, by the names that the first deployment gave."""

from __future__ import annotations

from collections.abc import Mapping

# By type, as first deployed; more may come, none of these may go or change its type. A construct
# that moves in the tree changes its ids: `override_logical_id` gives it the old one.
KEPT: Mapping[str, tuple[str, ...]] = {
    # The memory: retained, but a new table would be an empty one.
    "AWS::DynamoDB::Table": ("LedgerTable9343E4AA",),
    # People and tools have subscribed; PrivateLink notifies the second.
    "AWS::SNS::Topic": ("HeardTopic91FD72BC", "OpsTopicCA671FE6"),
    # What was sent before the update is encrypted with it.
    "AWS::KMS::Key": ("OpsKeyD2AEB59B",),
    # Events on their way, and those that could not be handled.
    "AWS::SQS::Queue": (
        "QueuesDeadLettersF0D5D2AD",
        "QueuesIntake1E4F1171",
        "QueuesIntakeDeadLettersD03CF27D",
    ),
    # Executions end with their machine: a hold waits for days, a withdrawal for an hour, and starts
    # other machines then. (Leaving is the one that nothing waits in.)
    "AWS::StepFunctions::StateMachine": (
        "ConnectionsMachineD36D166D",
        "HoldMachine33E465D6",
        "InterfacesMachine9FA8367E",
        "NetworkMachine02CAC4A9",
        "ServicesMachine7825B904",
        "WithdrawMachine1D5C4C20",
    ),
    # "Running executions will continue to use the previous definition and roleArn" (Step Functions
    # API reference, UpdateStateMachine).
    "AWS::IAM::Role": (
        "HoldRole42F2CB24",
        "InterfacesRole6862FF8C",
        "NetworkRole8056A087",
        "ServicesRole8FB67994",
        "WithdrawRole76652B94",
    ),
    # That definition calls functions by their names, which CloudFormation makes from these: those
    # that are called after a wait of minutes or days, the one that mails tell people to call, and
    # the two custom resources'.
    "AWS::Lambda::Function": (
        "ConnectionFunctionsAnswerConnectionsFunctionB20F8EBA",
        "ConnectionFunctionsAnswerHoldFunction6F42794B",
        "ConnectionFunctionsOpenHoldFunction9E56D093",
        "FunctionsRecordFunction3D642F16",
        "InterfaceFunctionsApplyInterfaceFunctionBA55D1DA",
        "InterfaceFunctionsPlanInterfacesFunctionB3FCCDE8",
        "LifetimeRecallMemoryFunction577ECE4B",
        "LifetimeStopExecutionsFunctionAFAFCDC3",
        "ServiceFunctionsApplyServicesFunction67CA5680",
        "ServiceFunctionsPlanServicesFunctionA68E99FC",
    ),
    # Deleting the one stops every execution, holds too. Either is called with its old function.
    "Custom::StopExecutions": ("LifetimeEndingB3D685C5",),
    "Custom::RecallMemory": ("LifetimeRecalledB0552958",),
    # CloudFormation makes the new before it deletes the old, which here is the same thing: a second
    # mapping of a queue is refused; a subscription and a policy are gone in the end.
    "AWS::Lambda::EventSourceMapping": (
        "FunctionsIntakeFunctionSqsEventSourceEndpointAutopilotQueuesIntake5BF4BEF835FC79D8",
    ),
    "AWS::SNS::Subscription": ("ConnectionFunctionsRelayFunctionTopic41DC7B5E",),
    "AWS::SNS::TopicPolicy": ("HeardTopicPolicy08C094DA", "OpsTopicPolicy9FC2901B"),
    "AWS::SQS::QueuePolicy": (
        "QueuesDeadLettersPolicyF100CBB3",
        "QueuesIntakeDeadLettersPolicyEAE62AB3",
        "QueuesIntakePolicy20991B03",
    ),
    # The workflows' logs have names: a second group of that name is refused.
    "AWS::Logs::LogGroup": (
        "ConnectionsLogs1F690B92",
        "HoldLogs2D63A6D5",
        "InterfacesLogsAE4EDDD8",
        "NetworkLogs410D5F1E",
        "ServicesLogs43B4E769",
        "WithdrawLogsB4FA5703",
    ),
}
# People's scripts ask for them.
OUTPUTS = {
    "NetworkWorkflowArn",
    "ConnectionsWorkflowArn",
    "ServicesWorkflowArn",
    "InterfacesWorkflowArn",
    "OpsTopicArn",
    "ConnectionTopicArn",
    "AnswerHoldFunctionName",
    "IntakeQueueUrl",
    "IntakeDeadLetterQueueUrl",
    "LedgerTableName",
}
# A change of one of these replaces the resource, whatever its logical id (CloudFormation's
# reference, "Update requires: Replacement").
REPLACING: Mapping[str, Mapping[str, object]] = {
    "AWS::DynamoDB::Table": {
        "TableName": None,
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    },
    "AWS::SNS::Topic": {"TopicName": None, "FifoTopic": None},
    "AWS::KMS::Key": {"KeySpec": None, "KeyUsage": None, "MultiRegion": None},
    "AWS::SQS::Queue": {"QueueName": None, "FifoQueue": None},
    "AWS::StepFunctions::StateMachine": {"StateMachineName": None, "StateMachineType": None},
    "AWS::Lambda::Function": {"FunctionName": None, "PackageType": None, "TenancyConfig": None},
}
