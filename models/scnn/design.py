"""SCNN as the tools see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from models.design import (
    ACCOUNTS,
    BASELINE,
    REST,
    Account,
    Design,
    DocTable,
    GateBuild,
    PerGate,
    Split,
    Variant,
)
from models.layer import Layer
from models.scnn.builds import BUILDS, PUBLISHED, QUICK, SIZES, SMALL
from models.scnn.compiler import check_values, compile, compile_network, unpack
from models.scnn.config import RANGES, ScnnConfig
from models.scnn.cycles import OWN_COUNTERS, cycles
from models.scnn.dataflow import dataflow
from models.scnn.footprint import footprint
from models.scnn.lowering import lower
from models.scnn.memories import memories
from models.scnn.registers import REGISTERS
from models.socket import OWN_ERRORS, ErrorCode

#: Codes of its own, from ``OWN_ERRORS`` on: name, meaning with ERR_POS.
_OWN_ERRORS = (
    ("IARAM_OVERFLOW", "activations past their memory; ERR_POS = {pe, rows or channel}"),
    ("OARAM_OVERFLOW", "results past their memory; ERR_POS = {pe, channel}"),
    ("BLOCK_RANGE", "a row of weights names a tap, channel or lane there is not; ERR_POS = row"),
    ("ACT_RANGE", "an activation lies outside the tile; ERR_POS = {pe, position}"),
    ("CARRY_OVERFLOW", "carried sums past their memory; ERR_POS = {pe, words or channel}"),
)

_WIDEST: dict[str, Any] = {name: RANGES[name][1] for name in ("acc_width", "bias_width")}


def holding(layers: Sequence[Layer], config: ScnnConfig) -> ScnnConfig:
    """The build, or where a sum or a bias of a layer does not fit, one with the widest there are:
    the paper's 24 bits hold the sums of its layers, not those of any 16-bit operands."""
    try:
        for layer in layers:
            check_values(layer, lower(layer), config)
    except ValueError:
        return replace(config, **_WIDEST)
    return config


def words(config: Mapping[str, Any]) -> list[str]:
    """A build in a few words; what of its fields is missing is left out.

    >>> words({"pe_x": 2, "pe_y": 4, "f": 4, "i": 4, "kc": 8})
    ['2 x 4 PEs of 4 x 4 multipliers', 'Kc 8']
    """
    found = []
    if {"pe_x", "pe_y", "f", "i"} <= config.keys():
        grid = f"{config['pe_x']} x {config['pe_y']} PEs"
        found.append(f"{grid} of {config['f']} x {config['i']} multipliers")
    if config.get("kc"):
        found.append(f"Kc {config['kc']}")
    if config.get("shapes") is False:
        found.append("one operand shape")
    if config.get("merging"):
        found.append("equal addresses merged")
    return found


def _own_counters() -> list[tuple[str, ...]]:
    return [(f"`{name}`", meaning) for name, meaning in OWN_COUNTERS]


DESIGN = Design(
    name="scnn",
    number=4,
    title="SCNN",
    words=words,
    config=ScnnConfig,
    multipliers=lambda config: config.multipliers,
    registers=REGISTERS,
    compile=compile,
    compile_network=compile_network,
    last_only=True,
    holding=holding,
    widths=_WIDEST,
    unpack=unpack,
    cycles=cycles,
    memories=memories,
    footprint=footprint,
    dataflow=dataflow,
    errors=(
        ErrorCode.GEOMETRY,
        ErrorCode.WGT_HEADER,
        ErrorCode.WGT_SHORT,
        ErrorCode.WGT_LONG,
        ErrorCode.WGT_ORDER,
        ErrorCode.WGT_VALUE,
        ErrorCode.ACT_HEADER,
        ErrorCode.ACT_SHORT,
        ErrorCode.ACT_LONG,
        ErrorCode.ACC_OVERFLOW,
        ErrorCode.TIMEOUT,
    ),
    own_errors=dict(enumerate(_OWN_ERRORS, OWN_ERRORS)),
    counters=(
        "stall_queue_full",
        "stall_sync",
        "stall_bank",
        "slot_empty",
        "idx_reads",
        "idx_writes",
        "broadcasts",
    ),
    own_counters=OWN_COUNTERS,
    accounts=(
        ACCOUNTS["useful"],
        Account("padding", "placeholder", ACCOUNTS["padding"].colour),
        Account("empty", "vector not full", ACCOUNTS["empty"].colour),
        ACCOUNTS["bank"],
        Account("sync", "waits at the group's end", ACCOUNTS["sync"].colour),
        Account("input", "no block of weights", ACCOUNTS["input"].colour),
    ),
    grid=lambda config: (config["pe_y"], config["pe_x"]),
    builds=BUILDS,
    quick=QUICK,
    measured=("8x8",),  # that with crossbars of 256 lanes is too large to wait for
    sizes=SIZES,
    published=PUBLISHED,
    checked={"2x2_small": SMALL},
    accounting=("lac_scnn_events",),
    split=Split(
        "a PE",
        "lac_scnn_node",
        parts={
            "multipliers": ("lac_scnn_mul",),
            "merging of equal addresses": ("lac_scnn_merge",),
            "scatter crossbar": ("lac_scnn_xbar",),
            "accumulators": ("lac_scnn_banks",),
            "weight FIFO": ("lac_scnn_wgt_fifo",),
            "activation memories": ("lac_scnn_store",),
            "results, halo, carry": ("lac_scnn_ppu",),
        },
        # 0.031, 0.004, 0.008, 0.026, 0.036 of 0.123 mm2.
        paper={
            "multipliers": 6.5,
            "scatter crossbar": 21,
            "accumulators": 29,
            "weight FIFO": 3.3,
            "activation memories": 25,
            REST: 15,
        },
        note=(
            "Crossbar: lane FIFOs, grants and bank queues. Weight FIFO: with its descriptors, all "
            "flip-flops. Merging and carried sums are not in the paper."
        ),
    ),
    per_gate=PerGate(
        # Accumulators as wide as the sums of these layers.
        builds=(GateBuild("SCNN 8x8, shape and Kc by layer", {"acc_width": 32}),),
        versus=(BASELINE, "sparse_on_dense"),
        memory="SCNN keeps 16-bit weights and activations, each with a 4-bit run.",
        note=(
            "SCNN has 1,024 multipliers in 64 PEs and accumulators of 32 bits (24 in the paper), "
            "which these layers need; the compiler chooses shape and Kc of each layer."
        ),
    ),
    variants={
        "plain": Variant("as published: 4 x 4 multipliers, Kc 8", ScnnConfig.plain),
        "tuned": Variant("shape of the multipliers and Kc chosen layer by layer"),
    },
    colour="#6c4fa3",
    slots_text=(
        "Every compute cycle gives each PE F x I multiplier slots. Useful: both operands not zero. "
        "Placeholder: one of them is a zero that stands for a run longer than 15. Vector not full: "
        "a channel has fewer weights or activations here than the multipliers take at once. Bank "
        "conflict: products wait for accumulator banks. Waits at the group's end: the PE has done "
        "its part of a group of output channels, and another one has not, or the sums of the group "
        "before still leave. No block of weights: the PE has done what has come, and the broadcast "
        "waits for a PE whose FIFO is full; or no channel has an activation here."
    ),
    tables={"own": DocTable(("counter", "meaning"), _own_counters)},
)
