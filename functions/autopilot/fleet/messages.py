"""What the hub tells of its own: who is silent, what failed, who doesn't belong."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from autopilot.notify.bus import ChangeDefinition
from autopilot.notify.finding import Catalog, Ending, Finding, FindingDefinition, Present, defined
from autopilot.notify.notice import later

_SPOKES = partial(later, "autopilot.fleet.messages_spokes")
_MEMBERS = partial(later, "autopilot.fleet.messages_members")
_HUB = partial(later, "autopilot.fleet.messages_hub")


def _judged(report: object, finding: Finding, _present: Present) -> bool:
    """Whether the look saw enough to say that what it doesn't find is over."""
    kinds: frozenset[str] = getattr(report, "kinds", frozenset())
    return finding.kind in kinds


_SPOKE = "account/Region"
_WHOSE = "name: the account's; target; stack_set"
SILENT = FindingDefinition(
    kind="SpokeSilent",
    severity="failure",
    subject=_SPOKE,
    data=f"last: when it spoke, or since when it should; never: it never did; release; {_WHOSE}",
    reads=_SPOKES("silent"),
    news=("never?",),
    is_over=_judged,
    ending=Ending(
        "Spokes that were silent are silent no more",
        "They speak again, or don't belong to the fleet any more.",
        "speaks, or has left the fleet",
    ),
)
FAILED = FindingDefinition(
    kind="SpokeFailed",
    severity="failure",
    subject=_SPOKE,
    data=f"status, detail, reason: StackSets' words; {_WHOSE}",
    reads=_SPOKES("failed"),
    news=("status", "detail"),
    is_over=_judged,
    ending=Ending(
        "Stack instances that had failed are in order",
        "StackSets list them as failed no more.",
        "no longer failed",
    ),
)
MISSING = FindingDefinition(
    kind="SpokeMissing",
    severity="action",
    subject=_SPOKE,
    data=f"manages: it is the organization's management account; {_WHOSE}",
    reads=_MEMBERS("missing"),
    is_over=_judged,
    ending=Ending(
        "Accounts without a spoke are served, or not in the fleet any more",
        "StackSets have made their stacks, or their unit is none of the fleet's.",
        "has its stack, or needs none",
    ),
)
DOUBLED = FindingDefinition(
    kind="SpokeDoubled",
    severity="action",
    subject=_SPOKE,
    data="stacks: all of them; acts: the one that does; alone: that is no fleet's, and the spoke"
    f" stands back; states: CloudFormation's words; days: for how long; {_WHOSE}",
    reads=_MEMBERS("doubled"),
    news=("stacks", "alone", "days"),
    is_over=_judged,
    ending=Ending(
        "One stack stands where two did",
        "The other one is gone, or has been silent for a while.",
        "one stack stands",
    ),
)
STRANGER = FindingDefinition(
    kind="StrangerSpeaks",
    severity="action",
    subject=_SPOKE,
    data="why: it doesn't belong to the fleet; stack; name: the account's",
    reads=_MEMBERS("stranger"),
    news=("why",),
    is_over=_judged,
    ending=Ending(
        "Who spoke without belonging to the fleet is settled",
        "They are silent now, or belong to it.",
        "silent, or in the fleet",
    ),
)
LEFT = FindingDefinition(
    kind="SpokeLeft",
    severity="info",
    subject=_SPOKE,
    data="why: it belongs to the fleet no more; last: when it last spoke; name: the account's",
    reads=_MEMBERS("left"),
    lasts=timedelta(days=30),
)
SKEWED = FindingDefinition(
    kind="SpokeSkewed",
    severity="action",
    subject=_SPOKE,
    data=f"release: which it runs, wanted: which it should; {_WHOSE}",
    reads=_SPOKES("skewed"),
    news=("wanted",),
    is_over=_judged,
    ending=Ending(
        "Spokes that ran another release run the wanted one",
        "Their heartbeats bear it, or they are silent, which is told by itself.",
        "runs the wanted release",
    ),
)
NEWER = FindingDefinition(
    kind="SpokeSpeaksNewer",
    severity="action",
    subject=_SPOKE,
    data=f"schema: which it speaks; {_WHOSE}",
    reads=_SPOKES("newer"),
    news=("schema",),
    is_over=_judged,
    ending=Ending(
        "The hub understands its spokes again",
        "They and the hub speak the same schema.",
        "understood",
    ),
)
UNDELIVERED = FindingDefinition(
    kind="NewsUndelivered",
    severity="failure",
    subject=_SPOKE,
    data=f"count: of news that wait, since: when; {_WHOSE}",
    reads=_SPOKES("undelivered"),
    is_over=_judged,
    ending=Ending(
        "News that waited in spokes have arrived",
        "Their heartbeats say that nothing waits.",
        "nothing waits",
    ),
)
DEAF = FindingDefinition(
    kind="HubHearsNothing",
    severity="failure",
    subject="Region",
    data="last: when anybody was heard last; spokes: how many should speak",
    reads=_HUB("deaf"),
    is_over=_judged,
    ending=Ending("The hub hears its spokes again", "At least one of them has spoken.", "hears"),
)
UNREAD = FindingDefinition(
    kind="FleetUnread",
    severity="failure",
    subject="the API action",
    data="of: what it lists; message: AWS's words",
    reads=_HUB("unread"),
    is_over=_judged,
    ending=Ending("The hub can read its fleet again", "AWS answers.", "read"),
)
FINDINGS = defined(globals())
CHANGES: tuple[ChangeDefinition, ...] = ()
CATALOG: Catalog = {each.kind: each for each in FINDINGS}
