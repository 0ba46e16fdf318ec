"""Builds, passes and layers for the tests of Cambricon-SE."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from models.cambricon_se import CambriconSeConfig, compile, cycles, unpack
from models.cambricon_se.huffman import Table, encode
from models.cambricon_se.machine import Machine as Model
from models.cambricon_se.packets import (
    activation_packet,
    bias_section,
    book_section,
    codes_section,
    list_section,
    mask_section,
    result_packet,
)
from models.cambricon_se.registers import REGISTERS, Kind, Mode
from models.golden import golden
from models.layer import Layer
from models.packets import Section, unpack_lanes, weight_packet
from models.program import Pass, Program
from tests.models.cambricon_se_interpreter import Machine


def small(**changes) -> CambriconSeConfig:
    """A core of two PEs of two multipliers."""
    fields = {"cores": 1, "pes": 2, "lanes": 2, "window": 8, "code_row": 8}
    return CambriconSeConfig(**(fields | changes))


def execute(program: Program, config: CambriconSeConfig) -> tuple[list[np.ndarray], Machine]:
    """Result packets of a program, and the machine it ran on; the model must agree in every pass:
    results, and every counter.
    """
    machine, packets = Machine(config), []
    for one, predicted in zip(program.passes, cycles(program, config), strict=True):
        words = machine.run(one)
        assert predicted.counters == dict.fromkeys(predicted.counters, 0) | machine.counts
        assert predicted.compute == machine.counts["cycles_compute"]
        assert predicted.weights == (None if one.wgt is None else machine.load_cycles)
        assert predicted.macs_per_pe.sum() == machine.counts["mac_useful"]
        total = sum(int(slots.sum()) for slots in predicted.slots_per_pe.values())
        assert total == machine.counts["mac_slots"]
        assert all((slots >= 0).all() for slots in predicted.slots_per_pe.values())
        assert (words is None) == (predicted.results is None)
        if words is not None and predicted.results is not None:
            packets.append(np.array(words, dtype=np.uint64))
            packed = bool(one.cfg[0] & Mode.PACKED_OUT)
            lanes = predicted.results.reshape(-1, config.pes)
            assert result_packet(lanes, packed).tolist() == words
    return packets, machine


def random_config(rng: np.random.Generator) -> CambriconSeConfig:
    """Any small build."""
    lanes = int(rng.choice([2, 4]))
    window = int(rng.choice([8, 16, 32]))
    return CambriconSeConfig(
        cores=int(rng.choice([1, 2, 4])),
        pes=int(rng.choice([2, 4])),
        lanes=lanes,
        window=window,
        code_row=int(rng.choice([size for size in (4, 8, 12, 16, 32) if size <= window])),
        selector=int(rng.integers(0, 3)),
        act_depth=int(rng.integers(16, 65)),
        list_depth=int(rng.integers(8, 33)),
        regions=int(rng.integers(1, 4)),
        acc_depth=int(rng.integers(4, 50)),
        bias_depth=int(rng.integers(1, 5)),
        packed_in=bool(rng.integers(2)),
        packed_out=bool(rng.integers(2)),
        **random_huffman(rng),
    )


def random_huffman(rng: np.random.Generator) -> dict[str, Any]:
    """Lanes of a decoder and whether they are used."""
    lanes = int(rng.choice([0, 8, 16]))
    return {"huf_lanes": lanes, "huffman": bool(lanes and rng.integers(2))}


def random_geometry(rng: np.random.Generator, config: CambriconSeConfig) -> dict[str, int]:
    """Fields of CFG 1..5 that the build takes."""
    while True:
        geo = {
            "P": int(rng.integers(1, 5)),
            "Q": int(rng.integers(1, 5)),
            "STRIDE": int(rng.integers(1, 3)),
            "CB": int(rng.integers(1, 4)),
            "GROUPS": int(rng.integers(1, 2 * config.cores + 1)),
        }
        geo["H"] = (geo["P"] - 1) * geo["STRIDE"] + int(rng.integers(1, 4))
        geo["W"] = (geo["Q"] - 1) * geo["STRIDE"] + int(rng.integers(1, 4))
        each = -(-geo["GROUPS"] // config.cores)
        if (
            geo["H"] * geo["W"] * geo["CB"] <= config.act_depth
            and geo["GROUPS"] <= config.cores * (config.acc_depth // (geo["P"] * geo["Q"]))
            and each <= min(config.bias_depth, config.list_depth)
        ):
            return geo | {"SHIFT": 3}


def random_masks(
    rng: np.random.Generator, shape: tuple[int, ...], config: CambriconSeConfig
) -> np.ndarray:
    """Masks bool [..., Window] whose codes find room; some are empty, some as full as can be."""
    masks = rng.random((*shape, config.window)) < rng.choice([0.1, 0.5, 1.0], (*shape, 1))
    masks &= rng.random((*shape, 1)) < rng.choice([0.6, 1.0])
    lanes = config.lanes if config.selector == 1 else 1
    by_lane = masks.reshape(*shape, config.window // lanes, lanes)
    by_lane &= np.cumsum(by_lane, axis=-2) <= config.code_row // lanes
    return by_lane.reshape(masks.shape)


def random_weights(
    rng: np.random.Generator,
    geo: dict[str, int],
    config: CambriconSeConfig,
    bias: bool,
    model: Model,
) -> np.ndarray:
    """A weight packet: lists, codes and codebooks of all cores; as bit strings if the config says
    so, then with a table, or for the one that ``model`` has.
    """
    sections = []
    farthest = geo["H"] * geo["W"] * geo["CB"] - 1
    farthest -= ((geo["P"] - 1) * geo["W"] + geo["Q"] - 1) * geo["STRIDE"] * geo["CB"]
    few = int(rng.choice([0, 1, 1, 1]))  # all codes alike
    for core in range(config.cores):
        groups = len(range(core, geo["GROUPS"], config.cores))
        most = config.list_depth // max(1, groups)
        sizes = rng.integers(1, min(most, 7) + 1, groups)
        entries = int(sizes.sum()) if groups else int(rng.integers(0, 2))
        last = np.zeros(entries, dtype=bool)
        last[np.cumsum(sizes) - 1] = True
        first = core * config.pes
        masks = random_masks(rng, (entries,), config)
        books = rng.integers(-99, 99, (config.regions, 16)) * (rng.random((1, 16)) < 0.8)
        books[:, 0] = rng.integers(0, rng.choice([9, 16]), config.regions)
        offsets = rng.integers(0, farthest + 1, entries)
        regions = rng.integers(0, config.regions, entries)
        if entries:
            shared = masks & (not config.per_pe)
            sections.append(list_section(first, offsets, shared, regions, last))
        sections.append(book_section(first, books))
        for pe in range(first, first + config.pes):
            if entries:
                codes = rng.integers(-128, 128, (entries, config.code_row))
                codes *= rng.random(codes.shape) < 0.7
                codes = (codes + 2) * few - 2 if config.huffman else codes
                sections.append(codes_section(pe, codes))
                if config.per_pe:
                    sections.append(mask_section(pe, random_masks(rng, (entries,), config)))
            if bias and groups:
                sections.append(bias_section(pe, rng.integers(-999, 999, groups)))
    sections.sort(key=lambda one: (one.kind, one.pe))
    return weight_packet(random_strings(rng, sections, config, model.reader.table))


def random_table(rng: np.random.Generator, used: np.ndarray) -> Table:
    """A code for symbols int64 [n]: of any shape, often with codes as long as can be."""
    counts = np.zeros(256, dtype=np.int64)
    more = rng.integers(0, 256, int(rng.choice([0, 3, 40])))
    counts[np.concatenate((used, more))] = 1
    symbols = np.flatnonzero(counts)
    steep = rng.choice([0.0, 0.3, 0.7])
    counts[symbols] = np.exp(steep * np.minimum(rng.permutation(symbols.size), 40)).astype(int)
    return Table.of(counts)


def random_strings(
    rng: np.random.Generator,
    sections: list[Section],
    config: CambriconSeConfig,
    held: Table | None,
) -> list[Section]:
    """Sections in order, with their codes in bit strings if the config says so."""
    codes = [unpack_lanes(one.payload, 8) & 0xFF for one in sections if one.kind == Kind.CODES]
    if not config.huffman or not codes:
        return sections
    used = np.unique(np.concatenate(codes))
    if held is not None and rng.integers(2) and held.lengths[used].all():
        return encode(sections, held, config)
    table = random_table(rng, used)
    at = sum(one.kind == Kind.LIST for one in sections)
    return encode([*sections[:at], table.section, *sections[at:]], table, config)


def random_program(rng: np.random.Generator, config: CambriconSeConfig, passes: int) -> Program:
    """Passes of one geometry: the first one loads and starts the sums, the last one answers."""
    geo = random_geometry(rng, config)
    code4 = Mode.CODE4 if rng.random() < 0.3 else 0
    model, made = Model(config), []
    for at in range(passes):
        first, last = at == 0, at + 1 == passes
        mode = int(Mode.COMPUTE | code4)
        bias = first and bool(rng.integers(2))
        mode |= (Mode.BIAS if bias else 0) if first else Mode.ACC_KEEP
        wgt = act = None
        if first or rng.random() < 0.6:
            mode |= Mode.LOAD_WGT | (Mode.HUFFMAN if config.huffman else 0)
            wgt = random_weights(rng, geo, config, bias, model)
        if first or rng.random() < 0.6:
            mode |= Mode.LOAD_ACT | (Mode.PACKED_IN if config.packed_in else 0)
            rows = geo["H"] * geo["W"] * geo["CB"], config.window
            block = rng.integers(-999, 999, rows) * (rng.random(rows) < rng.random())
            block *= rng.random((rows[0], 1)) < rng.choice([0.6, 1.0])
            act = activation_packet(block, config)
        mode |= (Mode.OUTPUT | Mode.RELU) if last else 0
        mode |= Mode.PACKED_OUT if last and config.packed_out else 0
        values = geo | {"MODE": int(mode)}
        cfg = REGISTERS.words(config, {field: values[field.name] for field in REGISTERS.cfg})
        one = Pass(cfg, wgt, act, 0, (0, 0, 0, at))
        results = model.run(one)[1]
        if results is not None:
            words = result_packet(results, config.packed_out).size
            one = Pass(cfg, wgt, act, words, one.tag)
        made.append(one)
    return Program("cambricon_se", tuple(made))


def random_layer(rng: np.random.Generator, wide: bool = False) -> Layer:
    """Any small layer; ``wide``: weights of 16 bits."""
    rows, cols = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    size = tuple(int(rng.integers(1, 9)) + max(rows, cols) for _ in range(2))
    channels, filters = int(rng.integers(1, 30)), int(rng.integers(1, 20))
    if rng.random() < 0.25:
        rows, cols, size = 1, 1, (1, 1)
    shape = filters, channels, rows, cols
    most = 32767 if wide else int(rng.choice([2, 90]))
    weights = rng.integers(-most - 1, most + 1, shape) * (rng.random(shape) < rng.random())
    weights *= rng.random((1, channels, rows, cols)) < rng.choice([0.5, 1.0])
    acts = rng.integers(-99, 99, (int(rng.integers(1, 4)), channels, *size))
    acts *= rng.random(acts.shape) < rng.random()
    return Layer(
        weights,
        acts,
        stride=int(rng.integers(1, 4)),
        padding=int(rng.integers(0, 3)) if size != (1, 1) else 0,
        bias=rng.integers(-999, 999, filters) * int(rng.integers(0, 2)),
        shift=int(rng.integers(0, 6)),
        relu=bool(rng.integers(2)),
    )


def check(layer: Layer, config: CambriconSeConfig) -> list[Counter[str]]:
    """Compile, run, compare with the golden answer; the counters of each pass."""
    program = compile(layer, config)
    packets, machine = execute(program, config)
    assert np.array_equal(unpack(program, packets)[0], golden(layer))
    return machine.history
