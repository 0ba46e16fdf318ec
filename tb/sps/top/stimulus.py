"""Stimulus of SPS's top-level tests: what differs from ``tb/array/stimulus.py``.

Nothing here touches the device.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from models import sps
from models.layer import Layer
from models.packets import Section, packet_of
from models.program import Pass
from models.sps import SpsConfig
from models.sps.registers import REGISTERS, Kind
from models.sps.store import SPS
from models.sps.timing import FIRST
from tb.array.stimulus import Maker, words_needed
from tb.array.stimulus import with_cfg as with_array_cfg

#: CFG fields by their name in the contract.
FIELDS = {one.name: one for one in REGISTERS.cfg}


def with_cfg(item: Pass, **values: int) -> Pass:
    """The pass with other CFG fields."""
    cfg = dict(item.cfg)
    for name, value in values.items():
        cfg = FIELDS[name].put(cfg, value)
    return replace(item, cfg=cfg)


class SpsMaker(Maker):
    """Makes layers and jobs for one build."""

    design = sps.DESIGN
    config: SpsConfig

    def sections_of(self, item: Pass) -> list[Section]:
        assert item.wgt is not None, "a pass that loads weights"
        return list(SPS.buffer(self.config).sections(item.wgt))

    def relocated(self, item: Pass) -> Pass:
        """The same pass with weights, biases and activations at the end of their buffers."""
        config, sections = self.config, self.sections_of(item)
        depths = {Kind.WEIGHT: config.wgt_depth, Kind.BIAS: config.bias_depth}
        moved = [
            replace(one, base=depths[Kind(one.kind)] - one.count) if one.kind in depths else one
            for one in sections
        ]
        base = {one.kind: one.base for one in moved}
        act_base = config.act_depth - words_needed(item, config)[1]
        bases = {"WGT_BASE": base[Kind.WEIGHT], "BIAS_BASE": base[Kind.BIAS]}
        return replace(with_array_cfg(item, **bases, ACT_BASE=act_base), wgt=packet_of(moved))

    def groups(self, sections: Sequence[Section]) -> Iterable[Sequence[Section]]:
        weights, biases, tables = (
            [one for one in sections if one.kind in kinds]
            for kinds in ((Kind.WEIGHT,), (Kind.BIAS,), tuple(Kind)[2:])
        )
        none = [replace(part, count=0, payload=part.payload[:0]) for part in weights]
        return weights, [*none, *biases], tables, [], sections

    def lost(self, spent: Mapping[str, int]) -> tuple[int, float]:
        lost, most = super().lost(spent)
        config = self.config
        fill = (config.rows + config.cols + 1 + FIRST) / spent["cycles_compute"]
        return lost, max(most, fill * spent["mac_slots"])


__all__ = ["FIELDS", "Layer", "SpsMaker", "with_cfg"]
