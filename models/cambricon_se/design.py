"""Cambricon-SE as the tools see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.array import design as array
from models.cambricon_se.builds import BUILDS, QUICK, SIZES, SMALL
from models.cambricon_se.compiler import compile, unpack
from models.cambricon_se.config import CambriconSeConfig, Selector
from models.cambricon_se.cycles import OWN_COUNTERS, cycles
from models.cambricon_se.dataflow import dataflow
from models.cambricon_se.errors import CseError
from models.cambricon_se.footprint import footprint
from models.cambricon_se.memories import memories
from models.cambricon_se.registers import REGISTERS
from models.design import ACCOUNTS, Account, Design, DocTable, GateBuild, PerGate, Split, Variant

_SELECTORS = {Selector.NATURAL: "natural lanes", Selector.PER_PE: "a selector per PE"}


def words(config: Mapping[str, Any]) -> list[str]:
    """A build in a few words; what of its fields is missing is left out.

    >>> words({"cores": 2, "pes": 16, "lanes": 16, "window": 128, "selector": 2})
    ['2 cores of 16 x 16 multipliers', 'window 128', 'a selector per PE']
    """
    found = []
    if {"cores", "pes", "lanes"} <= config.keys():
        cores = f"{config['cores']} core{'s' * (config['cores'] > 1)}"
        found.append(f"{cores} of {config['pes']} x {config['lanes']} multipliers")
    if "window" in config:
        found.append(f"window {config['window']}")
    if config.get("selector"):
        found.append(_SELECTORS[Selector(config["selector"])])
    return found


def _own_counters() -> list[tuple[str, ...]]:
    return [(f"`{name}`", meaning) for name, meaning in OWN_COUNTERS]


DESIGN = Design(
    name="cambricon_se",
    number=7,
    title="Cambricon-SE",
    words=words,
    config=CambriconSeConfig,
    multipliers=lambda config: config.multipliers,
    registers=REGISTERS,
    compile=compile,
    unpack=unpack,
    cycles=cycles,
    memories=memories,
    footprint=footprint,
    dataflow=dataflow,
    errors=array.ERRORS,
    own_errors={
        int(CseError.ACT_VALUE): (
            "ACT_VALUE",
            "a packed activation behind a set mask bit is 0; ERR_POS = beat",
        ),
        int(CseError.LIST_RANGE): (
            "LIST_RANGE",
            "a list names a row past the block or leaves its memory; ERR_POS = {core, entry}",
        ),
        int(CseError.HUF_TABLE): (
            "HUF_TABLE",
            "a code table is not complete, or codes come without one; ERR_POS = beat",
        ),
        int(CseError.HUF_CODE): (
            "HUF_CODE",
            "bits that no code begins with, or bits behind the last one; ERR_POS = beat",
        ),
        int(CseError.HUF_SHORT): ("HUF_SHORT", "a packet ends within codes; ERR_POS = beat"),
    },
    counters=("stall_sync", "slot_empty", "idx_reads", "idx_writes"),
    own_counters=OWN_COUNTERS,
    accounts=(
        ACCOUNTS["useful"],
        Account("padding", "operand is zero inside a block", ACCOUNTS["padding"].colour),
        Account("empty", "vector not full", ACCOUNTS["empty"].colour),
        Account("sync", "another core, or PE, is not done", ACCOUNTS["sync"].colour),
        Account("input", "no vector", ACCOUNTS["input"].colour),
    ),
    grid=lambda config: (config["cores"], config["pes"]),
    builds=BUILDS,
    quick=QUICK,
    measured=("2x8x8", "1x16x16"),
    sizes=SIZES,
    checked={"2x2x2_small": SMALL},
    accounting=("lac_cse_events",),
    split=Split(
        "a core",
        "lac_cse_node",
        parts={
            "lanes": ("lac_cse_lane",),
            "trees, accumulators": ("lac_tree", "lac_array_acc"),
            "neuron buffer": ("lac_cse_neurons",),
            "index list": ("lac_cse_scan",),
            "neuron selector": (
                "lac_cse_packed",
                "lac_cse_natural",
                "lac_cse_lanes",
                "lac_cse_order",
                "lac_cse_count",
            ),
            "synapse selectors": ("lac_cse_synapse",),
        },
        note=(
            "Lanes: decoder, multiplier. Neuron selector: survivors of a window, their places and "
            "neurons; synapse selectors: their codes. The rest: slots of codes, control. "
            "Published: the indexing module of Cambricon-X has 31 % of its area."
        ),
    ),
    per_gate=PerGate(
        builds=(
            GateBuild("Cambricon-SE 2x16x16"),
            GateBuild("Cambricon-SE 2x16x16, natural lanes", {"selector": 1, "code_row": 128}),
        ),
        memory=(
            "Cambricon-SE keeps codes of the blocks that stay, a mask bit for each position of a "
            "group, and activations with a flag."
        ),
        note="Two cores; the kind of its windows is chosen by the compiler.",
    ),
    variants={
        "x_like": Variant("a selector and masks in each PE", CambriconSeConfig.x_like),
        "natural": Variant("lanes take their own positions", CambriconSeConfig.natural),
        "tuned": Variant("survivors of 16 outputs packed into vectors"),
    },
    colour="#2e7d8c",
    slots_text=(
        "Every compute cycle gives each PE as many slots as it has multipliers. Useful: both "
        "operands not zero. Operand is zero inside a block: the weight of this output, where that "
        "of another one of its group is not; with a selector per PE the neuron. Vector not full: "
        "fewer survivors than lanes. Another core is not done: the pass ends with the slowest; "
        "with a selector per PE also PEs that have done an output before others. No vector: no "
        "survivor was found in this cycle, or none has come yet."
    ),
    tables={"own": DocTable(("counter", "meaning"), _own_counters)},
)
