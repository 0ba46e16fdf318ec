"""Pins of the chip reach every cell: ``mem_cfg_i`` all memories, ``scan_mode_i`` inner resets.

Two checks. Every instance below a top hands the pin on under its name (text of all modules under
``rtl/``); and in a simulation of each top with cells that print their pins, as a chip has cells of
its own, all of them see what the top is given.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from models import registry
from models.places import ROOT
from scripts.area.yosys import rtl_folders
from tb.common.sim import simulators
from tb.common.sim.bench import find
from tb.common.sim.sources import collect

RTL = ROOT / "rtl"
#: Pin of a top, with the cells that it is for and their name for it.
CELLS = {
    "mem_cfg_i": {"lac_sram_1rw": "cfg_i", "lac_sram_1r1w": "cfg_i"},
    "scan_mode_i": {"lac_rst": "scan_mode_i"},
}
#: Where a module has the pin under another name: that of its cell, one level up.
OWN_NAME = {"lac_sram": {"mem_cfg_i": "cfg_i"}}
#: A memory that is registers by default.
MORE = {"eie": {"FileMem": 1}}
PATTERNS = ("10101010101", "01010101010")

needs_icarus = pytest.mark.skipif(
    simulators.missing("icarus") is not None, reason="Icarus is not installed"
)


def texts() -> dict[str, str]:
    """Source of every module, without comments."""
    found = {path.stem: path.read_text(encoding="utf-8") for path in RTL.rglob("*.sv")}
    return {name: re.sub(r"//[^\n]*", "", text) for name, text in found.items()}


def named(module: str, pin: str) -> str:
    """What ``module`` calls the pin."""
    here: dict[str, str] = CELLS[pin] | {m: n[pin] for m, n in OWN_NAME.items() if pin in n}
    return here.get(module, pin)


def holders(sources: dict[str, str], pin: str) -> set[str]:
    """Modules that are a cell of the pin, or have one below them."""
    found = set(CELLS[pin])
    while True:
        any_of = "|".join(sorted(found))
        more = {name for name, text in sources.items() if re.search(rf"\b({any_of})\s+[#u]", text)}
        if more <= found:
            return found
        found |= more


def cut(sources: dict[str, str], pin: str, below: set[str] | None = None) -> list[str]:
    """Instances at which the pin ends: ``module: instance``.

    ``below``: its holders, where ``sources`` are some of the modules.
    """
    found = []
    below = holders(sources, pin) if below is None else below
    for module, text in sorted(sources.items()):
        here = named(module, pin)
        for child in sorted(below):
            there = named(child, pin)
            pattern = rf"^ *{child} (?:#\(\n(?:.*\n)*?^ *\) )?(u_\w+) \(\n((?:.*\n)*?)^ *\);"
            for name, pins in re.findall(pattern, text, re.MULTILINE):
                given = re.search(rf"\.{there}\b\s*(\(([^()]*)\))?", pins)
                if given is None or (there if given[1] is None else given[2]) != here:
                    found.append(f"{module}: {name}")
        if module in below and module not in CELLS[pin]:
            pins = text.partition(f"module {module}")[2].partition(");")[0]
            if not re.search(rf"\binput\s+(logic|lac_mem_cfg_t)\s+{here}\b", pins):
                found.append(f"{module}: no port {here}")
    return found


@pytest.mark.parametrize("pin", CELLS)
def test_every_level_hands_the_pin_on(pin):
    sources = texts()
    tops = {f"lac_{name}" for name in registry.DESIGNS}
    assert pin == "scan_mode_i" or tops <= holders(sources, pin)
    assert cut(sources, pin) == []


@pytest.mark.parametrize("pin", CELLS)
def test_a_level_that_ties_the_pin_off_is_named(pin):
    """Each connection in turn is tied to zero, and is found."""
    sources, cuts = texts(), 0
    below = holders(sources, pin)
    for module in sorted(below):
        here = named(module, pin)
        for at in re.finditer(rf"\.c?\w*\s*\({here}\)|\.{here},", sources[module]):
            port = re.match(r"\.(\w+)", at[0])
            assert port
            tied = (
                sources[module][: at.start()]
                + f".{port[1]}('0)"
                + ("," if at[0].endswith(",") else "")
            )
            spoilt = {module: tied + sources[module][at.end() :]}
            assert [text.partition(":")[0] for text in cut(spoilt, pin, below)] == [module]
            cuts += 1
    assert cuts >= {"mem_cfg_i": 35, "scan_mode_i": 3}[pin]


def seen(folder: Path, design: str, spoil: tuple[str, str, str] | None = None) -> dict[str, list]:
    """What each cell below a top sees of its pin, by the name of its instance.

    ``spoil``: a module, a text in it, and what stands there instead.
    """
    top = f"lac_{design}"
    bench = find(design)
    parameters = bench.parameters(next(iter(bench.configs))) | MORE.get(design, {})
    found = collect(top, rtl_folders(RTL))
    files: list[Path] = []
    pins = {cell: pin for cells in CELLS.values() for cell, pin in cells.items()}
    for path in found.files:
        text = path.read_text(encoding="utf-8")
        if spoil and path.stem == spoil[0]:
            assert spoil[1] in text
            text = text.replace(spoil[1], spoil[2])
        if pin := pins.get(path.stem):
            watch = f'initial $display("CELL %m");\nalways @({pin}) $display("PIN %m %b", {pin});\n'
            text = text.replace("endmodule", watch + "endmodule")
        files.append(folder / path.name)
        files[-1].write_text(text, encoding="utf-8")
    values = ", ".join(f".{name}({value})" for name, value in parameters.items())
    steps = " ".join(f"#1 cfg = 11'b{p}; scan = {p[0]};" for p in PATTERNS)
    (folder / "pins.sv").write_text(
        "module pins; reg [10:0] cfg = 0; reg scan = 0;\n"
        f"{top} #({values}) dut (.clk_i(1'b0), .rst_ni(1'b0),\n"
        "    .mem_cfg_i(cfg), .scan_mode_i(scan));\n"
        f"initial begin {steps} #1 $finish; end\nendmodule\n",
        encoding="utf-8",
    )
    program = folder / "pins.vvp"
    includes = [f"-I{path}" for path in found.include_dirs]
    command: list[str | Path] = [
        "iverilog",
        "-g2012",
        *includes,
        "-s",
        "pins",
        "-o",
        program,
        *files,
    ]
    subprocess.run([*command, folder / "pins.sv"], check=True, capture_output=True)
    out = subprocess.run(["vvp", "-n", program], check=True, capture_output=True, text=True).stdout
    return by_cell(out.splitlines())


def by_cell(lines: Iterable[str]) -> dict[str, list[str]]:
    """Values of the pin of each cell, in order."""
    found: dict[str, list[str]] = {}
    for _, name, *value in (line.split() for line in lines if line[:3] in ("CEL", "PIN")):
        found.setdefault(name, []).extend(value)
    return found


def deaf(cells: dict[str, list[str]]) -> list[str]:
    """Cells that do not see both patterns, one behind the other."""
    last = {11: list(PATTERNS), 1: [pattern[0] for pattern in PATTERNS]}
    return [
        name
        for name, values in cells.items()
        if not values or values[-2:] != last.get(len(values[-1]))
    ]


@needs_icarus
@pytest.mark.parametrize("design", registry.DESIGNS)
def test_every_cell_of_a_top_sees_its_pin(design, tmp_path):
    cells = seen(tmp_path, design)
    assert len(cells) >= 4 and deaf(cells) == []
    assert (design == "sparse_on_dense") == any(len(v[-1]) == 1 for v in cells.values())


@needs_icarus
@pytest.mark.parametrize(
    ("module", "pin", "count"),
    [("lac_array_engine", "mem_cfg_i", 5), ("lac_sod_core", "scan_mode_i", 1)],
)
def test_a_deaf_cell_is_noticed(module, pin, count, tmp_path):
    """A level that ties the pin off: the cells behind it are named, and no other."""
    cells = seen(tmp_path, "sparse_on_dense", (module, f"({pin})", "('0)"))
    assert count <= len(deaf(cells)) < len(cells)
