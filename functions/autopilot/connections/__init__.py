"""Connection requests to our endpoint services: what to answer, and what is remembered of it.

The workflow's steps, what goes in and comes out of each (by the types that read and write them),
what each needs of IAM and of its environment (all have OWNER, ACCOUNT_ID, AWS_REGION):

relay: SNS's records -> {}. events:PutEvents on the default bus, source endpoint-autopilot.

intake: SQS's records -> batchItemFailures. states:StartExecution on both machines.
STATE_MACHINE_ARN, CONNECTIONS_MACHINE_ARN, DEAD_LETTER_QUEUE_URL. Its input to the connections
machine: trigger, scope, look, answers, advice; all of them may lack.

plan_connections: `request.ConnectionRequest` (the execution's input but `advice`, with expect,
round, outcomes, execution, and as "plan" the last plan or null) -> `plan.ConnectionPlan`. Raises
NotSettledYet: retry; at last go on with expect []. LEDGER_TABLE, CONNECTION_TOPIC_ARN.
ec2:DescribeVpcEndpointServiceConfigurations, ec2:DescribeVpcEndpointConnections,
ec2:DescribeVpcEndpointServicePermissions, ec2:DescribeVpcEndpointConnectionNotifications on *;
dynamodb:Query, dynamodb:PutItem, dynamodb:DeleteItem on the ledger; organizations:DescribeAccount
and organizations:ListParents on * where `organization.read_by` is None, else sts:AssumeRole on it;
where `zones.before_accepting` is hold: what check_zones needs to read subnets.

register_notifications: {"register": plan.register, "execution"} -> {"registered":
[`outcome.RegistrationOutcome`]}. CONNECTION_TOPIC_ARN. ec2:CreateVpcEndpointConnectionNotification
and ec2:ModifyVpcEndpointConnectionNotification, on the account's vpc-endpoint-service/*.

answer_connections: {"item": `plan.AnswerItem`, "execution"} or, at the end of a hold, {"hold":
`holds.Hold`, "answer": `holds.HoldAnswer`, "execution"} -> `outcome.AnswerOutcome`. LEDGER_TABLE.
ec2:AcceptVpcEndpointConnections and ec2:RejectVpcEndpointConnections on the account's
vpc-endpoint-service/*; ec2:DescribeVpcEndpointConnections,
ec2:DescribeVpcEndpointServiceConfigurations, ec2:DescribeVpcEndpointServicePermissions on *;
dynamodb:Query, dynamodb:PutItem, dynamodb:DeleteItem on the ledger.

sync_holds, in the connections workflow: {"holds": plan.holds, "close_holds": plan.close_holds,
"execution"} -> {"started", "closed"}: counts. It starts one hold execution for each hold (named
`Hold.name`, input {"hold": Hold}), and ends those that are needless: no Map is needed.
LEDGER_TABLE, HOLD_MACHINE_ARN. states:StartExecution on the hold machine, states:SendTaskSuccess on
*; dynamodb:Query, dynamodb:PutItem on the ledger.

open_hold, in the hold workflow, with waitForTaskToken: {"hold", "token", "execution"} -> nothing;
the task's result is a `holds.HoldAnswer`. On the task's timeout the workflow itself goes on with
{"answer": "expired"}. closed: nothing to carry out. LEDGER_TABLE. dynamodb:Query, dynamodb:PutItem
on the ledger, states:SendTaskSuccess on *.

answer_hold, by a person whom IAM lets invoke it: {"endpoint_id", "answer": "accept"|"reject", "by",
"reason"} -> {"endpoint_id", "answer", "by"}. Raises HoldUnknown. LEDGER_TABLE. The same IAM as
open_hold.

check_zones: {"zones": plan.zones, "advice": [`request.Advice`], "execution"} ->
`zones.ZonesReport`. ec2:DescribeVpcEndpoints, ec2:DescribeSubnets, ec2:DescribeVpcEndpointServices
on *; sts:AssumeRole on arn:<partition>:iam::*:role/EndpointAutopilotZoneReader-<Region>, whose
role may ec2:DescribeVpcEndpoints, ec2:DescribeSubnets.

record, at the end of all three workflows: `autopilot.workflows` -> {"messages"}. It tells of held
requests too, many in one message; who answered is told at the end of the hold. Beside what the
network workflow needs: ANSWER_HOLD_FUNCTION, the name of answer_hold's function, for the command.
"""
