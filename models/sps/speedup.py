"""What SPS gains over the dense array of the same size, from the models of both.

Cycles are those of the compute phases of all passes, by shape: which operands are zero changes
nothing. ``report`` prints the table beside the goals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from models.array import timing as dense_timing
from models.array.compiler import outline
from models.array.config import ArrayConfig
from models.array.lowering import lower
from models.dense.config import DenseConfig
from models.dense.store import DenseTiles
from models.layer import Layer
from models.sps import timing
from models.sps.arrange import Options
from models.sps.config import SpsConfig
from models.sps.store import SpsTiles
from models.workloads.sps import EVALUATED, NETWORKS, STRUCTURES, TAPS, sps_layer

PERIODS = (4, 8, 16)
#: (structure, period) -> least speed-up over all layers of a network.
GOALS = {("kss4", 4): 2.15, ("kss4", 8): 1.90, ("kss2", 8): 3.60, ("full4", 8): 1.60}
#: Channels as they come; layers with few of them may repeat them all the same.
UNSORTED = Options(orders=("natural", "copies"))


@dataclass(frozen=True)
class Cycles:
    """Cycles of the compute phases of a layer on both arrays.

    unsorted  of SPS when channels stay in their order
    operands  multiplies with a weight that is not zero, the border of the image included
    """

    dense: int
    sps: int
    unsorted: int
    operands: int


def compute(tiles: DenseTiles | SpsTiles) -> int:
    """Cycles of the compute phases of a layer's passes."""
    config: ArrayConfig = tiles.config
    total = 0
    for number, pixels in outline(tiles):
        if isinstance(tiles, SpsTiles):
            last = timing.last_start(number, pixels, config)
            total += timing.compute_cycles(last, pixels, config)
        else:
            last = dense_timing.last_start(pixels, number, config)
            total += dense_timing.compute_cycles(last, pixels, config)
    return total


def dense_of(config: SpsConfig) -> DenseConfig:
    """The dense array of the same size, with the same buffers."""
    return DenseConfig(**{key: getattr(config, key) for key in ArrayConfig.__dataclass_fields__})


def cycles_of(layer: Layer, config: SpsConfig) -> Cycles:
    """Of a layer on a build and on the dense array of its size."""
    low = lower(layer, config)
    same = dense_of(config)
    batch, _, height, width = layer.out_shape
    live = int((layer.weights != 0).sum())
    return Cycles(
        compute(DenseTiles(low, same)),
        compute(SpsTiles.of(low, config)),
        compute(SpsTiles.of(low, config, UNSORTED)),
        live * batch * height * width,
    )


@dataclass(frozen=True)
class Row:
    """A network, a structure and a period: speed-up, that without sorting, and the share of the
    slots of SPS that have a weight.
    """

    network: str
    structure: str
    period: int
    speedup: float
    unsorted: float
    filled: float

    @property
    def goal(self) -> float:
        """The least speed-up, 0 where there is none."""
        return GOALS.get((self.structure, self.period), 0.0)


def row(
    network: str,
    structure: str,
    period: int,
    config: SpsConfig | None = None,
    seed: int = 1,
) -> Row:
    """All layers of a network, each once for every time it is there."""
    build = config or SpsConfig()
    one = cache(lambda name: cycles_of(sps_layer(name, structure, period, seed, False), build))
    found = [one(f"{network}-{name}") for name in NETWORKS[network]]
    dense, sps = sum(each.dense for each in found), sum(each.sps for each in found)
    slots = sps * build.multipliers
    return Row(
        network,
        structure,
        period,
        dense / sps,
        dense / sum(each.unsorted for each in found),
        sum(each.operands for each in found) / slots,
    )


def rows(
    config: SpsConfig | None = None, notify: Callable[[str], None] = lambda text: None
) -> list[Row]:
    """Every evaluated network, structure and period."""
    made = []
    for network in EVALUATED:
        for structure in STRUCTURES:
            for period in PERIODS:
                notify(f"{network} {structure} {period}")
                made.append(row(network, structure, period, config))
    return made


def report(found: Iterable[Row]) -> str:
    """The table in Markdown."""
    lines = [
        "| network | kept | period | over dense | unsorted | slots with a weight | goal |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in found:
        size, full = STRUCTURES[one.structure]
        kept = f"{size} of {TAPS}" + (", one full" if full else "")
        goal = f"{one.goal:.2f}" if one.goal else ""
        lines.append(
            f"| {one.network} | {kept} | {one.period} | x{one.speedup:.2f} | x{one.unsorted:.2f} "
            f"| {100 * one.filled:.1f} % | {goal} |"
        )
    return "\n".join(lines)
