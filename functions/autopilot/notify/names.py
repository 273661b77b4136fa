"""Name tags in words for people: "payments (vpc-1)". A tag is anybody's text, perhaps hostile."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

Names = Mapping[str, str]
"""Name tags by the ids of what bears them."""
LONGEST = 80
_WORD = re.compile(r"[\w-]+")
# No id stands in an ARN, a path, a host name, a link's query, or where one is named already.
_ID = re.compile(r"(?<![\w./=(-])[a-z]+-[\w-]+")


def clean(name: str, longest: int = LONGEST) -> str:
    """A name as one line that can neither end the line, nor hide, nor turn what stands beside it.

    White space of any kind becomes one space; what is not printable (control characters, marks of
    direction, halves of surrogate pairs) a question mark.
    """
    plain = " ".join(name.split())
    shown = "".join(c if c.isprintable() else "?" for c in plain)
    return shown if len(shown) <= longest else f"{shown[: longest - 3].rstrip()}..."


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


def remembered(bodies: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """The names that rows keep; older rows keep none."""
    found: dict[str, str] = {}
    for body in bodies:
        found |= json.loads(str(body.get("names") or "{}"))
    return found


def _with_name(id_: str, names: Names, longest: int) -> str:
    name = clean(names.get(id_, ""), longest)
    return f"{name} ({id_})" if name else id_
