"""Functions and state machines that wait, for tests of what is on its way."""

from __future__ import annotations

import io
import json
import zipfile


def bundle(name: str, text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, text)
    return packed.getvalue()


TRUST = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]
}
WAITS = json.dumps(
    {
        "StartAt": "Wait",
        "States": {
            "Wait": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Go on"},
            "Go on": {"Type": "Wait", "Seconds": 300, "End": True},
        },
    }
)
