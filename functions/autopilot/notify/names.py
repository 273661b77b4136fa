"""Name tags in words for people: "payments (vpc-1)". A tag is anybody's text, perhaps hostile."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping

from autopilot.policy.tags import one_line

Names = Mapping[str, str]
"""Name tags by the ids of what bears them."""
Owners = Mapping[str, str]
"""Owners by the ids of what is theirs."""
Keep = Callable[[str], Mapping[str, str]]
"""What a row keeps of what its words name."""
LONGEST = 80
_WORD = re.compile(r"[\w-]+")
_WORD_OR_ARN = re.compile(r"arn:[\w:/.-]+|[\w-]+")
# No id stands in an ARN, a path, a host name, a link's query, or where one is named already.
_ID = re.compile(r"(?<![\w./=(-])[a-z]+-[\w-]+")


def clean(name: str, longest: int = LONGEST) -> str:
    """A name as one line, of no more characters than `longest`."""
    return one_line(name, longest)


def named(words: str, names: Names, longest: int = LONGEST) -> str:
    """`words` with its name before each id; one in a path or a link stays alone."""
    return _ID.sub(lambda found: _with_name(found[0], names, longest), words) if names else words


def names_in(words: str, names: Names) -> dict[str, str]:
    """Those of the names whose ids `words` hold, wherever in it, by id."""
    return {id_: names[id_] for id_ in sorted(ids_in(words) & names.keys())} if names else {}


def ids_in(words: str) -> frozenset[str]:
    """Whatever in `words` may be an id."""
    return frozenset(_WORD.findall(words))


def kept(names: Names, words: str) -> dict[str, str]:
    """What a row of the ledger keeps of the names that `words` need; {} for none."""
    needed = names_in(words, names)
    return {"names": json.dumps(needed)} if needed else {}


def owners_in(words: str, owners: Owners) -> dict[str, str]:
    """Those of the owners whose ids, some of which are ARNs, `words` hold, by id."""
    found = set(_WORD_OR_ARN.findall(words)) if owners else ()
    return {id_: owners[id_] for id_ in sorted(found) if id_ in owners}


def keeper(names: Names, owners: Owners) -> Keep:
    """What a row of the ledger keeps of the names and owners that words need; {} for none."""

    def keep(words: str) -> dict[str, str]:
        needed = owners_in(words, owners)
        return {**kept(names, words), **({"owners": json.dumps(needed)} if needed else {})}

    return keep


def remembered(bodies: Iterable[Mapping[str, object]], what: str = "names") -> dict[str, str]:
    """The names that rows keep, or the "owners"; older rows keep none."""
    found: dict[str, str] = {}
    for body in bodies:
        found |= json.loads(str(body.get(what) or "{}"))
    return found


def _with_name(id_: str, names: Names, longest: int) -> str:
    name = clean(names.get(id_, ""), longest)
    return f"{name} ({id_})" if name else id_
