"""Builds, passes and layers for the tests of FlexFlow-Pro."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.flexflow_pro import FlexflowProConfig, compile, cycles, thinned, unpack
from models.flexflow_pro.packets import activation_packet, load_packet
from models.flexflow_pro.registers import REGISTERS, Mode
from models.golden import golden
from models.layer import Layer
from models.packets import pack_rows_of_lanes
from models.program import Pass, Program
from tests.models.flexflow_pro_interpreter import Machine


def small(**changes) -> FlexflowProConfig:
    """Two rows of three PEs."""
    return FlexflowProConfig(**({"rows": 2, "cols": 3, "mask_word": 4} | changes))


def execute(program: Program, config: FlexflowProConfig) -> tuple[list[np.ndarray], Machine]:
    """Result packets of a program, and the machine it ran on; the model must agree in every pass:
    results, and every counter.
    """
    machine, packets = Machine(config), []
    for one, predicted in zip(program.passes, cycles(program, config), strict=True):
        words = machine.run(one)
        assert predicted.counters == dict.fromkeys(predicted.counters, 0) | machine.counts
        assert predicted.compute == machine.counts["cycles_compute"]
        assert predicted.macs_per_pe.sum() == machine.counts["mac_useful"]
        total = sum(int(slots.sum()) for slots in predicted.slots_per_pe.values())
        assert total == machine.counts["mac_slots"]
        assert (words is None) == (predicted.results is None)
        if words is not None and predicted.results is not None:
            packets.append(np.array(words, dtype=np.uint64))
            lanes = predicted.results.reshape(-1, config.rows)
            assert (pack_rows_of_lanes(lanes, 16) == packets[-1]).all()
    return packets, machine


def random_config(rng: np.random.Generator) -> FlexflowProConfig:
    """Any small build."""
    return FlexflowProConfig(
        rows=int(rng.choice([2, 4])),
        cols=int(rng.integers(2, 5)),
        mask_word=int(rng.choice([4, 8])),
        k_cells=int(rng.integers(1, 9)),
        n_cells=int(rng.integers(2, 13)),
        fifo_depth=int(rng.choice([1, 1, 2, 3])),
        bus_words=int(rng.integers(1, 3)),
        max_maps=int(rng.choice([2, 4])),
        act_depth=int(rng.integers(8, 100)),
        acc_depth=int(rng.integers(4, 50)),
    )


def random_geometry(rng: np.random.Generator, config: FlexflowProConfig) -> dict[str, int]:
    """Fields of CFG 1..3 that the build takes."""
    while True:
        geo = {
            "CELLS": int(rng.integers(1, 4)),
            "TAPS": int(rng.integers(1, 5)),
            "MAPS": int(rng.integers(1, config.max_maps + 1)),
            "GROUPS_LOG": int(rng.integers(0, config.most_groups_log + 1)),
            "WINDOWS": int(rng.integers(1, 7)),
            "LINES": int(rng.integers(1, 4)),
        }
        geo["STRIDE"] = int(rng.integers(1, geo["TAPS"] + 1))
        span = geo["TAPS"] + ((1 << geo["GROUPS_LOG"]) - 1) * geo["STRIDE"]
        line = (geo["WINDOWS"] - 1) * (geo["STRIDE"] << geo["GROUPS_LOG"]) + span
        if (
            geo["TAPS"] * geo["CELLS"] * geo["MAPS"] <= config.k_cells
            and span * geo["CELLS"] <= config.n_cells
            and geo["LINES"] * line * geo["CELLS"] <= config.act_depth
            and geo["LINES"] * geo["WINDOWS"] * geo["MAPS"] <= config.acc_depth
        ):
            break
    most = config.n_cells // geo["CELLS"]
    geo["RING"] = span if rng.random() < 0.5 else int(rng.integers(span, most + 1))
    word = config.mask_word
    geo["PIECES"] = int(rng.integers((geo["CELLS"] - 1) * word + 1, geo["CELLS"] * word + 1))
    geo["line"] = line
    return geo


def sparse(rng: np.random.Generator, shape: tuple[int, ...], density: float) -> np.ndarray:
    """Values of 8 bits; some cells (the last axis) are empty, and some of the first axis."""
    values = rng.integers(-128, 128, shape) * (rng.random(shape) < density)
    values *= rng.random((*shape[:-1], 1)) < rng.choice([0.5, 1.0])
    return values * (rng.random((shape[0], *(1 for _ in shape[1:]))) < rng.choice([0.7, 1.0]))


def random_program(rng: np.random.Generator, config: FlexflowProConfig, passes: int) -> Program:
    """Passes of one geometry: the first one loads and starts the sums, the last one answers."""
    geo = random_geometry(rng, config)
    word, used = config.mask_word, geo["TAPS"] * geo["CELLS"] * geo["MAPS"]
    fields = {field: geo.get(field.name, 0) for field in REGISTERS.cfg}
    shift, threshold = (next(f for f in fields if f.name == n) for n in ("SHIFT", "THRESHOLD"))
    made = []
    relaxed = Mode.RELAXED if rng.random() < 0.75 else 0
    for at in range(passes):
        first, last = at == 0, at + 1 == passes
        mode = int(Mode.COMPUTE | relaxed)
        bias = bool(rng.integers(2))
        mode |= (Mode.BIAS if bias else 0) if first else Mode.ACC_KEEP
        wgt = act = None
        if first or rng.random() < 0.6:
            mode |= Mode.LOAD_WGT
            kernels = sparse(rng, (config.multipliers, used, word), rng.choice([0.1, 0.5, 1.0]))
            biases = rng.integers(-99, 99, (config.rows, geo["MAPS"]))
            wgt = load_packet(kernels, biases if first else None)
        if first or rng.random() < 0.6:
            mode |= Mode.LOAD_ACT
            shape = config.cols, geo["LINES"] * geo["line"] * geo["CELLS"], word
            cells = sparse(rng, shape, rng.choice([0.1, 0.5, 1.0]))
            cells.reshape(*shape[:1], -1, geo["CELLS"] * word)[..., geo["PIECES"] :] = 0
            act = activation_packet(cells)
        mode |= (Mode.OUTPUT | Mode.RELU) if last else 0
        fields |= {REGISTERS.cfg[0]: int(mode), shift: 3, threshold: int(rng.choice([0, 40]))}
        words = geo["LINES"] * geo["WINDOWS"] * geo["MAPS"] * config.result_words if last else 0
        made.append(Pass(REGISTERS.words(config, fields), wgt, act, words, (0, 0, 0, at)))
    return Program("flexflow_pro", tuple(made))


def check(
    layer: Layer, config: FlexflowProConfig, sample: np.ndarray | None = None
) -> tuple[Program, Machine]:
    """Compile, interpret, unpack, compare with golden."""
    program = compile(layer, config, sample)
    packets, machine = execute(program, config)
    (out,) = unpack(program, packets)
    assert out.dtype == np.int64
    assert out.shape == layer.out_shape
    assert (out == golden(thinned(layer, config))).all()
    return program, machine


def random_layer(rng: np.random.Generator) -> Layer:
    """Any small layer, about half of its operands zero."""
    filters, channels = (int(rng.integers(1, most)) for most in (9, 6))
    taps = tuple(int(rng.integers(1, 4)) for _ in range(2))
    size = tuple(int(rng.integers(least, least + 5)) for least in taps)
    weights = sparse(rng, (filters, channels, *taps), rng.choice([0.2, 0.5, 1.0]))
    acts = sparse(rng, (int(rng.integers(1, 3)), channels, *size), rng.choice([0.2, 0.5, 1.0]))
    return Layer(
        weights,
        acts,
        stride=int(rng.integers(1, 5)),
        padding=int(rng.integers(0, 3)),
        bias=rng.integers(-99, 99, filters) * rng.integers(2),
        shift=int(rng.integers(0, 6)),
        relu=bool(rng.integers(2)),
    )


def any_options(rng: np.random.Generator, config: FlexflowProConfig) -> FlexflowProConfig:
    """The build with any options that leave the mapping to the compiler."""
    return replace(
        config,
        relaxed=bool(rng.random() < 0.7),
        balance=str(rng.choice(["", "off", "layer", "group"])),
        objective=str(rng.choice(["compute", "total"])),
        act_threshold=int(rng.choice([0, 20])),
        wgt_threshold=int(rng.choice([0, 20])),
    )
