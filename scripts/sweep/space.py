"""What a sweep goes through: values of fields and densities, as they are written."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from models import registry
from models.names import quoted, respelled, unknown

#: More points are a slip of the keyboard.
MOST = 10_000


def values(text: str, kind: Callable[[str], Any], name: str) -> list[Any]:
    """``4,8``, ``1..16`` (doubled from the first on, the last one is always there) or
    ``1..16:5`` (steps of 5); ValueError with the name.

    >>> values("1..16", int, "x"), values("2..9:3", int, "x"), values("0.1..1", float, "x")
    ([1, 2, 4, 8, 16], [2, 5, 8], [0.1, 0.2, 0.4, 0.8, 1.0])
    """
    found: list[Any] = []
    for part in text.split(","):
        low, dots, rest = part.strip().partition("..")
        high, colon, step = rest.partition(":")
        try:
            first = kind(low)
            last = kind(high) if dots else first
            by = kind(step) if colon else None
        except ValueError:
            raise ValueError(
                f"{name}: found {quoted(part)}, need 4,8 or 1..16 or 1..16:5"
            ) from None
        if not all(math.isfinite(one) for one in (first, last)) or last < first or first < 0:
            raise ValueError(f"{name}: found {quoted(part)}, need a range that goes up")
        if by is not None and by <= 0:
            raise ValueError(f"{name}: found a step of {quoted(step)}, need one above 0")
        if by is not None and (last - first) / by > MOST:
            raise ValueError(f"{name}: found {quoted(part)}, need at most {MOST:,} values")
        found += _between(first, last, by)
    return list(dict.fromkeys(found))


def _between(first: Any, last: Any, by: Any) -> list[Any]:
    if by is not None:
        count = int((last - first) / by + 1e-9)
        return [round(first + at * by, 9) for at in range(count + 1)]
    found = [first]
    while 0 < found[-1] * 2 < last:
        found.append(round(found[-1] * 2, 9))
    if found[-1] == 0 < last:
        raise ValueError(f"range: found {first}..{last}, need a step: {first}..{last}:1")
    return found if found[-1] == last else [*found, last]


def settings(design: str, text: str) -> dict[str, list[Any]]:
    """``num_pe=16,64;queue_depth=1..16`` as field -> values; ValueError on an unknown field."""
    known = {one.name: one for one in fields(registry.design(design).config)}
    found: dict[str, list[Any]] = {}
    for part in filter(None, (one.strip() for one in text.split(";"))):
        name, equals, given = part.partition("=")
        if not equals or not given.strip():
            raise ValueError(f"config: found {quoted(part)}, need field=values: queue_depth=1..16")
        (field,) = respelled({name.strip(): 0}, list(known), design)
        kind = type(known[field].default)
        if kind is str:
            found[field] = [one.strip() for one in given.split(",")]
        else:
            numbers = values(given, int, field)
            found[field] = [bool(one) for one in numbers] if kind is bool else numbers
    return found


@dataclass(frozen=True)
class Point:
    """A build and densities. changes: fields that are not the default's."""

    design: str
    changes: tuple[tuple[str, Any], ...]
    shape: tuple[int, int, int, int]
    pixels: int
    batch: int
    structure: str
    weight_density: float
    activation_density: float
    seed: int


def product(
    settings: Mapping[str, Sequence[Any]], densities: Sequence[float], activations: Sequence[float]
) -> list[tuple[tuple[tuple[str, Any], ...], float, float]]:
    """All combinations: (changes, density of weights, of activations); ValueError on too many."""
    count = math.prod([len(one) for one in settings.values()] + [len(densities), len(activations)])
    if count > MOST:
        raise ValueError(f"config: found {count:,} points, need at most {MOST:,}")
    builds = [
        tuple(zip(settings, some, strict=True)) for some in itertools.product(*settings.values())
    ]
    return [(build, w, a) for build in builds for w in densities for a in activations]


def shape_of(text: str) -> tuple[int, int, int, int]:
    """``K,C`` or ``K,C,R,S``; ValueError.

    >>> shape_of("64,32")
    (64, 32, 1, 1)
    """
    try:
        sizes = [int(one) for one in text.split(",")]
    except ValueError:
        sizes = []
    if len(sizes) not in (2, 4) or not all(1 <= one <= 1 << 16 for one in sizes):
        raise ValueError(f"shape: found {quoted(text)}, need K,C or K,C,R,S from 1")
    outputs, inputs, rows, cols = (*sizes, 1, 1)[:4]
    return outputs, inputs, rows, cols


def density_values(text: str, name: str) -> list[float]:
    """Densities above 0 up to 1."""
    found = values(text, float, name)
    for one in found:
        if not 0 < one <= 1:
            raise ValueError(f"{name}: found {one}, need numbers above 0 up to 1")
    return found


def structure_of(text: str, known: Sequence[str]) -> str:
    """A structure by name."""
    if text not in known:
        raise ValueError(unknown("structure", text, known))
    return text
