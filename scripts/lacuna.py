"""Lacuna from Python: a layer on a design, in RTL or by its model, with everything it counted.

    from scripts import lacuna

    layer = lacuna.load("my.npz", density=0.1)
    one = lacuna.run(layer, "sparse_on_dense", "8x8")          # in RTL, every output compared
    one.outputs, one.counters["mac_useful"], one.record["energy_pj"]
    many = lacuna.compare(layer, rtl=False)                    # every design, by model: seconds
    deep = lacuna.sweep(layer, "eie", queue_depth=[1, 2, 8])   # one run a value
    lacuna.rows(many)                                          # dicts, for pandas or csv
    lacuna.plot(many, "cycles_compute").savefig("cycles.png")

Run from the folder of the project with its Python (``.venv/bin/python``, or a notebook that has it
as kernel). A model answers what RTL would: outputs of the golden function, and the counters that
the cycle model predicts, which RTL meets one by one; a run in RTL says if one differs. What is
wrong with an argument is a ValueError in one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import registry
from models.layer import Layer
from models.places import build_root
from models.workloads import load_own, workload
from models.workloads.scales import Widths
from scripts.measure.engine import CannotTake, Engine, Player, rtl_player
from scripts.measure.records import LayerRun, accounts, utilisation
from scripts.options import whole
from scripts.run.tasks import configured

__all__ = [
    "CannotTake",
    "Layer",
    "Network",
    "Run",
    "build",
    "compare",
    "designs",
    "load",
    "network",
    "plot",
    "rows",
    "run",
    "sweep",
    "workload",
]


@dataclass(frozen=True, eq=False)
class Run:
    """One layer on one design.

    layer     as it ran; config: the build, a dataclass of the design
    source    ``rtl`` or ``model``
    outputs   int64 [B, K, P, Q]
    counters  by name (``models/socket.py``), summed over the passes; of a model those that it
              predicts, what depends on the streams is 0
    record    the layer's record of ``results.json`` (docs/figures.md), with ``source``
    """

    design: str
    config: Any
    layer: Layer
    source: str
    outputs: NDArray[np.int64]
    counters: Mapping[str, int]
    record: Mapping[str, Any]

    @property
    def exact(self) -> bool:
        """Whether RTL gave every output of the golden function and every predicted count; of a
        model, whose outputs are the golden function's, False: nothing was compared.
        """
        return bool(self.record["bit_exact"]) and not self.record["counter_errors"]

    @property
    def cycles(self) -> int:
        """Compute cycles, those that papers count."""
        return int(self.record["cycles_compute"])

    @property
    def utilisation(self) -> float:
        """Useful multiplies per multiplier slot."""
        return utilisation(self.record)

    @property
    def energy(self) -> float:
        """Estimate in pJ, all causes (``models/energy.py``)."""
        return float(sum(self.record["energy_pj"].values()))

    @property
    def slots(self) -> dict[str, int]:
        """Multiplier slots by what happened in them."""
        return accounts(self.record)


@dataclass(frozen=True, eq=False)
class Network:
    """The layers of a network, each on its own inputs; ``notes`` in words; ``outputs`` by name,
    real numbers of the integer network.
    """

    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()
    outputs: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def designs() -> list[str]:
    """Names of all designs.

    >>> designs()[:3]
    ['eie', 'dense', 'sparse_on_dense']
    """
    return list(registry.DESIGNS)


def build(design: str, config: str = "", **changes: int) -> Any:
    """The configuration that ``CONFIG=config`` names, with more fields changed.

    >>> build("dense", "8x8", act_width=8).rows, build("eie", queue_depth=2).queue_depth
    (8, 2)
    """
    made = configured(design, config)
    known = vars(made)
    for name, value in changes.items():
        if name not in known:
            raise ValueError(f"{name}: found no such field of {design}, known: {', '.join(known)}")
        whole(str(int(value)))
    return replace(made, **{n: type(known[n])(v) for n, v in changes.items()})


def load(
    path: str | Path,
    density: float | None = None,
    bits: int | None = None,
    inputs: str | Path | None = None,
    configs: Iterable[Any] = (),
    seed: int = 1,
) -> Layer:
    """A layer from a file that ``LAYER=`` takes: ``.npz``, ``.mtx``, ``file.safetensors:tensor``,
    ``file.pt:tensor``.

    density, bits   share of float weights kept (0.1), bits of their codebook (4)
    inputs          file of activations and geometry beside weights alone; without it they are
                    drawn by ``seed``
    configs         builds that it shall fit, for the widths of the numbers (16 bits without)
    """
    widths = Widths.of(configs)
    return load_own(path, density, bits, widths=widths, inputs=inputs, draw=seed).layer


def network(
    path: str | Path,
    inputs: Mapping[str, NDArray[Any]] | None = None,
    density: float | None = None,
    configs: Iterable[Any] = (),
    seed: int = 1,
) -> Network:
    """The layers of an ONNX file, each on the inputs that it has there.

    inputs    name -> array; without it they are drawn by ``seed``
    density   share of float weights kept, None: all; configs: builds that it shall fit
    """
    from models.graph.network import Network as Graph
    from models.graph.problem import Wanted

    graph = Graph.load(path)
    given = graph.drawn(seed) if inputs is None else graph.named(inputs)
    passed = graph.run(given, Wanted(Widths.of(configs), density))
    return Network(
        tuple(one.layer for one in passed.steps), tuple(passed.notes), dict(passed.outputs)
    )


def run(
    layer: Layer,
    design: str,
    config: Any = "",
    *,
    rtl: bool = True,
    simulator: str = "verilator",
    seed: int = 1,
    folder: Path | None = None,
    player: Player = rtl_player,
) -> Run:
    """A layer on a design.

    config     a build of ``build``, or its name and changes as text
    rtl        False: by model, without a simulator
    simulator  verilator or icarus; seed: of its start states; folder: of its files
    player     plays programs (``tb.common.player.player.run_program``)

    Raises CannotTake, a ValueError, where the build cannot hold the layer; PlayerError, a
    RuntimeError, where a simulation ends in an error.
    """
    made = configured(design, config) if isinstance(config, str) else config
    made = registry.design(design).holding([layer], made)
    folder = folder or build_root() / "python"
    engine = Engine(design, made, simulator, seed, folder.resolve(), player)
    if rtl:
        result = engine.run([layer], "python", f"{design}-{layer.name}")
        return _run(engine, layer, "rtl", result.runs[0], result.outputs[0])
    predicted, outputs = engine.predict(layer, "python")
    return _run(engine, layer, "model", predicted, outputs)


def _run(
    engine: Engine, layer: Layer, source: str, found: LayerRun, outputs: NDArray[np.int64]
) -> Run:
    record = {**found.record(), "source": source}
    return Run(engine.design, engine.config, layer, source, outputs, found.counters, record)


def compare(
    layer: Layer,
    names: Sequence[str] | None = None,
    configs: Mapping[str, Any] | None = None,
    **options: Any,
) -> list[Run]:
    """The same layer on several designs, all that can take it; ``options`` as of ``run``.

    names    designs (all); configs: design -> build, else the default one
    Raises CannotTake where none can.
    """
    done, refused = [], []
    for name in names or designs():
        try:
            done.append(run(layer, name, (configs or {}).get(name, ""), **options))
        except CannotTake as error:
            refused.append(f"{name}: {error}")
    if not done:
        raise CannotTake("; ".join(refused))
    return done


def sweep(
    layer: Layer,
    design: str,
    config: str = "",
    *,
    rtl: bool = False,
    **values: Sequence[int],
) -> list[Run]:
    """A run for every combination of values of fields of the build, by model unless ``rtl``."""
    if not values:
        raise ValueError("values: found none, need fields of the build: queue_depth=[1, 2, 8]")
    return [
        run(layer, design, build(design, config, **dict(zip(values, some, strict=True))), rtl=rtl)
        for some in product(*values.values())
    ]


def rows(runs: Iterable[Run], *fields: str) -> list[dict[str, Any]]:
    """A flat dict for each run: what pandas and csv take.

    fields   of the build or of the record, beside those that all rows have
    """
    made = []
    for one in runs:
        row = {
            "design": one.design,
            "layer": one.layer.name,
            "source": one.source,
            "exact": one.exact,
            "cycles_compute": one.cycles,
            "mac_useful": one.record["mac_useful"],
            "utilisation": one.utilisation,
            "energy_pj": one.energy,
        }
        for name in fields:
            if name not in one.record["config"] and name not in one.record:
                raise ValueError(f"fields: found {name!r}, which neither build nor record has")
            row[name] = one.record["config"].get(name, one.record.get(name))
        made.append(row)
    return made


def plot(runs: Sequence[Run], value: str = "cycles_compute", label: str = "design") -> Any:
    """Bars of one value of ``rows``, a ``matplotlib.figure.Figure``; ``label`` as of ``rows``."""
    from matplotlib.figure import Figure

    wanted = [name for name in (value, label) if name not in rows(runs[:1])[0]]
    table = rows(runs, *wanted)
    figure = Figure(figsize=(6.4, 0.5 + 0.4 * len(table)), layout="constrained")
    axes = figure.add_subplot()
    colours = [registry.design(one.design).colour for one in runs]
    at = range(len(table))
    axes.barh(at, [row[value] for row in table], color=colours)
    axes.set_yticks(at, [str(row[label]) for row in table])
    axes.invert_yaxis()
    axes.set_xlabel(value.replace("_", " "))
    return figure
