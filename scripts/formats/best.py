"""Which format costs least where, and where formats break even, from measured sizes.

Families, since a shorter stream can cost more hardware or change the weights:

    fixed     fields of fixed width, values as they are
    coded     Huffman too: shorter, but a decoder does one symbol a cycle
    shared    codebooks too: 2**bits values, a loss unless the layer has no more

Run length with the best and with the usual run width count as one format here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from scripts.formats.formulas import break_even, expected
from scripts.formats.study import NAMES, Record, Subject, measure

FAMILIES = ("fixed", "coded", "shared")
#: Halvings of 0..1 in the search for a break-even: 0.02 % of density.
_HALVINGS = 12


def family_text(family: str, shared: int) -> str:
    """A family in words; codebooks hold ``shared`` values.

    >>> family_text("shared", 16)
    'Fixed width, Huffman codes and codebooks of 16 shared values'
    """
    return {
        "fixed": "Fields of fixed width",
        "coded": "Fixed width and Huffman codes",
        "shared": f"Fixed width, Huffman codes and codebooks of {shared} shared values",
    }[family]


def in_family(family: str, name: str) -> bool:
    """Whether a format belongs to a family, each of which holds the ones before.

    >>> [in_family(family, "Huffman runs") for family in FAMILIES]
    [False, True, True]
    """
    if family not in FAMILIES:
        raise ValueError(f"family: found '{family}', known: {', '.join(FAMILIES)}")
    if name.startswith("codebook"):
        return family == "shared"
    return family != "fixed" or not name.startswith("Huffman")


def cheapest(records: Iterable[Record], family: str) -> Record:
    """The record with fewest bits a weight; the first of equals."""
    able = [
        one
        for one in records
        if one["bits_per_weight"] is not None and in_family(family, one["format"])
    ]
    return min(able, key=lambda one: one["bits_per_weight"])


@dataclass(frozen=True)
class Stretch:
    """Densities ``first`` to ``last`` at which one format is the cheapest."""

    format: str
    first: float
    last: float


def crossing(low: Sequence[Record], high: Sequence[Record]) -> float:
    """Density where two formats cost the same, between two points of a sweep, by straight lines.

    ``low`` and ``high`` are (first format, second format) at either point.

    >>> point = lambda d, a: {"density": d, "bits_per_weight": a}
    >>> crossing([point(0.8, 7.4), point(0.8, 8)], [point(0.9, 8.2), point(0.9, 8)])
    0.875
    """
    below = low[1]["bits_per_weight"] - low[0]["bits_per_weight"]
    above = high[0]["bits_per_weight"] - high[1]["bits_per_weight"]
    start, end = low[0]["density"], high[0]["density"]
    share = below / (below + above) if below + above else 0.5
    return round(start + share * (end - start), 6)


def stretches(records: Sequence[Record], family: str) -> list[Stretch]:
    """The cheapest format of one layer and granularity along the density, with the crossings.

    Densities are those reached; where several were asked for and one came out, the last counts.
    """
    points: dict[float, dict[str, Record]] = {}
    for one in records:
        if one["bits_per_weight"] is not None:
            points.setdefault(one["density"], {})[one["format"]] = one
    made: list[Stretch] = []
    before: dict[str, Record] = {}
    for density in sorted(points):
        here = points[density]
        best = cheapest(here.values(), family)["format"]
        if best == "run length":
            best = "run length, best"
        if made and made[-1].format != best:
            old = made[-1].format
            at = density
            if best in before and old in here:
                at = crossing([before[old], before[best]], [here[old], here[best]])
            made[-1] = Stretch(old, made[-1].first, at)
            made.append(Stretch(best, at, density))
        elif made:
            made[-1] = Stretch(best, made[-1].first, density)
        else:
            made.append(Stretch(best, density, density))
        before = here
    return made


def measured_break_even(layer: Subject, name: str) -> float | None:
    """Lowest density, up to 0.02 %, at which a format costs more than dense; None if it never does.

    Found by halving: the layer is pruned to each density tried (fine), encoded and measured.
    """

    def over(density: float) -> bool:
        found = measure(layer, layer.pruned("fine", density), name)["bits_per_weight"]
        return found is not None and found > layer.width

    if not over(1.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if over(middle) else (middle, high)
    return (low + high) / 2


def break_evens(layer: Subject, notify: Callable[[], object] = lambda: None) -> list[Record]:
    """Measured break-even of every format with dense beside the formula's, fine-grained.

    ``measured`` and ``formula`` are densities, None where the format never costs more than dense;
    ``closed`` says whether there is a formula; formats that cannot hold the layer are left out.
    """
    rows, cols = len(layer.weights), layer.weights[0].size
    made = []
    for name in NAMES:
        if name != "dense":
            whole = measure(layer, layer.pruned("fine", 1.0), name)
            if whole["bits_per_weight"] is not None:
                made.append(_compared(layer, name, rows, cols))
        notify()
    return made


def _compared(layer: Subject, name: str, rows: int, cols: int) -> Record:
    return {
        "layer": layer.name,
        "format": name,
        "measured": measured_break_even(layer, name),
        "formula": break_even(name, rows, cols, layer.width, layer.bits),
        "closed": expected(name, 0.5, rows, cols, layer.width, layer.bits) is not None,
    }
