"""What a proof is, and how the proofs of all folders are found.

``tb/<folder>/proofs.py`` has ``PROOFS``; the harnesses are in ``tb/<folder>/prove``.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.names import unknown
from models.places import ROOT

#: Holds in every cycle, by k-induction or by an invariant that the tool finds (property-directed
#: reachability).
INDUCTION, PDR = "induction", "pdr"

_NAME = re.compile(r"[a-z0-9_-]+")


@dataclass(frozen=True)
class Change:
    """A fault of the RTL that the proof must find.

    file: relative to the repository; search: text that is in it once; replace: other text
    """

    file: str
    search: str
    replace: str

    def text(self, root: Path = ROOT) -> str:
        """The file with the fault; ValueError if the place is not there, or not unique."""
        text = (root / self.file).read_text(encoding="utf-8")
        if (found := text.count(self.search)) != 1:
            raise ValueError(f"{self.file}: {self.search!r} occurs {found} times, need once")
        return text.replace(self.search, self.replace)


@dataclass(frozen=True)
class Proof:
    """A set of properties of one block: those of its harness and those in its RTL.

    Attributes:
        name: what ``DESIGN=`` calls it.
        harness: the module that is proved.
        claims: what is proved, in words, for the table.
        method: ``INDUCTION`` or ``PDR``.
        depth: cycles: the length of the induction; 0 with ``PDR``.
        cover: cycles within which every ``LAC_COVER`` must be reached, so that what is assumed
            leaves room for it.
        faults: each must be found within ``depth`` or ``cover`` cycles, in the first configuration.
        rtl: folders under ``rtl/`` where modules are looked up; ``common`` is always one.
        configs: configuration -> parameters of the harness.
        defines: macros. A module that a value names is compiled too.
        free: signals of the harness's blocks that may be anything in every cycle (``u_dut.rank``),
            so that what makes them has no part in the proof: more is proved than is needed. What
            another proof shows of them is assumed by the harness.
        alone: the harness's own assertions and covers alone, where another proof has those of the
            RTL; in it they all have labels, and the block is ``u_dut``.
        unreached: configuration -> labels of covers that there are none of in it.
        quick: configurations that ``make test`` proves.
        named: proved only where ``DESIGN=`` names it: it takes a quarter of an hour.
        timeout: seconds for one run of the solver.
    """

    name: str
    harness: str
    claims: str
    method: str
    depth: int
    cover: int
    faults: tuple[Change, ...]
    rtl: tuple[str, ...] = ("common",)
    configs: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: {"default": {}})
    defines: Mapping[str, str] = field(default_factory=dict)
    free: tuple[str, ...] = ()
    alone: bool = False
    unreached: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quick: tuple[str, ...] = ()
    named: bool = False
    timeout: int = 600

    def __post_init__(self) -> None:
        for name in (self.name, *self.configs, *self.unreached):
            if not _NAME.fullmatch(name):
                raise ValueError(f"proof {self.name!r}: {name!r} has more than a-z, 0-9, _ and -")
        if self.method not in (INDUCTION, PDR):
            raise ValueError(f"proof {self.name!r}: no method {self.method!r}")
        if not self.faults:
            raise ValueError(f"proof {self.name!r}: it needs a fault that it finds")
        if odd := {*self.quick, *self.unreached} - set(self.configs):
            raise ValueError(f"proof {self.name!r}: no configuration {sorted(odd)}")

    @property
    def reach(self) -> str:
        """Method and depth, as the table says them."""
        return f"induction, {self.depth}" if self.method == INDUCTION else "every cycle, pdr"


def discover(root: Path = ROOT) -> dict[str, Proof]:
    """All proofs by name, from ``PROOFS`` in each ``tb/<folder>/proofs.py``."""
    proofs: dict[str, Proof] = {}
    for path in sorted((root / "tb").glob("*/proofs.py")):
        for proof in importlib.import_module(f"tb.{path.parent.name}.proofs").PROOFS:
            if proof.name in proofs:
                raise ValueError(f"two proofs are named {proof.name!r}; the second is in {path}")
            proofs[proof.name] = proof
    return proofs


def choose(text: str | None) -> list[Proof]:
    """Proofs by name, commas between; of none, all that need no name.

    Raises:
        ValueError: no such proof.
    """
    known = discover()
    unasked = [name for name, one in known.items() if not one.named]
    names = [one.strip() for one in text.split(",")] if text else unasked
    for name in names:
        if name not in known:
            raise ValueError(unknown("DESIGN", name, known))
    return [known[name] for name in dict.fromkeys(names)]
