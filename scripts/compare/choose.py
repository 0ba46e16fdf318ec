"""Which builds of the designs are equal: in multipliers, in gates, or in on-chip memory."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models import registry
from models.design import BASELINE, Design
from models.energy import EnergyTable
from models.layer import Layer
from scripts.compare.sizes import Size
from scripts.measure.predict import Prediction, predict

#: What can be equal, and what that is for tables.
MEASURES = {"multipliers": "multipliers", "gates": "gates", "memory": "bits of on-chip memory"}
#: The size of the baseline that the others are equal to, unless a budget is given.
REFERENCE = {"multipliers": "8x8", "gates": "16x16", "memory": "16x16"}
#: Builds this much further from the budget than the nearest are equal to it: the best one counts.
ALIKE = 1.1
#: Beyond this ratio to the budget nothing is equal any more.
FAR = 2.0
#: A gate delay (FO4) in picoseconds, of a 45 nm process: the node of the energies.
FO4_PS = 20.0
#: Accumulators that hold the sums of any 16-bit operands.
WIDEST_SUM = 48


def amount(size: Size, measure: str) -> float | None:
    """What a build has of a measure; None where its gates are not known."""
    found = {
        "multipliers": float(size.multipliers),
        "gates": size.cost.gates,
        "memory": float(size.memory_bits),
    }
    return found[measure]


def budget_of(sizes: Sequence[Size], measure: str) -> float:
    """That of the baseline's reference size."""
    for one in sizes:
        if (one.design, one.label) == (BASELINE, REFERENCE[measure]):
            found = amount(one, measure)
            if found:
                return found
    raise ValueError(f"sizes: found no {measure} of {BASELINE} {REFERENCE[measure]}, need them")


def equal(
    sizes: Sequence[Size], measure: str, budget: float, published: bool = False
) -> dict[str, list[Size]]:
    """Design -> its builds nearest to a budget, as a ratio; none where nothing is known of it, or
    all are further than ``FAR`` from it.

    Several where they are as near as ``ALIKE`` to the nearest one: a format, a width of sums.
    ``published``: of those without our gains instead.
    """
    found: dict[str, list[Size]] = {}
    for name in registry.DESIGNS:
        far = {}
        for at, one in enumerate(sizes):
            has = amount(one, measure)
            if one.design == name and one.published == published and has:
                far[at] = abs(math.log(has / budget))
        limit = min(min(far.values(), default=0.0) + math.log(ALIKE), math.log(FAR))
        found[name] = [sizes[at] for at, much in far.items() if much <= limit]
    return found


def fitting(design: Design, config: Any, layers: Sequence[Layer]) -> Iterator[Any]:
    """The build with numbers as wide as the layers need (``Design.holding``), then one whose sums
    have ``WIDEST_SUM`` bits.
    """
    config = design.holding(layers, config)
    yield config
    if getattr(config, "acc_width", WIDEST_SUM) < WIDEST_SUM:
        with contextlib.suppress(ValueError):
            yield replace(config, acc_width=WIDEST_SUM)


@dataclass(frozen=True)
class Entrant:
    """A build beside others on the same layers, by the models.

    config   as the layers need it; wider: fields in which it is not the size's own
    found    a prediction for each layer; empty where it cannot take one: then ``reason``
    """

    size: Size
    config: Any
    wider: Mapping[str, Any]
    found: tuple[Prediction, ...]
    reason: str = ""

    def total(self, name: str) -> float:
        """Sum of a figure of the predictions over the layers."""
        return float(sum(getattr(one, name) for one in self.found))

    @property
    def cycles(self) -> float:
        """Of computing, all layers."""
        return self.total("cycles")

    @property
    def time_us(self) -> float | None:
        """At a clock as long as the longest path; None where that is not known."""
        fo4 = self.size.fo4
        return None if fo4 is None else self.cycles * fo4 * FO4_PS * 1e-6

    @property
    def energy_uj(self) -> float:
        """Streams among it."""
        return self.total("energy") * 1e-6

    @property
    def rank(self) -> tuple[bool, float, bool]:
        """The smallest is the fastest; builds whose clock is not known come last, and of equals
        those that had to be widened.
        """
        time = self.time_us
        return time is None, self.cycles if time is None else time, bool(self.wider)


def entrant(size: Size, layers: Sequence[Layer], table: EnergyTable | None = None) -> Entrant:
    """What the models say of the layers on a build."""
    design, given = size.model, size.config
    why = ""
    try:
        for config in fitting(design, given, layers):
            try:
                found = tuple(predict(design, config, layer, table) for layer in layers)
            except ValueError as error:
                why = why or str(error)
                continue
            before, after = given.parameters(), config.parameters()
            wider = {name: value for name, value in after.items() if before[name] != value}
            return Entrant(size, config, wider, found)
    except ValueError as error:  # of a width that no build has
        why = why or str(error)
    return Entrant(size, given, {}, (), why)


def best(entrants: Sequence[Entrant]) -> Entrant:
    """The fastest of a design's builds that take the layers; the first where none does."""
    good = [one for one in entrants if one.found]
    return min(good, key=lambda one: one.rank) if good else entrants[0]
