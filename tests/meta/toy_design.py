"""A design without RTL: the report's scripts run it as they run an accelerator, in no time.

``player`` answers with golden packets and made-up counters; a test hands in what it wants wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.design import ACCOUNTS, Design, PerGate, Study, Suite, Variant
from models.golden import golden
from models.layer import Layer
from models.memories import CLASSES, Memory
from models.program import Pass, PassCycles, Program
from models.registers import Field, RegisterMap
from models.socket import COUNTERS, ErrorCode

NAME = "toy"


@dataclass(frozen=True)
class ToyConfig:
    """Smallest configuration there can be."""

    num_pe: int = 4
    queue_depth: int = 8
    idx_width: int = 4
    act_width: int = 16
    wgt_width: int = 16
    acc_width: int = 40
    balance: bool = True

    def parameters(self) -> dict[str, int]:
        return {"NumPe": self.num_pe, "QueueDepth": self.queue_depth}

    def plain(self) -> ToyConfig:
        return replace(self, balance=False)


def compile(layer, config) -> Program:
    return compile_network([layer], config)


def compile_network(layers, config) -> Program:
    """One pass per layer and sample; ``outputs`` holds the golden answers."""
    seen, answers, passes = layers[0].activations, [], []
    for index, layer in enumerate(layers):
        answers.append(golden(layer.with_activations(seen), config.act_width))
        words = answers[-1][0].size
        passes += [Pass({}, None, None, words, (index, b, 0, 0)) for b in range(len(seen))]
        seen = answers[-1]
    return Program(NAME, tuple(passes), answers)


def unpack(program, packets) -> list[np.ndarray]:
    words = np.concatenate(packets).astype(np.int64)
    tensors, at = [], 0
    for answer in program.outputs:
        tensors.append(words[at : at + answer.size].reshape(answer.shape))
        at += answer.size
    return tensors


def cycles(program, config) -> list[PassCycles]:
    busy = np.arange(1, config.num_pe + 1)
    return [PassCycles(100, counters(config.num_pe), busy, busy) for _ in program.passes]


def memories(config) -> dict[str, Memory]:
    return {name: Memory(16, 64) for name in CLASSES}


def facts(name, layer, config) -> dict[str, object]:
    """What the paper of the toy says: 120 cycles where 90 would do."""
    return {
        "baseline": "theoretical",
        "baseline_cycles": 90.0 * layer.batch,
        "paper_ratio": 1.2,
        "paper_theoretical_us": 10.0,
        "paper_actual_us": 12.0,
    }


def counters(num_pe: int) -> dict[str, int]:
    """Counters of a pass of 100 compute cycles."""
    values = {name: 0 for name, _ in COUNTERS}
    slots = 100 * num_pe
    return values | {
        "cycles": 150,
        "cycles_wgt": 20,
        "cycles_act": 20,
        "cycles_compute": 100,
        "cycles_output": 10,
        "mac_useful": slots // 2,
        "mac_slots": slots,
        "slot_padding": slots // 10,
        "stall_input": slots // 5,
    }


def toy_layer(name: str, seed: int) -> Layer:
    """``big`` has 8 inputs, ``small`` 4; both 6 outputs."""
    rng = np.random.default_rng(seed)
    inputs = {"big": 8, "small": 4}[name]
    weights = rng.integers(0, 3, (6, inputs))
    return Layer(weights, rng.integers(0, 9, inputs), name=f"toy/{name}")


_STUDIES = (
    Study(
        "queue_depth",
        "entries in a queue",
        lambda config: [tuple(replace(config, queue_depth=1 << n) for n in range(9))],
    ),
    Study(
        "num_pe",
        "number of PEs",
        lambda config: [(replace(config, num_pe=1 << n),) for n in range(9)],
        lambda config: config.num_pe <= 64,
    ),
)

DESIGN = Design(
    name=NAME,
    number=99,
    title="TOY",
    words=lambda config: [f"{config['num_pe']} PEs"] if "num_pe" in config else [],
    config=ToyConfig,
    multipliers=lambda config: config.num_pe,
    registers=RegisterMap("lac_toy", (Field("MODE", word=0),), (("COMPUTE", 2),), (), ()),
    compile=compile,
    compile_network=compile_network,
    unpack=unpack,
    cycles=cycles,  # type: ignore[arg-type]  # its own, of which all is read by name
    memories=memories,
    footprint=lambda *_: {"weights": 0, "activations": 0, "accumulators": 0},
    errors=(ErrorCode.GEOMETRY,),
    accounts=tuple(ACCOUNTS.values()),
    builds={"default": {}},
    checked={},
    per_gate=PerGate(builds=(), memory=""),
    variants={
        "plain": Variant("as published", ToyConfig.plain),
        "tuned": Variant("balanced"),
    },
    suite=Suite(
        layers=("big", "small"),
        make=toy_layer,
        work=len,
        facts=facts,
        assumes="Nothing.",
        goal=("tuned", 1.15),
        studies=_STUDIES,
    ),
    colour="#123456",
    slots_text="Slots of a toy.",
)


@dataclass
class Result:
    packets: list[np.ndarray]
    counters: list[dict[str, int]]
    sim_seconds: float = 0.5
    sim_cycles: int = 50_000
    trace: Path | None = None


def write_trace(folder: Path, program: Program, config: ToyConfig) -> Path:
    """A trace of every pass, as a design's tracer writes it."""
    lines = []
    for index in range(len(program.passes)):
        start = 200 * index
        lines.append(f"start {index} {start}")
        for cycle in range(start + 20, start + 120, 10):
            levels = (str((cycle // 10 + pe) % 9) for pe in range(config.num_pe))
            lines.append(f"queue {cycle} {' '.join(levels)}")
        lines += [f"pe {pe} 5 1 1 2 3" for pe in range(config.num_pe)]
        lines.append(f"stop {index} {start + 150}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trace.txt").write_text("\n".join(lines) + "\n")
    return folder / "trace.txt"


def player(change: Callable[[Result], None] = lambda result: None):
    """A player whose result ``change`` may spoil."""

    def play(
        program, config, simulator, seed, out_dir, progress, trace=False, plusargs=()
    ) -> Result:
        words = np.concatenate([a.reshape(-1) for a in program.outputs]).astype(np.uint64)
        ends = np.cumsum([p.out_words for p in program.passes])[:-1]
        count = counters(config.num_pe)
        result = Result(np.split(words, ends), [dict(count) for _ in program.passes])
        change(result)
        if trace:
            result.trace = write_trace(out_dir, program, config)
        progress(len(program.passes), len(program.passes))
        return result

    return play
