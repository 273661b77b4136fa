"""`status`: how everything stands, worst first."""

from __future__ import annotations

import click

from cli.options import Asked, operators
from cli.output import print_json
from cli.overview import print_unlike, read


@operators(
    "status", click.option("--all", "every", is_flag=True, help="Each subnet, not only bad ones.")
)
def command(asked: Asked, every: bool) -> int:
    """Show how everything stands: coverage by VPC, services, what waits, what failed.

    Changes nothing. Coverage says which subnets reach S3, DynamoDB and each profile's services
    privately, which not and why; worst first. It goes by the autopilot.yaml of this checkout.

    \b
    Example: ./autopilot status
    Exit codes: 0 all could be read, whatever it shows; 1 something couldn't, or another error.
    """
    from autopilot.reconcile.codec import encode

    from cli.status_text import print_status

    here = asked.connect()
    seen = read(asked, here)
    if asked.as_json:
        print_json(encode(seen))
    else:
        print_unlike(here)
        print_status(seen, every=every)
    return 1 if seen.unknown else 0
