"""The instances of a module that full-size runs have many of share their compiled code.

A grid of 64 equal nodes compiles in a minute, and runs from the caches, only if Verilator finds the
C++ of the instances equal to the letter and merges it. What breaks that is easily written and makes
nothing fail: a function (its inlined temporaries are numbered), or a generate turn that reads what
another wrote to the same vector or array.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from models.places import ROOT
from tb.common.sim import simulators
from tb.common.sim.sources import collect

#: Bytes of C++ of a function that may differ from instance to instance: those of an edge of a grid.
_SMALL = 3_000

#: module with the instances -> its folders in rtl/, parameters, modules in it that must be shared
GRIDS = {
    "lac_scnn_core": (
        ("common", "scnn"),
        {"PeX": 2, "PeY": 1, "F": 2, "I": 2},
        ("lac_scnn_pe", "lac_scnn_node"),
    ),
    "lac_eie": (("common", "formats", "eie"), {"NumPe": 2}, ("lac_eie_pe",)),
    "lac_dense": (
        ("common", "array", "dense"),
        {"Rows": 4, "Cols": 4},
        ("lac_array_col", "lac_array_acc"),
    ),
    "lac_ffp_core": (
        ("common", "array", "flexflow_pro"),
        {"Rows": 2, "Cols": 3},
        ("lac_ffp_pe", "lac_ffp_row", "lac_ffp_feed"),
    ),
    "lac_cse_core": (
        ("common", "array", "cambricon_se"),
        {"Cores": 2, "Pes": 2, "Lanes": 4, "Window": 16, "CodeRow": 8},
        ("lac_cse_pe", "lac_cse_lanes"),
    ),
}


def generated(top: str, folder: Path) -> str:
    """The C++ of a full-size build of ``top``, all files together."""
    folders, parameters, _ = GRIDS[top]
    sources = collect(top, [ROOT / "rtl" / name for name in folders])
    root = simulators.verilator_root()
    program = str(root / "bin" / "verilator_bin") if root else "verilator"
    flags = simulators.build_flags("verilator", waves=False, debug=False, coverage=False, fast=True)
    command = [program, "--cc", "--Mdir", str(folder), "--top-module", top, "--prefix", "Vtop"]
    command += ["-Wno-lint", "-Wno-style", *flags, "--timescale", "1ns/1ps"]
    command += [f"-G{name}={value}" for name, value in parameters.items()]
    command += [f"-I{path}" for path in sources.include_dirs]
    ports = folder / "ports.vlt"
    ports.write_text(simulators.shared_ports(sources.files))
    done = subprocess.run(
        [*command, str(ports), *map(str, sources.files)],
        env={**os.environ, **({"VERILATOR_ROOT": str(root)} if root else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return "\n".join(path.read_text() for path in sorted(folder.glob("*.cpp")))


def unshared(code: str, module: str) -> dict[str, int]:
    """Functions of a module that more than one instance has: name without instance -> bytes."""
    found = defaultdict(list)
    start = rf"^(?:VL_INLINE_OPT )?void (Vtop_{module}\w*)\([^;{{]*\) \{{\n(.*?)^\}}"
    for name, body in re.findall(start, code, re.DOTALL | re.MULTILINE):
        found[re.sub(r"BRA__\d+__KET", "BRA_KET", name)].append(len(body))
    return {name: max(sizes) for name, sizes in found.items() if len(sizes) > 1}


@pytest.mark.skipif(simulators.missing("verilator") is not None, reason="needs Verilator")
@pytest.mark.parametrize("top", GRIDS)
def test_instances_share_their_code(top, tmp_path):
    code = generated(top, tmp_path)
    for module in GRIDS[top][2]:
        assert f"void Vtop_{module}" in code, f"{module} was inlined"
        large = {name: size for name, size in unshared(code, module).items() if size > _SMALL}
        assert not large, f"{module}: C++ of each instance of its own (bytes): {large}"


def test_what_is_not_shared_is_seen():
    code = "".join(
        f"void Vtop_lac_toy_pe___nba__gen__BRA__{i}__KET____u_pe__0(X* vlSelf) {{\n    f{i};\n}}\n"
        for i in range(2)
    )
    assert list(unshared(code, "lac_toy_pe").values()) == [8]
    assert not unshared(
        code.replace("BRA__1__KET____u_pe__0", "BRA__0__KET____u_pe__1"), "lac_toy_pe"
    )
