"""What the ledger remembers of connections: who accepted them, and answers under way."""

from __future__ import annotations

from typing import Literal

CONNECTIONS = "connection"
"""The partition of these rows; the sort key is "service id/endpoint id".

A row's body, all texts: state, by ("autopilot", "expiry" or a principal's ARN), rule, reason, at
(ISO 8601). A row that isn't there: nobody remembers who accepted it, so it is never cut for want of
a rule. `state` is

- accepting: claimed by the execution `claimed_by`, right before the call. If the connection is live
  nonetheless (the answer was lost), nobody knows whether the call or a person did it: not cut.
- accepted: by whom `by` names.
- cutting: accepted by whom `by` names; claimed before the call.
- rejecting: claimed before the call.
- rejected: by whom `by` names; also what was cut. Such a row expires.
"""

ConnectionState = Literal["accepting", "accepted", "cutting", "rejecting", "rejected"]
