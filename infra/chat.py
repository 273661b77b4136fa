"""Buttons for a chat: Amazon Q Developer's custom actions that accept or reject a held request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from autopilot.fleet.roster import CHAT
from aws_cdk import Aws, CfnOutput, Token
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

_Action = chatbot.CfnCustomAction
# Of 64 characters that a name may have, a Region's name and the rest take 24.
_LONGEST_STACK = 40
_CONTEXT = "event.metadata.additionalContext"


@dataclass(frozen=True)
class Press:
    """What a button hands to the function: JSON around its answer, and what that takes of a notice.

    `variables`: the names in a notice's additionalContext by those in the JSON. An action has room
    for five, of which one is the function (its API, CustomActionAttachment).
    """

    variables: Mapping[str, str]
    before: str
    after: str

    def payload(self, verb: str) -> str:
        """The JSON for one answer."""
        return f"{self.before}{verb}{self.after}"


_BY = f'","by":"{CHAT}","reason":"button"}}'
OWN = Press({"endpoint": "endpoint_id"}, '{"endpoint_id":"$endpoint","answer":"', _BY)
"""As AnswerHold takes it."""
OF_HUB = Press(
    {"spoke": "spoke", "endpoint": "endpoint_id", "hold": "held"},
    '{"spoke":"$spoke","ask":"answer","payload":{"endpoint_id":"$endpoint","hold":"$hold","answer":"',
    f"{_BY}}}",
)
"""As HubAsk takes it: which spoke, and which of its holds."""


class ChatButtons(Construct):
    """An action for each answer, on notices of one request that waits for this stack.

    They run what the mail's command runs: a function that judges, or has the account judge, by the
    policy. They give nobody a permission: the channel's own role has to have lambda:InvokeFunction
    on it. Fields and limits: Amazon Q Developer in chat applications API, CustomActionAttachment.
    That a custom notification's type is "Custom" and where its variables are found is believed:
    public templates have it so (docs/chat.md).
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stack: str,
        answers: lambda_.IFunction,
        press: Press = OWN,
    ) -> None:
        """`stack`: what tells their names from those of another stack in the account."""
        super().__init__(scope, id)
        self._press = press
        for verb, button in (("accept", "Accept"), ("reject", "Reject")):
            action = self._action(verb, button, stack, answers.function_name)
            CfnOutput(
                self,
                f"{button}Action",
                value=action.attr_custom_action_arn,
                description=f"For a chat channel: the button {button}",
            )

    def _action(self, verb: str, button: str, stack: str, function: str) -> _Action:
        return _Action(
            self,
            button,
            # They are the account's, not a Region's.
            action_name=f"{_short(stack)}-{Aws.REGION}-{verb}",
            definition=_Action.CustomActionDefinitionProperty(
                command_text=f"lambda invoke --function-name {function}"
                f" --payload {self._press.payload(verb)} --region {Aws.REGION}"
            ),
            attachments=[self._attached(button, function)],
        )

    def _attached(self, button: str, function: str) -> _Action.CustomActionAttachmentProperty:
        criteria = _Action.CustomActionAttachmentCriteriaProperty
        known = {name: f"{_CONTEXT}.{key}" for name, key in self._press.variables.items()}
        return _Action.CustomActionAttachmentProperty(
            button_text=button,
            notification_type="Custom",
            variables={**known, "answers": f"{_CONTEXT}.answered_by"},
            criteria=[
                *(criteria(operator="HAS_VALUE", variable_name=name) for name in known),
                # Of two stacks whose notices one channel shows each has its own buttons.
                criteria(operator="EQUALS", variable_name="answers", value=function),
            ],
        )


def _short(stack: str) -> str:
    """The stack's name, cut where that is needed, and then still its own."""
    if Token.is_unresolved(stack) or len(stack) <= _LONGEST_STACK:
        return stack
    return f"{stack[: _LONGEST_STACK - 7]}-{sha256(stack.encode()).hexdigest()[:6]}"
