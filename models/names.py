"""Names that people type: the nearest known one, lists that fit a line, configurations as text.

Standard library only. Every ``ValueError`` here is one line that names what was found and what
there is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

_LISTED = 12  # names that a message lists; of more it counts the rest


def plain(name: str) -> str:
    """A name without what spellings differ in.

    >>> plain("NumPe"), plain("num_pe")
    ('numpe', 'numpe')
    """
    return re.sub(r"[_-]", "", name).lower()


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant, "" if none is near.

    >>> nearest("DESNITY", ["DENSITY", "DESIGN"]), nearest("QueueDpeth", ["queue_depth"])
    ('DENSITY', 'queue_depth')
    >>> nearest("xyz", ["DENSITY"])
    ''
    """
    spelled = {plain(one): one for one in known}
    found = difflib.get_close_matches(plain(name), spelled, 1, 0.6)
    return spelled[found[0]] if found else ""


def listing(names: Iterable[str], most: int = _LISTED) -> str:
    """Names with commas between them, cut where they would fill a screen.

    >>> listing(["a", "b"]), listing("abcdef", 3)
    ('a, b', 'a, b, c and 3 more')
    """
    names = list(names)
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "") or "none"


def quoted(text: object) -> str:
    """A value as messages show it: in quotes, on one line, not longer than a line.

    >>> quoted("a\\nb"), quoted("")
    ("'a\\\\nb'", 'nothing')
    """
    text = str(text)
    if not text:
        return "nothing"
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    return f"'{shown[:300]}{'...' if len(shown) > 300 else ''}'"


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Message about a name that there is not: the nearest one, and what there is.

    >>> unknown("design", "eei", ["eie", "dense"])
    "design: found 'eei', did you mean 'eie'? known: eie, dense"
    """
    known = list(known)
    near = nearest(name, known)
    guess = f"did you mean '{near}'? " if near else ""
    return f"{what}: found {quoted(name)}, {guess}known: {listing(known)}"


def camel(name: str) -> str:
    """A field of a configuration class as the RTL spells it.

    >>> camel("num_pe")
    'NumPe'
    """
    return "".join(part.capitalize() for part in name.split("_"))


# ---------------------------------------------------------------- configurations


def settings(text: str) -> tuple[str, dict[str, int]]:
    """``name,parameter=value,...`` as name ("" without) and parameters as they are spelled.

    >>> settings("pe4,NumPe=8, queue_depth=2")
    ('pe4', {'NumPe': 8, 'queue_depth': 2})
    """
    first, *rest = (part.strip() for part in text.split(","))
    name, changes = ("", [first, *rest]) if "=" in first else (first, rest)
    found: dict[str, int] = {}
    for change in filter(None, changes):
        key, _, value = (part.strip() for part in change.partition("="))
        if not key or not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise ValueError(
                f"config: found {quoted(change)}, need NAME=INTEGER (after a name, if there is one)"
            )
        if plain(key) in map(plain, found):
            raise ValueError(f"config: found {key} twice in {quoted(text)}, need it once")
        found[key] = int(value)
    return name, found


def respelled(found: Mapping[str, int], known: Iterable[str], of: str) -> dict[str, int]:
    """Parameters as ``known`` spells them; ValueError on one that ``of`` has not.

    >>> respelled({"num_pe": 8}, ["NumPe", "Depth"], "lac_toy")
    {'NumPe': 8}
    >>> respelled({"Depht": 8}, ["NumPe", "Depth"], "lac_toy")
    Traceback (most recent call last):
    ValueError: config: lac_toy: found 'Depht', did you mean 'Depth'? known: NumPe, Depth
    """
    spelled = {plain(one): one for one in known}
    for name in found:
        if plain(name) not in spelled:
            raise ValueError(unknown(f"config: {of}", name, spelled.values()))
    return {spelled[plain(name)]: value for name, value in found.items()}


def chosen(name: str, known: Mapping[str, object], of: str, old: Mapping[str, str]) -> str:
    """A configuration's name, old spellings replaced; ValueError on one that ``of`` has not.

    >>> chosen("4pe", {"pe4_full": {}}, "eie", {"4pe": "pe4_full"})
    'pe4_full'
    """
    name = old.get(name, name)
    if name not in known:
        raise ValueError(unknown(f"config: {of}", name, known))
    return name
