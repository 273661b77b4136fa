"""ClientToken: the same question gives the same answer, another question under it is refused."""

from __future__ import annotations

from typing import Any

from ..call import Call, Handler
from ..errors import AwsError
from ..world import Remembered


def once(call: Call, do: Handler) -> dict[str, Any]:
    """Does the call, or repeats the answer that its token already got.

    An answer outlives its resource (invented, the harshest reading: a token used again after
    the endpoint was deleted makes no new one). A failed call leaves no memory.

    Raises:
        AwsError: the token belongs to a call with other parameters.
    """
    token = call.get("ClientToken")
    if not token:
        return do(call)
    key = (call.caller.account, call.caller.region, call.operation, token)
    earlier = call.world.tokens.get(key)
    if earlier is None:
        output = do(call)
        call.world.tokens[key] = Remembered(call.parameters, output)
        return output
    if earlier.parameters != call.parameters:
        raise AwsError(
            "IdempotentParameterMismatch",
            f"The client token '{token}' has been used with different parameters.",
        )
    return earlier.output


def echo(call: Call) -> dict[str, str]:
    """The token as answers repeat it, if the call has one."""
    token = call.get("ClientToken")
    return {"ClientToken": token} if token else {}
