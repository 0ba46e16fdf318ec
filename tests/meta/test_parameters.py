"""Limits of parameters: stated in each header, checked at elaboration by every tool, and real.

Beyond each limit of each module, and against each rule, a build must be refused with the module,
the parameter, its value and what is allowed; at each limit it must elaborate. What the headers
state is the table (``limits.py``), so a new module without limits fails.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from models import registry
from tb.common.sim import simulators
from tb.common.sim.bench import discover
from tb.common.sim.sources import collect
from tb.common.sim.sources import small as small_build
from tb.common.uvm.base_test import snake
from tests.meta import limits
from tests.meta.limits import Limit, Module, Values

MODULES = {module.name: module for module in limits.modules()}
#: Not those whose parameters a top hands on as they are: the top is elaborated, and they say it.
INSIDE = {module.checker for module in MODULES.values()}
CHECKED = [name for name, module in MODULES.items() if module.checks and name not in INSIDE]
FOLDERS = sorted({module.path.parent for module in MODULES.values()})
CONFIGS = {design.top: design.config for design in registry.every()}
#: Icarus makes every memory word and every PE; above this a value is left to Verilator, which
#: only looks at the text.
MOST_WORDS, MOST_PE = 1 << 17, 16
#: Modules that take minutes, with 256 lanes, 16 PEs or 32 rows of small ones, at one limit, and
#: large parts of a design whose top is asked: ``LAC_MUTANTS=all`` only.
LANES = (
    *("lac_flexflow_pro", "lac_ffp_grid"),
    *("lac_scnn", "lac_scnn_core", "lac_scnn_grid"),
    *("lac_scnn_banks", "lac_scnn_match", "lac_scnn_merge", "lac_scnn_mul", "lac_scnn_pe"),
    *("lac_scnn_xbar", "lac_array_engine", "lac_array_back", "lac_cse_pick"),
)
#: Those beyond whose limits Icarus gives up in half the time of Verilator or less.
LARGE = (
    *("lac_eie", "lac_sparse_on_dense", "lac_sps", "lac_cambricon_se", "lac_dense"),
    *("lac_scnn_bcast", "lac_cse_wgt_load", "lac_cse_node", "lac_sod_feed", "lac_sod_unit"),
)
#: Those that Verilator takes seconds for at their limits.
SECONDS = (
    *("lac_fmt_codebook_dec", "lac_fmt_bitmap_dec", "lac_fmt_bitmap_core", "lac_fmt_ones"),
    *("lac_fmt_blockmap_dec", "lac_eie_pe", "lac_ffp_row", *LARGE, *LANES),
)
ALL = os.environ.get("LAC_MUTANTS", "") == "all"
#: What says nothing about a build: pins are not connected, sizes are not those of a real design.
QUIET = ("-Wno-fatal", "-Wno-lint", "-Wno-style", "-Wno-PINMISSING")


def test_headers_and_checks_agree():
    """Each parameter has a line under ``Parameters:`` and, but for "any", a check that says it."""
    wrong = [text for module in MODULES.values() for text in limits.disagreements(module)]
    assert not wrong, "\n".join(wrong)
    assert len(CHECKED) > 60


#: What the words of a limit say of a value and the number or parameter that they name.
WORDS: dict[str, Callable[[int, int], bool]] = {
    r"a power of two": lambda value, _: value & (value - 1) == 0,
    r"even": lambda value, _: value % 2 == 0,
    r"a multiple of (\w+)": lambda value, other: value % other == 0,
    r"a divisor of (\w+)": lambda value, other: other % value == 0,
    r"at most (\w+)": lambda value, other: value <= other,
    r"at least (\w+)": lambda value, other: value >= other,
}


def in_words(text: str, value: int, values: Values) -> bool | None:
    """Whether the words of a limit allow a value; None of words that are not of these forms."""
    if re.fullmatch(r"\d+(, \d+)* or \d+", text):
        return value in [int(one) for one in re.findall(r"\d+", text)]
    for form, rule in WORDS.items():
        if found := re.fullmatch(form, text):
            other = found[1] if found.groups() else "0"
            return rule(value, int(other) if other.isdigit() else values[other])
    return None


def misread(module: Module) -> tuple[list[str], int]:
    """Values of which a rule says another thing than its words; how many were asked."""
    wrong, asked, base = [], 0, module.base()
    for name, limit in module.checks.items():
        for value in module.candidates(name, base) if limit.rule else ():
            values = module.full(base | {name: value})
            if (words := in_words(limit.text, value, values)) is not None:
                asked += 1
                if words != bool(limits.evaluate(limit.rule, values)):
                    wrong.append(f"{module.name}: {name}={value}, {limit.text}: {limit.rule}")
    return wrong, asked


def test_rules_say_what_their_words_do():
    """A limit of a block that no top reaches is told by nothing else."""
    found = [misread(module) for module in MODULES.values()]
    wrong = [text for texts, _ in found for text in texts]
    assert not wrong, "\n".join(wrong)
    assert sum(asked for _, asked in found) > 5000


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("lac_array_engine", "Rows == 32,", "Rows != 32,"),
        ("lac_scnn_xbar", "LookAhead <= LaneDepth", "LookAhead < LaneDepth"),
        ("lac_eie_lnzd_tree", "(NumPe & (NumPe - 1)) == 0", "(NumPe & (NumPe + 1)) == 0"),
    ],
)
def test_rule_against_its_words_is_found(tmp_path, name, old, new):
    """The comparison itself."""
    text = MODULES[name].path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / f"{name}.sv"
    path.write_text(text.replace(old, new))
    assert misread(limits.parse(path))[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("//   Depth  1..65536\n", "", "Depth: no line under Parameters"),
        ("//   Depth  1..65536\n", "//   Depth  1..65535\n", "Depth: header"),
        ("  `LAC_PARAM(lac_fifo, Depth, 1, 65536)\n", "", "Depth: not checked"),
        ("int Depth = 8,\n", "int Depth = 8,\n  parameter int New = 1,\n", "New: no line"),
    ],
)
def test_disagreement_is_found(tmp_path, old, new, message):
    """The comparison itself: a module that lost a line, or got a parameter, is named."""
    text = MODULES["lac_fifo"].path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / "lac_fifo.sv"
    path.write_text(text.replace(old, new))
    assert any(message in text for text in limits.disagreements(limits.parse(path)))


def test_parameters_that_are_handed_on(tmp_path):
    """A top whose limits are those of its core: one not handed on, or another default, is named."""
    top = MODULES["lac_eie"]
    assert top.checker == "lac_eie_core"
    assert top.checks and not limits.disagreements(top)
    core = MODULES["lac_eie_core"].path
    (tmp_path / core.name).write_text(core.read_text(encoding="utf-8"))
    text = top.path.read_text(encoding="utf-8")
    path = tmp_path / top.path.name
    assert text.count(" .ActRegs(ActRegs),") == 1
    path.write_text(text.replace(" .ActRegs(ActRegs),", ""))
    assert limits.disagreements(limits.parse(path)) == [
        "lac_eie: ActRegs: not handed on to lac_eie_core"
    ]
    path.write_text(text.replace("int ActRegs      = 64", "int ActRegs      = 65"))
    with pytest.raises(ValueError, match="not those of lac_eie_core"):
        limits.parse(path)


def test_parameters_of_parts(tmp_path):
    """A module whose parameters are those of two parts: one not handed on, or a part with another
    default, is named."""
    for name in ("lac_scnn_node", "lac_scnn_pe", "lac_scnn_ppu"):
        text = MODULES[name].path.read_text(encoding="utf-8")
        (tmp_path / f"{name}.sv").write_text(text)
    path = tmp_path / "lac_scnn_node.sv"
    assert not limits.disagreements(limits.parse(path))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(".LaneDepth(LaneDepth),", ""))
    assert limits.disagreements(limits.parse(path)) == [
        "lac_scnn_node: LaneDepth: not handed on to lac_scnn_pe"
    ]
    path.write_text(text.replace("int CarryDepth = 2048", "int CarryDepth = 2047"))
    with pytest.raises(ValueError, match="not those of lac_scnn_ppu"):
        limits.parse(path)


def test_small_builds(tmp_path):
    """What lint elaborates instead of the defaults is a build, and a module without is its own."""
    stated = {name: small_build(module.path) for name, module in MODULES.items()}
    stated = {name: values for name, values in stated.items() if values}
    assert "lac_scnn_core" in stated
    for name, values in stated.items():
        module = MODULES[name]
        assert values.keys() <= module.defaults.keys(), name
        assert all(module.allowed(one, values) for one in module.checks), name
    (path := tmp_path / "lac_x.sv").write_text("// Small: A 1, B 22.\n\nmodule lac_x;\n")
    assert small_build(path) == {"A": 1, "B": 22}
    path.write_text("// Source: none\n\nmodule lac_x;\n// Small: A 1\n")
    assert small_build(path) == {}


def wrapper(folder: Path, module: Module, builds: Sequence[Values]) -> list[object]:
    """Sources and include folders of a top with one instance per build."""
    lines = ["module lac_limits;"]
    for number, values in enumerate(builds):
        settings = ", ".join(f".{name}({value})" for name, value in values.items())
        lines.append(f"  {module.name} #({settings}) u_{number} ();")
    top = folder / "lac_limits.sv"
    top.write_text("\n".join([*lines, "endmodule", ""]))
    sources = collect(module.name, FOLDERS)
    return [*(f"-I{path}" for path in sources.include_dirs), *sources.files, top]


def output(command: Sequence[object], env: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit status and everything that a command says."""
    words = [str(word) for word in command]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False, timeout=600)
    return done.returncode, done.stdout + done.stderr


def verilator(*arguments: object) -> tuple[int, str]:
    """Elaboration by Verilator."""
    if why := simulators.missing("verilator"):
        pytest.skip(why)
    with simulators.clean_environment("verilator", {}):
        env = dict(os.environ)
    program = shutil.which("verilator", path=env["PATH"])
    flags = ("--lint-only", "--timescale", "1ns/1ps", "--top-module", "lac_limits")
    return output([program, *flags, *arguments], env)


def icarus(*arguments: object) -> tuple[int, str]:
    """Elaboration by Icarus, and time 0: checks are made there."""
    if why := simulators.missing("icarus"):
        pytest.skip(why)
    program = Path(str(arguments[-1])).with_suffix(".vvp")
    program.unlink(missing_ok=True)
    made = output(["iverilog", "-g2012", "-s", "lac_limits", "-o", program, *arguments])
    if not made[0] and not program.is_file():  # its status is the number of errors, modulo 256
        return 1, made[1]
    return made if made[0] else output(["vvp", "-n", program])


TOOLS = {"verilator": verilator, "icarus": icarus}


def small(values: Values) -> bool:
    """Whether Icarus makes a build within a second."""
    words = max((v for n, v in values.items() if n not in ("SpmatWidth", "NumEntries")), default=0)
    return words <= MOST_WORDS and values.get("NumPe", 1) <= MOST_PE


def asked(tool: str, name: str) -> bool:
    """Whether a tool is asked daily: the quicker one, and both of what all designs share. What they
    say comes from the same macros.
    """
    if name in LANES:
        return False
    both = MODULES[name].path.parent.name == "common"
    return both or (tool == "icarus") == (name in LARGE)


BEYOND = [(tool, name) for tool in TOOLS for name in CHECKED if ALL or asked(tool, name)]


@pytest.mark.parametrize(("tool", "name"), BEYOND)
def test_beyond_is_refused(name, tool, tmp_path):
    """One below, one above, one against the rule, for each parameter: named by the tool."""
    module, run, quiet = MODULES[name], TOOLS[tool], QUIET if tool == "verilator" else ()
    cases = [case for case in module.beyond() if tool == "verilator" or small(case[1])]
    assert all(not module.allowed(which, values) for which, values in cases)
    who = module.checker or name
    said = [(module.checks[which].message(who, module.full(v)), v) for which, v in cases]

    def ask(some: list[tuple[str, Values]], *flags: str) -> None:
        """All at once; what is not named then, in halves, or alone if nothing was: a tool may give
        up at one of them."""
        status, text = run(*flags, *wrapper(tmp_path, module, [values for _, values in some]))
        assert flags or status != 0
        left = [case for case in some if case[0] not in text]
        if len(some) == 1 and left and (flags or not quiet):
            # At an array of no words or a division by zero it says only that.
            gave_up = status != 0 and re.search(r"%Error\b(?!: Exiting)|\berror: |Aborted", text)
            assert gave_up, f"{tool} does not say {left[0][0]}, but:\n{text[-3000:]}"
            return
        size = (len(left) + 1) // 2 if len(left) < len(some) else 1
        for at in range(0, len(left), max(size, 1)):
            ask(left[at : at + size], *quiet)

    for at in range(0, len(said), step := 8 if name in LANES else max(len(said), 1)):
        ask(said[at : at + step])


@pytest.mark.parametrize("name", [name for name in CHECKED if ALL or name not in SECONDS])
def test_at_limits_elaborates(name, tmp_path):
    """The lowest and the highest value of each parameter: Verilator has nothing against them."""
    module = MODULES[name]
    builds = [values for _, values in module.at_limits()]
    for at in range(0, len(builds), step := 8 if name in LANES else len(builds)):
        status, text = verilator(*QUIET, *wrapper(tmp_path, module, builds[at : at + step]))
        assert status == 0 and "%Error" not in text and "USERFATAL" not in text, text[-3000:]


#: Together, for decoders and encoders: the parts inside must hold what these make of them. Huffman
#: decodes one symbol per cycle.
WIDEST = {"ValueWidth": 32, "NumLanes": 16, "TileRows": 64, "TileCols": 64}
WIDE = [n for n in CHECKED if n.endswith(("_dec", "_enc")) and "huffman" not in n]


@pytest.mark.parametrize("name", WIDE)
def test_widest_together_elaborates(name, tmp_path):
    """Several parameters at their highest values at once: no part refuses what comes of it."""
    builds = [values for _, values in MODULES[name].at_limits()]
    tops = {n: max((build.get(n, 0) for build in builds), default=0) for n in WIDEST}
    values = {n: min(v, tops[n]) for n, v in WIDEST.items() if tops[n]}
    assert values
    status, text = verilator(*QUIET, *wrapper(tmp_path, MODULES[name], [values]))
    assert status == 0 and "%Error" not in text and "USERFATAL" not in text, text[-3000:]


@pytest.mark.parametrize("name", CONFIGS)
def test_models_have_the_same_limits(name):
    """A configuration of the model takes what the RTL takes, and refuses what it refuses."""
    module, config = MODULES[name], CONFIGS[name]

    def accepted(values: Values) -> bool:
        try:
            config(**{snake(parameter): value for parameter, value in values.items()})
        except ValueError:
            return False
        return True

    for which, values in module.at_limits():
        assert accepted(values), f"{which} = {values[which]} is refused: {values}"
    for which, values in module.beyond():
        assert not accepted(values), f"{which} = {values[which]} is taken: {values}"


def test_benches_are_within_limits():
    """Every configuration of every bench is a build that the header allows."""
    wrong = []
    for bench in (bench for bench in discover().values() if bench.top in MODULES):
        module = MODULES[bench.top]
        for config, values in bench.configs.items():
            bad = [n for n in module.checks if not module.allowed(n, module.full(values))]
            wrong += [f"{bench.name} {config}: {name}" for name in bad]
    assert not wrong, "\n".join(wrong)


def test_limit_message():
    """A limit that names another parameter, and a rule."""
    limit = Limit("Width", "2", "Depth - 1", "even", "Width % 2 == 0")
    assert limit.allows({"Width": 6, "Depth": 8})
    assert not limit.allows({"Width": 5, "Depth": 8})
    assert limit.message("m", {"Width": 8, "Depth": 8}) == "m: Width=8, must be 2..7, even"
