"""All kinds that ops may be told: the workflows', and those of a fleet's hub."""

from __future__ import annotations

from autopilot import workflows
from autopilot.fleet import messages as fleet
from autopilot.notify.finding import Catalog

MESSAGES = (*workflows.MESSAGES, fleet)
CATALOG: Catalog = {**workflows.CATALOG, **fleet.CATALOG}
CHANGES = workflows.CHANGES
