"""EIE as the tools see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.design import (
    ACCOUNTS,
    BASELINE,
    Account,
    Design,
    GateBuild,
    PerGate,
    Split,
    Variant,
)
from models.eie.builds import BUILDS, OLD_NAMES, SIZES
from models.eie.compiler import compile, compile_network, unpack
from models.eie.config import EieConfig
from models.eie.cycles import cycles
from models.eie.dataflow import dataflow
from models.eie.footprint import file_bits, footprint
from models.eie.lowering import shared
from models.eie.memories import memories
from models.eie.registers import REGISTERS
from models.eie.suite import SUITE
from models.layer import Layer
from models.lower import GEOMETRY
from models.socket import ErrorCode

_OPTIONS = ("skip_empty", "fuse_pad", "balance")


def holding(layers: Sequence[Layer], config: EieConfig) -> EieConfig:
    """A build with codes wide enough for the different weights of every layer."""
    return config.holding(max(np.union1d(layer.weights, [0]).size for layer in layers))


def words(config: Mapping[str, Any]) -> list[str]:
    """A build in a few words; what of its fields is missing is left out.

    >>> words({"num_pe": 4, "balance": False})
    ['4 PEs', 'without balance']
    """
    found = []
    if "num_pe" in config:
        found.append(f"{config['num_pe']} PEs")
    if "queue_depth" in config:
        found.append(f"queue depth {config['queue_depth']}")
    off = [name for name in _OPTIONS if config.get(name) is False]
    return found + ([f"without {', '.join(off)}"] if off else [])


DESIGN = Design(
    name="eie",
    number=1,
    title="EIE",
    words=words,
    config=EieConfig,
    multipliers=lambda config: config.num_pe,
    registers=REGISTERS,
    compile=compile,
    compile_network=compile_network,
    unpack=unpack,
    cycles=cycles,
    memories=memories,
    footprint=footprint,
    dataflow=dataflow,
    holding=holding,
    fitted=shared,
    widths={"code_width": 8, "idx_width": 8, "spmat_width": 64},
    geometry=frozenset(GEOMETRY),  # the window of a pixel is a vector, whatever its geometry
    per_pixel=True,  # a convolution is lowered to a matrix-vector product per output pixel
    errors=tuple(code for code in ErrorCode if code not in (ErrorCode.NONE, ErrorCode.WGT_FORMAT)),
    counters=(
        "stall_queue_full",
        "slot_empty",
        "idx_reads",
        "idx_writes",
        "broadcasts",
        "bypass_hits",
    ),
    accounts=(
        ACCOUNTS["useful"],
        ACCOUNTS["padding"],
        Account("empty", "empty column slice", ACCOUNTS["empty"].colour),
        ACCOUNTS["input"],
        ACCOUNTS["idle"],
    ),
    builds=BUILDS,
    old_names=OLD_NAMES,
    sizes=SIZES,
    checked={"2pe": {"NumPe": 2, "ActRegs": 4}},
    # One PE only: flat, the codebooks of several PEs are found to be equal and merged.
    flat={"1pe": {"NumPe": 1, "ActRegs": 8}},
    split=Split(
        "a PE",
        "lac_eie_pe",
        parts={
            "pointer read": ("lac_eie_ptr_read",),
            "sparse matrix read": ("lac_eie_spmat_read",),
            "arithmetic": ("lac_eie_arith",),
            "activation read and write": ("lac_eie_act_rw",),
        },
        # 121,849, 469,412, 3,110, 18,934 of 638,024 um2.
        paper={
            "pointer read": 19.1,
            "sparse matrix read": 73.6,
            "arithmetic": 0.49,
            "activation read and write": 2.97,
        },
        note=(
            "The rest: activation queue (paper: 0.12 %), and 3.8 % of fillers in the paper. "
            "Activation read and write: two files of accumulators, flip-flops here unless the "
            "build says otherwise."
        ),
    ),
    per_gate=PerGate(
        builds=(
            # One codebook, as in the paper; its layers fit the default accumulators.
            GateBuild("EIE, 64 PEs", {"num_codebooks": 1}),
            GateBuild(
                "EIE, 64 PEs, files as memory",
                {"num_codebooks": 1, "file_mem": 1},
                like="EIE, 64 PEs",
            ),
        ),
        versus=(BASELINE, "sparse_on_dense"),
        file_bits=file_bits,
        note=(
            "A PE of EIE has two files of 64 accumulators, of flip-flops or of memories (FileMem), "
            "which are no gates but memory bits. It holds one codebook, as in the paper."
        ),
        memory="EIE keeps 4-bit codes of 16 shared weights with 4-bit runs, and pointers.",
    ),
    variants={
        "plain": Variant("the machine as published", EieConfig.plain),
        "tuned": Variant("empty slices skipped, padding fused, rows balanced over the PEs"),
    },
    suite=SUITE,
    colour="#2f6db5",
    slots_text=(
        "Every compute cycle gives each PE one multiplier slot. Useful: both operands not zero. No "
        "operand: the PE waits for the next non-zero activation or for its queue. A layer with few "
        "outputs leaves most PEs without work: one activation is broadcast per cycle, and only PEs "
        "with a non-zero weight in its column multiply."
    ),
)
