"""FlexFlow-Pro as the tools see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.array import design as array
from models.design import ACCOUNTS, Account, Design, GateBuild, PerGate, Split, Variant
from models.flexflow_pro.builds import BUILDS, QUICK, SIZES, SMALL
from models.flexflow_pro.compiler import compile, unpack
from models.flexflow_pro.config import FlexflowProConfig
from models.flexflow_pro.cycles import OWN_COUNTERS, cycles
from models.flexflow_pro.dataflow import dataflow
from models.flexflow_pro.footprint import footprint
from models.flexflow_pro.lowering import thinned
from models.flexflow_pro.memories import memories
from models.flexflow_pro.registers import REGISTERS


def words(config: Mapping[str, Any]) -> list[str]:
    """A build in a few words; what of its fields is missing is left out.

    >>> words({"rows": 8, "cols": 16, "fifo_depth": 4, "relaxed": False})
    ['8 x 16 PEs', 'FIFO 4', 'lock step']
    """
    found = array.words(config)
    if "fifo_depth" in config:
        found.append(f"FIFO {config['fifo_depth']}")
    if config.get("relaxed") is False:
        found.append("lock step")
    elif config.get("balance") == "off":
        found.append("not balanced")
    if config.get("objective") == "compute":
        found.append("mapped for computing alone")
    for name, text in (("act_threshold", "neurons"), ("wgt_threshold", "synapses")):
        if config.get(name):
            found.append(f"{text} up to {config[name]} are 0")
    return found


def _own_counters() -> list[tuple[str, ...]]:
    return [(f"`{name}`", meaning) for name, meaning in OWN_COUNTERS]


DESIGN = Design(
    name="flexflow_pro",
    number=6,
    title="FlexFlow-Pro",
    words=words,
    config=FlexflowProConfig,
    multipliers=lambda config: config.multipliers,
    registers=REGISTERS,
    compile=compile,
    unpack=unpack,
    computed=thinned,
    cycles=cycles,
    memories=memories,
    footprint=footprint,
    dataflow=dataflow,
    errors=array.ERRORS,
    counters=("stall_sync", "slot_empty", "idx_reads", "idx_writes", "broadcasts"),
    own_counters=OWN_COUNTERS,
    accounts=(
        ACCOUNTS["useful"],
        Account("padding", "operand is zero (lock step)", ACCOUNTS["padding"].colour),
        Account("empty", "no pair in the cell", ACCOUNTS["empty"].colour),
        Account("sync", "FIFO is full: another PE of the row is behind", ACCOUNTS["sync"].colour),
        Account("input", "no window", ACCOUNTS["input"].colour),
    ),
    grid=lambda config: (config["rows"], config["cols"]),
    builds=BUILDS,
    quick=QUICK,
    measured=("8x8", "16x16"),
    sizes=SIZES,
    checked={"2x3_small": SMALL},
    accounting=("lac_ffp_events",),
    split=Split(
        "the core",
        "lac_ffp_core",
        parts={
            "PEs": ("lac_ffp_pe",),
            "column buffers and buses": ("lac_ffp_feed",),
            "release of the rings": ("lac_ffp_release",),
            "adder trees": ("lac_tree",),
            "accumulators": ("lac_array_acc",),
            "geometry and loaders": ("lac_ffp_geom", "lac_ffp_wgt_load", "lac_ffp_act_load"),
            "results": ("lac_array_out",),
        },
        note="PEs: both stores with their masks, scan, multiplier, FIFO.",
    ),
    per_gate=PerGate(
        builds=(GateBuild("FlexFlow-Pro 16x16", {"objective": "compute"}),),
        memory=(
            "FlexFlow-Pro keeps every weight and activation, zeros too, with a mask bit each; a "
            "PE's stores hold the words of a pass."
        ),
        note="Pieces and output maps are balanced by the compiler.",
    ),
    variants={
        "lock_step": Variant("FlexFlow: all PEs in lock step", FlexflowProConfig.lock_step),
        "plain": Variant("relaxed, pieces and maps in turn", FlexflowProConfig.plain),
        "tuned": Variant("relaxed, pieces and maps balanced", FlexflowProConfig.tuned),
        "total": Variant("the same, cycles of loading weighed, too"),
    },
    colour="#b5542f",
    slots_text=(
        "Every compute cycle gives each PE one multiplier slot. Useful: both operands not zero. No "
        "pair in the cell: the masks of a cell have no bit in common, which takes a cycle. FIFO is "
        "full: the PE holds a sum and another PE of its row is behind. No window: its neurons have "
        "not come yet; fill and drain. In lock step every operand takes a slot, zeros too."
    ),
)
