"""What a published service bears: the tag that asks for it, the owner's, and who may ask."""

from __future__ import annotations

TAG = {"Key": "endpoint-autopilot", "Value": "publish"}
ROOT = "arn:aws:iam::222222222222:root"
