"""What errors mean to somebody who has never seen the code."""

from __future__ import annotations

_MEANING = {
    "AccessDenied": "AWS doesn't allow the automation's role this call.",
    "QuotaExceeded": "The account may not have one more of this.",
    "PolicyRejected": "AWS doesn't take the endpoint policy that autopilot.yaml names.",
    "ServiceNotOffered": "The Region offers no gateway endpoint for the service.",
    "Throttled": "AWS asked for fewer calls, and went on asking through all retries.",
    "ServiceUnavailable": "AWS didn't answer, through all retries.",
    "OperationInProgress": "Another change of the endpoint was under way through all retries.",
    "RouteAlreadyExists": "A route to the service kept turning up that no look showed.",
    "NoLongerWanted": "Nothing of the change was wanted any more right before it.",
    "NotFound": "The VPC, a route table or the endpoint kept vanishing.",
    "InUse": "Something still hangs on it, through all retries.",
    "StillServing": "Others may be using it, so it wasn't taken away.",
    "StillEnforcing": "The policy's mode is no longer audit, so nothing was removed.",
    "ParameterMismatch": "AWS takes the call for another one that was made before.",
    "NotOurs": "The thing no longer carries the automation's owner tag, so it wasn't touched.",
    "PrincipalRejected": "AWS doesn't take a principal: it isn't there, or it can't stand here.",
    "StillConnected": "Endpoints kept connecting to the service that was to go.",
    "NotSettledYet": "What was rejected still held the service, through all retries.",
    "AlreadyExists": "Somebody else made it meanwhile.",
    "NoEffect": "AWS took the change, but it doesn't show.",
    "ZoneTaken": "The endpoint kept having a subnet in the zone that no look showed.",
    "ZoneNotRemote": "No subnet is in a zone from which other Regions can be reached.",
    "PrivateDnsRefused": "AWS doesn't let the endpoint have private DNS.",
    "StillReliedOn": "An interface endpoint for the service leaves the VPC's own traffic to it.",
    "RefusedByAws": "AWS refused the call.",
    "SettingsMissing": "The function's settings are incomplete: somebody changed them.",
    "TimedOut": "The execution reached its time limit and was ended.",
    "Aborted": "Somebody stopped the execution.",
    "States.Runtime": "Step Functions could not work out a value: an error in the workflow itself.",
    "States.DataLimitExceeded": "A step's data grew larger than Step Functions takes.",
    "States.Timeout": "It took too long, through all retries.",
    "Sandbox.Timedout": "The function took too long, through all retries.",
}


def explanation(error: object) -> str:
    """One sentence on `error`, a name that the workflow reports."""
    return _MEANING.get(str(error), f"The error is called {error}.")
