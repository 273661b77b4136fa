"""`--fleet status`: how all accounts and Regions stand, worst first."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from cli.options import Asked, operators
from cli.output import print_json


@operators(
    "status",
    click.option("--account", default="", help="Of one account only."),
    click.option("--all", "every", is_flag=True, help="Each spoke, not only bad ones."),
)
def command(asked: Asked, account: str, every: bool) -> int:
    """Show how all accounts and Regions stand, worst first: silent, failed, held, findings.

    Changes nothing. It is as the hub heard it last; a spoke's own ./autopilot status looks itself.

    \b
    Example: ./autopilot --fleet status
    Exit codes: 0 it could be read, whatever it shows; 1 there is no hub, or another error.
    """
    from autopilot.fleet.standing import stand, totals
    from autopilot.reconcile.codec import encode

    from cli.fleet.hub import connect
    from cli.fleet.status_text import print_status

    hub, now = connect(asked), datetime.now(UTC)
    heard, own = hub.spokes(account), hub.findings(account)
    stands = [stand(each, hub.release, now, hub.silent_after_seconds) for each in heard]
    stands.sort(key=lambda each: each.worst_first)
    made = totals(stands, heard)
    if asked.as_json:
        spokes = [{**encode(each), "spoke": str(each.spoke)} for each in stands]
        told = {"release": hub.release, "totals": encode(made), "findings": encode(own)}
        print_json({**told, "spokes": spokes})
    else:
        print_status(stands, made, own, hub.release, every=every)
    return 0
