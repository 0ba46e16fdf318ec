"""A program as the full-size bench plays it: what is known before the simulation."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class PassPlan:
    """What the simulation needs to know of one pass; the words are in the stream files."""

    cfg: dict[int, int]
    wgt_words: int
    act_words: int
    out_words: int
    tag: str


@dataclass
class Plan:
    """A program as the simulation reads it."""

    design: str
    parameters: dict[str, int]
    passes: list[PassPlan] = field(default_factory=list)
    watchdog: int = 1_000_000
    pass_timeout: int = 50_000_000

    def save(self, path: Path) -> None:
        """Write the plan; JSON inside an npz keeps one file format for all inputs of a run."""
        np.savez(path, plan=np.array(json.dumps(asdict(self))))

    @classmethod
    def load(cls, path: Path) -> Plan:
        """Read what :meth:`save` wrote."""
        with np.load(path, allow_pickle=False) as data:
            raw = json.loads(str(data["plan"]))
        raw["passes"] = [
            PassPlan(**{**p, "cfg": {int(k): v for k, v in p["cfg"].items()}})
            for p in raw["passes"]
        ]
        return cls(**raw)
