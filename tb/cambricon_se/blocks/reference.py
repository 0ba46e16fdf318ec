"""What the benches of Cambricon-SE's blocks share: structs of ``lac_cse_pkg``, a pass."""

from __future__ import annotations

from dataclasses import dataclass

from tb.common.bfm.structs import pack_struct

#: Members and their bits, as in ``lac_cse_pkg``.
WALK = {"p_last": 16, "q_last": 16, "step_q": 18, "step_p": 18, "rows": 17, "pixels": 17}
WALK |= {"results": 19, "groups": 16}
ENTRY = {"last": 1, "final": 1, "region": 4, "entry": 16, "row": 16}
EVENT = {"useful": 9, "padding": 9, "empty": 9, "held": 5, "vectors": 5, "outputs": 5}
EVENT |= {"enter": 1, "none": 1, "step": 1}


@dataclass(frozen=True)
class Shape:
    """A pass: names as in the contract."""

    h: int
    w: int
    p: int
    q: int
    stride: int
    cb: int

    @property
    def rows(self) -> int:
        """Of the block."""
        return self.h * self.w * self.cb

    def origin(self, p: int, q: int) -> int:
        """Row of the origin of a pixel."""
        return (p * self.w + q) * self.stride * self.cb

    def members(self, groups: int = 1) -> dict[str, int]:
        """Members of the walk; a step past the block is past it, whatever it is."""
        step = self.stride * self.cb
        return {
            "p_last": self.p - 1,
            "q_last": self.q - 1,
            "step_q": step,
            "step_p": min(step * self.w, 1 << 17),
            "rows": self.rows,
            "pixels": self.p * self.q,
            "results": self.p * self.q * groups,
            "groups": groups,
        }

    def walk(self, groups: int = 1) -> int:
        """The struct."""
        return pack_struct(WALK, self.members(groups))
