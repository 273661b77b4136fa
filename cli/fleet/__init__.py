"""Commands over the whole fleet, with credentials of the hub's account: `./autopilot --fleet …`."""

COMMANDS = ("plan", "status", "requests", "why", "history", "accept", "reject")
"""In the order of the help; `cli.fleet.<name>` holds `command`."""
