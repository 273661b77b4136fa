"""Buttons for a chat: Amazon Q Developer's custom actions that accept or reject a held request."""

from __future__ import annotations

from hashlib import sha256

from aws_cdk import Aws, CfnOutput, Token
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

_Action = chatbot.CfnCustomAction
# Of 64 characters that a name may have, a Region's name and the rest take 24.
_LONGEST_STACK = 40
_CONTEXT = "event.metadata.additionalContext"


class ChatButtons(Construct):
    """An action for each answer, on notices of one request that waits for this stack.

    They run what the mail's command runs: the function AnswerHold, which judges by the policy. They
    give nobody a permission: the channel's own role has to have lambda:InvokeFunction on it.
    Fields and limits: Amazon Q Developer in chat applications API, CustomActionAttachment. That a
    custom notification's type is "Custom" and where its variables are found is believed: public
    templates have it so (docs/chat.md).
    """

    def __init__(
        self, scope: Construct, id: str, *, stack: str, answers: lambda_.IFunction
    ) -> None:
        """`stack`: what tells their names from those of another stack in the account."""
        super().__init__(scope, id)
        for verb, button in (("accept", "Accept"), ("reject", "Reject")):
            action = self._action(verb, button, stack, answers.function_name)
            CfnOutput(
                self,
                f"{button}Action",
                value=action.attr_custom_action_arn,
                description=f"For a chat channel: the button {button}",
            )

    def _action(self, verb: str, button: str, stack: str, function: str) -> _Action:
        payload = f'{{"endpoint_id":"$endpoint","answer":"{verb}","by":"chat","reason":"button"}}'
        return _Action(
            self,
            button,
            # They are the account's, not a Region's.
            action_name=f"{_short(stack)}-{Aws.REGION}-{verb}",
            definition=_Action.CustomActionDefinitionProperty(
                command_text=f"lambda invoke --function-name {function}"
                f" --payload {payload} --region {Aws.REGION}"
            ),
            attachments=[self._attached(button, function)],
        )

    @staticmethod
    def _attached(button: str, function: str) -> _Action.CustomActionAttachmentProperty:
        criteria = _Action.CustomActionAttachmentCriteriaProperty
        return _Action.CustomActionAttachmentProperty(
            button_text=button,
            notification_type="Custom",
            variables={
                "endpoint": f"{_CONTEXT}.endpoint_id",
                "answers": f"{_CONTEXT}.answered_by",
            },
            criteria=[
                criteria(operator="HAS_VALUE", variable_name="endpoint"),
                # Of two stacks whose notices one channel shows each has its own buttons.
                criteria(operator="EQUALS", variable_name="answers", value=function),
            ],
        )


def _short(stack: str) -> str:
    """The stack's name, cut where that is needed, and then still its own."""
    if Token.is_unresolved(stack) or len(stack) <= _LONGEST_STACK:
        return stack
    return f"{stack[: _LONGEST_STACK - 7]}-{sha256(stack.encode()).hexdigest()[:6]}"
