"""What the benches that ran answer for.

A run of a few benches is judged by its own part alone:

- an RTL file belongs to the benches whose top it is. One that is no bench's top belongs to the
  benches of its own folder that compile it (of any folder, if none there does), and of those to
  the ones that compile the least. It is judged when a bench of each top it belongs to ran:
  ``array_mesh`` answers for its columns and PEs, not for a FIFO that has a bench of its own.
- a covergroup belongs to the bench of its name, else to the benches that the test plan names
  beside it. It is judged when all of them ran.
- a point of the test plan is judged when all benches of its tests ran; tests that only Icarus can
  run are left out, since it counts no code.

What was seen by the way is shown as such, and asked of nobody. When every bench ran, everything is
judged, files that no bench compiles as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from models.places import ROOT
from scripts.cov.plan import PlanPoint, load_plans
from tb.common.coverage.functional import Group, discover
from tb.common.sim import bench as benches
from tb.common.sim.bench import Bench
from tb.common.sim.builds import sources_of


@dataclass(frozen=True)
class World:
    """What there is to cover.

    Attributes:
        benches: those that coverage runs, by name.
        files: bench -> RTL files that it compiles, its top last.
        groups: folder -> covergroups.
        points: points of all test plans.
    """

    benches: Mapping[str, Bench]
    files: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, tuple[Group, ...]]
    points: tuple[PlanPoint, ...]

    @classmethod
    def of(cls, root: Path = ROOT) -> World:
        """The repository's; code is counted by Verilator, so benches that cannot run there drop."""
        known = {n: b for n, b in benches.discover().items() if "verilator" in b.simulators}
        rtl = root / "rtl"
        files = {
            name: tuple(
                str(p.relative_to(root)) for p in sources_of(one).files if p.is_relative_to(rtl)
            )
            for name, one in known.items()
        }
        groups = discover(root)
        return cls(known, files, groups, load_plans(known, groups, root))

    def owners_of_files(self) -> dict[str, tuple[str, ...]]:
        """RTL file -> benches that answer for it."""
        # A bench may put its module behind others: lac_tb_x answers for lac_x.
        tops = {
            name: next((f for f in self.files[name] if Path(f).stem == stem), "")
            for name, stem in (
                (name, one.top.replace("lac_tb_", "lac_", 1)) for name, one in self.benches.items()
            )
        }
        return {
            file: _owners(file, tops, self.files)
            for file in sorted({f for files in self.files.values() for f in files})
        }

    def owners_of_groups(self) -> dict[str, tuple[str, ...]]:
        """Covergroup -> benches that have to hit it."""
        found = {}
        for groups in self.groups.values():
            for group in groups:
                beside = [p for p in self.points if group.name in p.covergroups]
                named = dict.fromkeys(bench for p in beside for bench in p.benches)
                found[group.name] = (group.name,) if group.name in self.benches else tuple(named)
        return found


def _owners(
    file: str, tops: Mapping[str, str], files: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    if own := tuple(name for name, top in tops.items() if top == file):
        return own
    using = [name for name in tops if file in files[name]]
    near = [name for name in using if Path(tops[name]).parent == Path(file).parent]
    parts = {name: set(files[name]) - {tops[name]} for name in near or using}
    whole = {name: set(files[name]) for name in parts}
    # Not those that compile another one's top and all it needs.
    return tuple(
        name
        for name in parts
        if not any(whole[other] <= parts[name] for other in parts if other != name)
    )


@dataclass(frozen=True)
class Scope:
    """What the benches that ran answer for.

    Attributes:
        ran: the benches; ``configs``: bench -> configurations of it that ran.
        whole: all there are.
        files, groups: owners of everything.
    """

    world: World
    ran: frozenset[str]
    configs: Mapping[str, frozenset[str]]
    whole: bool
    files: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, world: World, runs: Iterable[tuple[str, str]]) -> Scope:
        """Of the (bench, configuration) that ran; what is no bench any more is left out."""
        configs: dict[str, set[str]] = {}
        for bench, config in runs:
            if bench in world.benches:
                configs.setdefault(bench, set()).add(config)
        ran = frozenset(configs)
        return cls(
            world,
            ran,
            {name: frozenset(names) for name, names in configs.items()},
            ran == frozenset(world.benches),
            world.owners_of_files(),
            world.owners_of_groups(),
        )

    def judges_file(self, path: str) -> bool:
        """A bench of each top that the file belongs to ran."""
        owners = self.files.get(path, ())
        tops = {self.world.benches[name].top for name in owners}
        done = {self.world.benches[name].top for name in owners if name in self.ran}
        return self.whole or (bool(owners) and tops == done)

    def judges_group(self, name: str) -> bool:
        """All benches that have to hit it ran."""
        owners = self.groups.get(name, ())
        return self.whole or (bool(owners) and self.ran.issuperset(owners))

    def judges_point(self, point: PlanPoint) -> bool:
        """All benches of the point's tests ran."""
        return self.whole or (bool(point.benches) and self.ran.issuperset(point.benches))

    def lacking(self, owners: Iterable[str]) -> list[str]:
        """Owners that did not run."""
        return [name for name in owners if name not in self.ran]

    def notes(self) -> list[str]:
        """What keeps the runs from being all that their benches can do, a line each."""
        lines = []
        for name in sorted(self.ran):
            bench = self.world.benches[name]
            some = self.configs[name] & set(bench.configs)
            if len(some) < len(bench.configs):
                left = [config for config in bench.configs if config not in some]
                lines.append(
                    f"{name}: {len(some)} of its {len(bench.configs)} configurations ran, "
                    f"without {', '.join(left)}"
                )
        for top in sorted({self.world.benches[name].top for name in self.ran}):
            same = [name for name, one in self.world.benches.items() if one.top == top]
            others = self.lacking(same)
            if others:
                lines.append(f"{top}: bench {', '.join(others)} tries it as well, and did not run")
        return lines
