"""Break the RTL, one place at a time: the bench must notice.

Each ``mutants_<folder>.toml`` beside this file has tables::

    [[mutant]]
    name = "fifo-full"            # a-z, 0-9, - ; unique
    file = "rtl/common/lac_fifo.sv"
    search = "text"               # occurs exactly once in the file
    replace = "other text"
    bench = "fifo"                # has to fail ...
    config = "default"            # ... in this configuration (default: the bench's first)
    tests = "extremes"            # ... in these tests, comma-separated, patterns allowed
    simulator = "icarus"          # optional; icarus (builds at once) if not given
    regress = true                # optional: not in `make test`

``LAC_MUTANTS=all`` runs those with ``regress`` as well. Only a failed test or an assertion of the
RTL counts as noticed: a mutant that does not compile, or hangs the simulator, is a mistake here.
"""

from __future__ import annotations

import dataclasses
import os
import re
import tomllib
from pathlib import Path

import pytest

from models.places import ROOT, build_root
from tb.common.sim import results, simulators
from tb.common.sim.faults import on_changed, problem
from tb.common.sim.runner import RunResult, discover, run

HERE = Path(__file__).parent
BENCHES = discover()
ALL = os.environ.get("LAC_MUTANTS", "") == "all"


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One change of one file, and the tests that have to fail for it."""

    name: str
    file: str
    search: str
    replace: str
    bench: str
    tests: str
    config: str = ""
    simulator: str = "icarus"
    regress: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9-]+", self.name):
            raise ValueError(f"mutant name {self.name!r}: only a-z, 0-9 and - are allowed")
        if self.search == self.replace:
            raise ValueError(f"mutant {self.name}: it changes nothing")

    def write(self, folder: Path) -> Path:
        """The changed file, in ``folder``; ValueError if the place is not there, or not unique."""
        text = (ROOT / self.file).read_text(encoding="utf-8")
        if (found := text.count(self.search)) != 1:
            raise ValueError(
                f"mutant {self.name}: {self.search!r} occurs {found} times in {self.file}"
            )
        path = folder / Path(self.file).name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(self.search, self.replace), encoding="utf-8")
        return path

    def run(self, seed: int = 1) -> RunResult:
        """The bench on the changed file."""
        bench = BENCHES[self.bench]
        changed = self.write(build_root() / "mutants" / self.name)
        broken = on_changed(bench, self.name, self.file, changed)
        config = self.config or next(iter(bench.configs))
        return run(broken, config, self.simulator, tests=self.tests, seed=seed, cases=False)


def load() -> list[Mutant]:
    """All mutants of all files."""
    tables = [
        table
        for path in sorted(HERE.glob("mutants_*.toml"))
        for table in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
    ]
    return [Mutant(**table) for table in tables]


MUTANTS = load()


def test_mutants_are_unique_and_apply(tmp_path):
    """Every place is still there, and names what exists, also of those that are not run today."""
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    for mutant in MUTANTS:
        mutant.write(tmp_path)
        assert mutant.bench in BENCHES, f"{mutant.name}: no bench {mutant.bench}"
        for name in mutant.tests.split(","):
            assert results.select(BENCHES[mutant.bench].tests, [name.strip()]), mutant.name
        config = mutant.config or next(iter(BENCHES[mutant.bench].configs))
        assert config in BENCHES[mutant.bench].configs, f"{mutant.name}: no configuration {config}"


@pytest.mark.parametrize(
    "mutant", [pytest.param(m, id=m.name) for m in MUTANTS if ALL or not m.regress]
)
def test_mutant_is_noticed(mutant):
    if why := simulators.missing(mutant.simulator):
        pytest.skip(why)
    result = mutant.run()
    if why := problem(result):
        pytest.fail(
            f"{mutant.name}: {why} ({mutant.file}: {mutant.search!r} -> {mutant.replace!r})\n"
            + result.report(),
            pytrace=False,
        )


def test_unchanged_file_is_not_noticed():
    """The engine itself: a change without effect must count as not noticed."""
    harmless = next(m for m in MUTANTS if m.file == "rtl/common/lac_ffs.sv")
    harmless = dataclasses.replace(
        harmless,
        name="harmless",
        search="endmodule",
        replace="// nothing\nendmodule",
        simulator="verilator" if simulators.missing("icarus") else "icarus",
    )
    assert problem(harmless.run()) == "it was not noticed"


def test_broken_file_is_not_noticed():
    """The engine itself: an error of syntax must not count as noticed."""
    broken = next(m for m in MUTANTS if m.file == "rtl/common/lac_ffs.sv")
    broken = dataclasses.replace(
        broken,
        name="broken",
        search="endmodule",
        replace="endmodul",
        simulator="verilator" if simulators.missing("icarus") else "icarus",
    )
    assert problem(broken.run()) == "it does not compile"


def test_lost_place_is_refused(tmp_path):
    """The engine itself: a mutant whose place has gone is an error, not a pass."""
    lost = dataclasses.replace(MUTANTS[0], search="no such text in any file")
    with pytest.raises(ValueError, match="occurs 0 times"):
        lost.write(tmp_path)
