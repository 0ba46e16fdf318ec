"""Layers through RTL: compile, simulate, take apart, compare with golden, count.

``Engine.run`` handles one program: a single layer, or several that the accelerator chains by
itself. Nothing here knows a particular design; the registry says which module compiles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from models import lower, registry
from models.case import Case
from models.design import Design
from models.energy import EnergyTable
from models.golden import golden, golden_chain
from models.layer import Layer
from models.places import build_root
from models.program import Program, stream_words
from scripts.measure.records import LayerRun, difference, disagreements, summed

Player = Callable[..., Any]
#: step name, done, total
Notify = Callable[[str, int, int], None]


class CannotTake(ValueError):
    """A build cannot run a layer; the message says which number is beyond it."""


def rtl_player(*args: Any, **kwargs: Any) -> Any:
    """``tb.common.player.player.run_program``, imported late: models alone need no simulator."""
    from tb.common.player.player import run_program

    return run_program(*args, **kwargs)


def option_fields(design: str) -> list[tuple[str, type, Any]]:
    """(name, type, default) of every field of the configuration, for command line options."""
    config = registry.design(design).config
    return [(f.name, type(f.default), f.default) for f in fields(config)]


def has_queues(config: Any) -> bool:
    """Whether a design has queues whose levels a trace would show."""
    return hasattr(config, "queue_depth")


@dataclass
class GroupResult:
    """What one program gave: records in the making, and the output of each layer from RTL.

    pass_layers: name of the layer of each pass; lowered: what was done to the layer so that the
    design takes it (``models/lower.py``), "" for nothing; plain: the layers that ran instead.
    """

    runs: list[LayerRun]
    outputs: list[np.ndarray]
    golden: list[np.ndarray]
    sim_seconds: float
    sim_cycles: int
    trace: Path | None = None
    pass_layers: tuple[str, ...] = ()
    lowered: str = ""
    plain: tuple[Layer, ...] = ()


@dataclass
class Engine:
    """How programs are run.

    player has the signature of ``tb.common.player.player.run_program``.
    """

    design: str
    config: Any
    simulator: str = "verilator"
    seed: int = 1
    out_dir: Path = field(default_factory=lambda: build_root() / "report" / "run")
    player: Player = rtl_player
    notify: Notify = field(default=lambda step, done, total: None)
    energies: EnergyTable = field(default_factory=EnergyTable.load)

    @property
    def model(self) -> Design:
        """The design."""
        return registry.design(self.design)

    @property
    def act_width(self) -> int:
        """Width of the activations in bits."""
        return getattr(self.config, "act_width", 16)

    def compile(self, layers: Sequence[Layer]) -> Program:
        """One program for a layer, or for several chained ones; CannotTake where there is none."""
        try:
            if len(layers) == 1:
                return self.model.compile(layers[0], self.config)
            return self.model.compile_network(list(layers), self.config)
        except ValueError as error:
            raise CannotTake(str(error)) from error

    def run(
        self,
        layers: Sequence[Layer],
        workload: str,
        folder: str,
        trace: bool = False,
        program: Program | None = None,
    ) -> GroupResult:
        """Compile (unless a program is given), simulate, compare.

        ``folder`` is the name of the run's files in out_dir; trace asks for the trace of what each
        PE does with the first sample.
        """
        self.notify("encode", 0, 1)
        program = program or self.compile(layers)
        self.notify("encode", 1, 1)
        result, predicted = self._simulate(program, layers, self.out_dir / folder, trace)
        self.notify("check", 0, len(layers))
        outputs = self.model.unpack(program, result.packets)
        wanted, runs = [], []
        seen = layers[0].inputs
        for index, layer in enumerate(layers):
            fed = layer.with_activations(flat(seen, layer))
            wanted.append(golden(self.model.computed(fed, self.config), self.act_width))
            runs.append(
                self._layer_run(fed, index, workload, program, predicted, result, outputs, wanted)
            )
            seen = wanted[-1]
            self.notify("check", index + 1, len(layers))
        return GroupResult(
            runs,
            outputs,
            wanted,
            result.sim_seconds,
            result.sim_cycles,
            result.trace,
            tuple(layers[one.tag[0]].name for one in program.passes),
            lower.how(program),
            tuple(lower.plain_layers(layers[0], program)) if len(layers) == 1 else tuple(layers),
        )

    def predict(self, layer: Layer, workload: str) -> tuple[LayerRun, np.ndarray]:
        """(run by the models alone, outputs): what ``run`` would count, nothing compared.

        Counters that depend on who feeds and empties the streams are 0, but for the cycles that
        the model states for streams that never wait.
        """
        program = self.compile([layer])
        predicted = self.model.cycles(program, self.config)
        outputs = golden(self.model.computed(layer, self.config), self.act_width)
        counters = []
        for one in predicted:
            loading = {"cycles_wgt": one.weights or 0, "cycles_output": one.output or 0}
            total = one.compute + sum(loading.values())
            counters.append(
                dict.fromkeys(self.model.counter_names, 0)
                | loading
                | {"cycles": total, "cycles_compute": one.compute}
                | one.counters
            )
        played = SimpleNamespace(counters=counters, sim_seconds=0.0, sim_cycles=0)
        made = self._layer_run(layer, 0, workload, program, predicted, played, [outputs], [outputs])
        return replace(made, compared=0, simulator="model"), outputs

    def _simulate(
        self, program: Program, layers: Sequence[Layer], out_dir: Path, trace: bool
    ) -> tuple[Any, Sequence[Any]]:
        """What the player and the cycle model say; both at once, they need a core each."""
        cycles = self.model.cycles
        predicted = cycles(program, self.config) if trace else []
        extra = {"trace": True, "plusargs": trace_options(program, predicted)} if trace else {}
        with ThreadPoolExecutor(1) as pool:
            playing = pool.submit(
                self.player,
                program,
                self.config,
                simulator=self.simulator,
                seed=self.seed,
                out_dir=out_dir,
                progress=lambda done, total: self.notify("simulate", done, total),
                **extra,
            )
            predicted = predicted or cycles(program, self.config)
            try:
                return playing.result(), predicted
            except RuntimeError as error:
                if saved := getattr(error, "case", None):  # the player does not know the layers
                    add_layers(saved, layers)
                raise

    def _layer_run(
        self,
        layer: Layer,
        index: int,
        workload: str,
        program: Program,
        predicted: Sequence[Any],
        result: Any,
        outputs: Sequence[np.ndarray],
        wanted: Sequence[np.ndarray],
    ) -> LayerRun:
        """Everything about layer ``index`` of a program."""
        mine = [n for n, one in enumerate(program.passes) if one.tag[0] == index]
        measured, model = [result.counters[n] for n in mine], [predicted[n] for n in mine]
        counters, useful = summed(measured), sum(one.counters.get("mac_useful", 0) for one in model)
        busy = np.array([one.busy_per_pe for one in model], dtype=np.int64)
        different, first = difference(outputs[index], wanted[index])
        all_cycles = sum(one["cycles"] for one in result.counters)
        share = counters["cycles"] / all_cycles if all_cycles else 0.0
        speed = result.sim_cycles / result.sim_seconds if result.sim_seconds else 0.0
        return LayerRun(
            design=self.design,
            config=asdict(self.config),
            workload=workload,
            layer=layer.name,
            shape=list(layer.weights.shape),
            weight_density=layer.weight_density,
            activation_density=layer.activation_density,
            samples=layer.batch,
            passes=len(mine),
            compared=wanted[index].size,
            different=different,
            first_difference=first,
            counters=counters,
            counter_errors=disagreements(measured, model),
            causes=self._causes(layer, program, useful),
            cycles_model=sum(int(one.compute) for one in model),
            busy_per_pe=busy.sum(axis=0).tolist(),
            balance=(int(busy.sum()), int(busy.shape[1] * busy.max(axis=1).sum())),
            simulator=self.simulator,
            sim_seconds=result.sim_seconds * share,
            sim_cycles_per_second=speed,
            stream_words=stream_words([program.passes[n] for n in mine]),
            memories=self.model.memories(self.config),
            energies=self.energies,
            slots_per_pe={
                account: sum(one.slots_per_pe[account] for one in model).tolist()
                for account in model[0].slots_per_pe
            },
            extra={"lowered": told} if (told := lower.how(program)) else {},
        )

    def _causes(self, layer: Layer, program: Program, useful: int) -> dict[str, dict[str, int]]:
        """``Design.causes`` of what ran. Useful multiplies are taken off one cause: those of all
        parts at once is the same as of each its own.
        """
        first, *others = lower.plain_layers(layer, program)
        found = self.model.causes(first, self.config, useful)
        for one in others:
            for account, parts in self.model.causes(one, self.config, 0).items():
                for cause, count in parts.items():
                    found[account][cause] += count
        return found


def trace_options(program: Program, predicted: Sequence[Any], samples: int = 2000) -> list[str]:
    """Plusargs that trace the passes up to the end of the first vector, in about ``samples``."""
    last = max(n for n, one in enumerate(program.passes) if one.tag[1] == 0)
    cycles = sum(int(one.compute) for one in predicted[: last + 1])
    return [f"+trace_passes={last + 1}", f"+trace_step={max(1, cycles // samples)}"]


def add_layers(path: Path, layers: Sequence[Layer]) -> None:
    """Put layers, and what the model answers to them, into a case that was saved without."""
    case = Case.load(path)
    case.put_layers(layers)
    tensors = golden_chain(layers, case.meta["act_width"])
    case.arrays |= {f"expected{index}": one for index, one in enumerate(tensors)}
    case.write(path)


def flat(values: np.ndarray, layer: Layer) -> np.ndarray:
    """``values`` [B, C, H, W] as ``layer`` reads them: flattened when it is fully connected."""
    if layer.weights.shape[2:] == (1, 1) and values.shape[1] != layer.weights.shape[1]:
        return values.reshape(len(values), -1, 1, 1)
    return values


def max_pool(values: np.ndarray, side: int) -> np.ndarray:
    """Maximum of each side x side window of [B, K, P, Q], step ``side``, rests dropped.

    >>> max_pool(np.arange(16).reshape(1, 1, 4, 4), 2).tolist()
    [[[[5, 7], [13, 15]]]]
    """
    if side == 1:
        return values
    batch, maps, rows, cols = values.shape
    kept = values[:, :, : rows // side * side, : cols // side * side]
    windows = kept.reshape(batch, maps, rows // side, side, cols // side, side)
    return windows.max(axis=(3, 5))


def save_case(
    engine: Engine,
    layer: Layer,
    message: str,
    sample: int | None = None,
    expected: np.ndarray | None = None,
    found: np.ndarray | None = None,
) -> Path:
    """Save a layer that failed, or one sample of it, as a case (``models.case``).

    ``make replay CASE=`` plays its passes again, ``make run LAYER=`` takes its layer.
    """
    from tb.common.player.player import program_case, program_cases

    if sample is not None:
        layer = layer.with_activations(layer.inputs[sample : sample + 1])
    program = engine.compile([layer])
    case = program_case(program, engine.config, engine.simulator, engine.seed, message)
    case.put_layers([layer])
    for name, tensor in (("expected0", expected), ("found0", found)):
        if tensor is not None:
            case.arrays[name] = tensor if sample is None else tensor[sample : sample + 1]
    return case.save(program_cases(), f"{engine.design}-{layer.name}-seed{engine.seed}")
