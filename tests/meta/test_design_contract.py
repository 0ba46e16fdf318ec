"""Every design brings what the contract asks for, and each demand has been seen to be made."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models import registry, socket
from models.design import Account, Design, GateBuild, Split, Variant
from models.places import ROOT
from models.program import PassCycles, Program
from models.scnn import ScnnConfig
from scripts.cov.plan import SHARED
from tb.common.coverage.functional import discover as covergroups
from tb.common.sim.bench import discover
from tb.common.uvm.registers import Registers
from tests.meta.contract import Brought, faults

NAME = "dense"


@pytest.mark.parametrize("name", registry.DESIGNS)
def test_a_design_brings_everything(name: str) -> None:
    assert faults(Brought(registry.design(name))) == []


# ---------------------------------------------------------------- what the contract notices


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the contract reads of one design, to be copied and broken."""
    root = tmp_path_factory.mktemp("whole")
    for part in (f"rtl/{NAME}", f"tb/{NAME}", "tests/meta", "tests/models"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("*.pyc"))
    (root / "tb" / SHARED).parent.mkdir(parents=True)
    shutil.copy(ROOT / "tb" / SHARED, root / "tb" / SHARED)
    return root


def looked_at(root: Path = ROOT, design: Design | None = None, **seen: Any) -> list[str]:
    """The faults of a design whose benches and covergroups are those of the checkout."""
    given: dict[str, Any] = {"benches": discover(), "groups": covergroups()} | seen
    return faults(Brought(design or registry.design(NAME), root, **given))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("tests/meta/mutants_{}.toml", None, None, "mutants: there is no tests/meta/mutants_dense"),
        (
            "tests/meta/mutants_{}.toml",
            "wgt_feed.sv",
            "wgt_fed.sv",
            "mutants: rtl/dense/lac_dense_",
        ),
        ("tests/models/{}_interpreter.py", None, None, "interpreter: there is no tests/models"),
        (
            "tests/models/{}_interpreter.py",
            "import",
            "import models.dense.compiler\nimport",
            "interpreter: tests/models/dense_interpreter.py uses the model",
        ),
        (
            "tb/{}/testplan.toml",
            None,
            None,
            "plan: tb/dense/testplan.toml has no point of its own",
        ),
        (f"tb/{SHARED}", '"V1"', '"V2"', "have no point of stage V1"),
        ("tb/{0}/lac_{0}.gtkw", None, None, "waves: there is no tb/dense/lac_dense.gtkw"),
        ("rtl/{}/README.md", None, None, "page: rtl/dense/README.md has no section Function"),
        ("rtl/{}/README.md", "ACC_OVERFLOW", "OVERFLOW", "page: error ACC_OVERFLOW is not in"),
        ("rtl/{}/README.md", "stall_sync", "stall", "page: counter stall_sync is not in"),
        ("rtl/{0}/lac_{0}.sv", None, None, "rtl: rtl/dense/lac_dense.sv holds no module"),
        ("rtl/{0}/lac_{0}.sv", "DesignId(2)", "DesignId(3)", "number: lac_dense does not have"),
        ("rtl/{0}/lac_{0}.sv", "endmodule", "\n" * 99 + "endmodule", "top: lac_dense has "),
    ],
)
def test_a_file_that_is_missing_or_wrong_is_named(
    whole: Path, tmp_path: Path, file: str, old: str | None, new: str | None, said: str
) -> None:
    root = tmp_path / "tree"
    shutil.copytree(whole, root)
    assert looked_at(root) == [], "the contract is kept before"
    path = root / file.format(NAME)
    if old is None or new is None:
        path.unlink()
    else:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    found = looked_at(root)
    assert any(line.startswith(said) or said in line for line in found), found


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": 1}, "number: 1 is that of eie"),
        ({"colour": "blue"}, "colour: found 'blue'"),
        ({"title": ""}, "title: is empty"),
        ({"builds": {"default": {}}}, "builds: names no build"),
        ({"builds": {"default": {}, "odd": {"NumPe": 4}}}, "builds: odd has the parameter NumPe"),
        ({"checked": {}}, "checked: names no build"),
        ({"widths": {"acc_width": 99}}, "widths: acc_width: found 99"),
        ({"widths": {"codes": 4}}, "widths: "),
        ({"words": lambda config: []}, "words: says nothing"),
        ({"multipliers": lambda config: config.rows}, "multipliers: "),
        ({"footprint": lambda *_: {}}, "footprint: accumulators, activations, weights missing"),
        ({"counters": ("stall_sync", "slot_empty")}, "accounts: empty is shown, or counted"),
        ({"counters": ()}, "counters: stall_sync moves, and is not named"),
        ({"own_counters": (("halo_adds", "adds"),)}, "own_counters: the cycle model does not"),
        ({"own_errors": {32: ("OARAM_FULL", "too many results")}}, "page: error OARAM_FULL is not"),
        ({"own_errors": {32: ("OARAM_FULL", "too many results")}}, "coverage: errors oaram_full"),
        ({"accounts": (Account("useful", "useful", "#000000"),)}, "accounts: slots go to"),
        ({"split": Split("", "lac_dense", {"a": ("lac_none",)})}, "split: rtl/*/lac_none.sv"),
        ({"split": Split("", "lac_dense", {}, {"a": 3})}, "split: a is published, and no part"),
        ({"grid": lambda config: (1, 1)}, "grid: is given, the model tells 0 accounts"),
        ({"variants": {}}, "variants: there is none"),
        ({"variants": {"odd": Variant("", lambda config: None)}}, "variants: odd makes no"),
    ],
)
def test_a_field_that_is_missing_or_wrong_is_named(changes: dict, said: str) -> None:
    found = looked_at(design=replace(registry.design(NAME), **changes))
    assert any(line.startswith(said) for line in found), found


def scnn_that_says(account: str, count: int) -> Design:
    """SCNN, its first PE one slot off in an account."""
    design = registry.design("scnn")

    def cycles(program: Program, config: ScnnConfig) -> list[PassCycles]:
        found = design.cycles(program, config)
        found[0].slots_per_pe[account][0] += count
        return found

    return replace(design, cycles=cycles)


def test_slots_of_single_pes_are_held_to_the_counters_and_the_grid() -> None:
    design = registry.design("scnn")
    grids = {line for line in faults(Brought(design)) if line.startswith("grid")}
    assert grids == set()
    assert "grid: bank of the PEs is not stall_bank" in faults(Brought(scnn_that_says("bank", 1)))
    for grid, said in (
        (None, "grid: not given, the model tells 6 accounts"),
        (lambda config: (8, 4), "grid: found 8 x 4, which is not the number of PEs"),
    ):
        assert said in faults(Brought(replace(design, grid=grid)))


@pytest.mark.parametrize(
    ("builds", "said"),
    [
        ((), "per_gate: names no build"),
        ((GateBuild("16x16"),), "per_gate: the label '16x16' does not begin"),
        ((GateBuild("dense", {"rows": 3}),), "per_gate: dense: rows: found 3"),
    ],
)
def test_builds_for_gates_are_asked_for(builds: tuple, said: str) -> None:
    design = registry.design(NAME)
    found = looked_at(design=replace(design, per_gate=replace(design.per_gate, builds=builds)))
    assert [line for line in found if line.startswith(said)], found


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("dense", "bench: dense (what must work) is missing"),
        ("dense_bad", "bench: dense_bad (what must go wrong in good order) is missing"),
        ("dense_wgt_feed", "bench: tb/dense has none of a block"),
    ],
)
def test_a_bench_that_is_missing_is_named(gone: str, said: str) -> None:
    kept = {name: one for name, one in discover().items() if name != gone}
    assert looked_at(benches=kept) == [said]


def test_covergroups_that_are_missing_are_named() -> None:
    known = covergroups()
    assert looked_at(groups=dict(known) | {NAME: ()}) == [
        "coverage: tb/dense declares no covergroups"
    ]
    others = [one for one in known[NAME] if not one.name.endswith("_error")]
    assert looked_at(groups=dict(known) | {NAME: others}) == [
        "coverage: no covergroup *_error has a point code"
    ]


def test_counters_and_errors_of_its_own_are_read() -> None:
    """They lie behind those of the socket, and benches and player find them there."""
    design = replace(registry.design(NAME), own_counters=(("halo_adds", "adds"),))

    async def read(address: int) -> tuple[int, int]:
        return address, 0

    async def write(address: int, data: int) -> int:
        return 0

    found = asyncio.run(Registers(write, read, design.counter_names).counters())
    assert found["halo_adds"] == socket.REGISTERS["PERF24"][0]
    assert socket.ErrorCode(32) == 32
    with pytest.raises(ValueError, match="is not a valid ErrorCode"):
        socket.ErrorCode(31)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"accounts": (Account("wait", "wait", "#000000"),)}, "accounts: found 'wait', allowed"),
        ({"counters": ("halo",)}, "counters: found 'halo', which PERF has not"),
        ({"own_errors": {16: ("X", "x")}}, "own_errors: found 16, allowed 32..255"),
        ({"own_counters": (("x", "x"),) * 9}, "own_counters: found 33 in all, PERF has 32"),
        ({"builds": {}}, "builds: found none, need default"),
        ({"quick": "16x17"}, "builds: found .*, need 16x17"),
    ],
)
def test_what_no_design_can_be_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=f"dense: {message}"):
        replace(registry.design(NAME), **changes)
