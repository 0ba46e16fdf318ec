"""EIE's benchmark: the nine layers of its paper, and the two studies.

Efficiency in the studies is that of the paper's figures 8, 11 to 13. Machines of up to 64 PEs are
simulated, larger ones come from the cycle model. Every machine is a build of its own and every run
loads its weights again, so only some layers are simulated unless all are asked for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from models.design import Study, Suite
from models.eie.compiler import theoretical_cycles
from models.eie.config import EieConfig
from models.layer import Layer
from models.workloads.eie import EIE_LAYERS, eie_layer

_DEPTHS = tuple(1 << n for n in range(9))
_PES = tuple(1 << n for n in range(9))
_SIMULATED_PES = 64


def with_pes(config: EieConfig, num_pe: int) -> EieConfig:
    """The machine with another number of PEs and the same memories in all.

    >>> small = with_pes(EieConfig(), 1)
    >>> small.act_regs, small.spmat_depth, small.ptr_width
    (4096, 1048576, 24)
    """
    share = config.num_pe / num_pe
    grow = max(0, (config.num_pe // num_pe).bit_length() - 1)

    def scaled(value: int) -> int:
        return max(1, int(value * share))

    return replace(
        config,
        num_pe=num_pe,
        act_regs=scaled(config.act_regs),
        act_depth=scaled(config.act_depth),
        bias_depth=scaled(config.bias_depth),
        spmat_depth=scaled(config.spmat_depth),
        ptr_width=min(32, config.ptr_width + grow),
    )


def _queues(config: EieConfig) -> list[tuple[EieConfig, ...]]:
    # The queue depth changes no word of the program.
    return [tuple(replace(config, queue_depth=depth) for depth in _DEPTHS)]


def _sizes(config: EieConfig) -> list[tuple[EieConfig, ...]]:
    return [(with_pes(config, number),) for number in _PES]


def _small(config: EieConfig) -> bool:
    return config.num_pe <= _SIMULATED_PES


def _work(name: str) -> float:
    facts = EIE_LAYERS[name]
    return facts.inputs * facts.outputs * facts.weight_density


def _facts(name: str, layer: Layer, config: EieConfig) -> dict[str, Any]:
    """What the paper says of a layer, and what it counts from: the cycles of a machine whose PEs
    never wait."""
    paper = EIE_LAYERS[name]
    return {
        "baseline": "theoretical",
        "baseline_cycles": theoretical_cycles(
            layer, config.num_pe, config.idx_width, config.act_width
        ),
        "paper_ratio": round(paper.ratio, 6),
        "paper_theoretical_us": paper.theoretical_us,
        "paper_actual_us": paper.actual_us,
    }


SUITE = Suite(
    layers=tuple(EIE_LAYERS),
    make=eie_layer,
    work=_work,
    facts=_facts,
    assumes=(
        "Compute cycles, weights preloaded, as in the paper; layers larger than the machine in "
        "several passes, whose cycles are summed. Theoretical: entries of the active columns in "
        "the plain encoding (row mod PEs), padding counted as work, over the number of PEs."
    ),
    goal=("tuned", 1.05),
    quick=("alex-8", "vgg-8", "nt-we"),
    studies=(
        Study("queue_depth", "entries in the activation queue of a PE", _queues),
        Study("num_pe", "number of PEs", _sizes, _small),
    ),
    # A typical one, one of few rows (bad balance), one of few columns.
    studied=("alex-7", "nt-we", "nt-lstm"),
)
