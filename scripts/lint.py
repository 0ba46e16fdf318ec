"""``make lint``: every module through Verilator, Icarus, Verible and Yosys; ruff, mypy, edges.

Each module under ``rtl/`` is elaborated as a top with its default parameters (or the small ones
that its header states), so that a warning cannot hide behind constant ports of the one design that
uses it. Exit status 1 on any finding.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape

from models.places import ROOT, build_root, plain
from scripts import edges, filelists, interrupt, options
from scripts.area import check as area_check
from scripts.area.yosys import AreaError, versions
from scripts.console import Console, Table
from scripts.registers import cli as registers
from tb.common.sim import simulators
from tb.common.sim.sources import collect, small

MAX_FILE_LINES = 1000
MAX_FUNCTION_LINES = 100
WORKERS = 2

# What Icarus says about correct code, and why it is left out.
ICARUS_NOISE = (
    # Its always_comb then also wakes for the other bits of the vector: slower, the same result.
    "sorry: constant selects in always_* processes are not currently supported",
)

_VERILATOR = re.compile(r"^%(?P<rule>(Warning|Error)[A-Z-]*?[\w-]*): (?P<rest>.*)")
_PLACE = re.compile(r"^(?P<path>[^:\s]+):(?P<line>\d+)(:[\d-]+)*: (?P<message>.*)")
_VERIBLE = re.compile(
    r"^(?P<path>[^:]+):(?P<line>\d+):[\d-]+: (?P<message>.*) \[(?P<rule>[\w-]+)]$"
)
_MYPY = re.compile(
    r"^(?P<path>[^:]+):((?P<line>\d+):)? error: (?P<message>.*?)(?:  \[(?P<rule>[\w-]+)])?$"
)


@dataclass(frozen=True, order=True)
class Finding:
    """One complaint of one tool."""

    tool: str
    path: str
    line: int
    rule: str
    message: str


class Skipped(Exception):
    """A tool is not installed here; the text says so."""


def relative(path: str) -> str:
    """Path as the repository knows it."""
    full = Path(os.path.normpath(ROOT / path))  # ROOT / path is path where that is absolute
    if full.is_relative_to(plain(ROOT)):
        full = ROOT / full.relative_to(plain(ROOT))
    return str(full.relative_to(ROOT)) if full.is_relative_to(ROOT) else path


def call(
    command: list[object], env: dict[str, str] | None = None, folder: Path = ROOT
) -> tuple[int, str]:
    """Exit status and all output of a command."""
    result = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout


def at_place(tool: str, rule: str, text: str) -> Finding:
    """A finding from ``path:line:column: message``, or from text without a place."""
    if found := _PLACE.match(text):
        return Finding(tool, relative(found["path"]), int(found["line"]), rule, found["message"])
    return Finding(tool, "", 0, rule, text)


def verilator_findings(status: int, output: str) -> list[Finding]:
    """Findings in what Verilator prints; a failure that says nothing is one as well."""
    found = []
    for line in output.splitlines():
        match = _VERILATOR.match(line)
        if match and not match["rest"].startswith("Exiting due to"):
            rule = match["rule"].removeprefix("Warning-")
            found.append(at_place("verilator", rule, match["rest"]))
    if status != 0 and not found:
        found.append(Finding("verilator", "", 0, "exit", f"status {status}: {output[-300:]}"))
    return found


def icarus_findings(status: int, output: str) -> list[Finding]:
    """Every line is a complaint, except the noise."""
    lines = [line for line in output.splitlines() if line.strip()]
    found = [
        at_place("icarus", "", line)
        for line in lines
        if not any(noise in line for noise in ICARUS_NOISE)
    ]
    if status != 0 and not found:
        found.append(Finding("icarus", "", 0, "exit", f"status {status}: {output[-300:]}"))
    return found


def verible_findings(status: int, output: str) -> list[Finding]:
    """Findings in what Verible prints."""
    found = []
    for line in filter(str.strip, output.splitlines()):
        if match := _VERIBLE.match(line):
            path, number = relative(match["path"]), int(match["line"])
            found.append(Finding("verible", path, number, match["rule"], match["message"]))
        else:
            found.append(at_place("verible", "syntax", line))
    if status != 0 and not found:
        found.append(Finding("verible", "", 0, "exit", f"status {status}"))
    return found


def rtl_modules(rtl: Path) -> list[Path]:
    """Files that hold a module (not a package)."""
    return [
        path
        for path in sorted(rtl.glob("*/*.sv"))
        if re.search(rf"^\s*module\s+{path.stem}\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]


def each_module(
    rtl: Path,
    command: Callable[[str, list[object], Path | None], tuple[int, str]],
    parameter: str,
) -> list[tuple[int, str]]:
    """A command over every module as top: arguments are its name, and its folders and files.

    Of a block that has one, its file list alone: nothing else is needed to take it. ``parameter``
    is the option that sets one of the top's, of ``{top}``, ``{name}`` and ``{value}``.
    """
    folders = sorted(path for path in rtl.iterdir() if path.is_dir())

    def one(path: Path) -> tuple[int, str]:
        settings: list[object] = [
            parameter.format(top=path.stem, name=name, value=value)
            for name, value in small(path).items()
        ]
        listed = plain(path.with_suffix(".f"))
        if listed.is_file():
            return command(path.stem, settings, listed)
        sources = collect(path.stem, folders)
        includes = [f"-I{plain(folder)}" for folder in sources.include_dirs]
        return command(path.stem, [*settings, *includes, *map(plain, sources.files)], None)

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, rtl_modules(rtl)))


def lint_verilator(rtl: Path) -> list[Finding]:
    """``verilator --lint-only -Wall`` with the waivers of ``rtl/waivers.vlt``."""
    if why := simulators.missing("verilator"):
        raise Skipped(why)
    waivers = [plain(path) for path in [rtl / "waivers.vlt"] if path.is_file()]
    with simulators.clean_environment("verilator", {}):
        env = dict(os.environ)
    program = shutil.which("verilator", path=env["PATH"])

    def lint(top: str, arguments: list[object], listed: Path | None) -> tuple[int, str]:
        flags = ["--lint-only", "-Wall", "--assert", "--timescale", "1ns/1ps"]
        files = ["-F", listed, *arguments] if listed else ["--top-module", top, *arguments]
        return call([program, *flags, *waivers, *files], env)

    return [
        f
        for result in each_module(rtl, lint, "-G{name}={value}")
        for f in verilator_findings(*result)
    ]


def lint_icarus(rtl: Path) -> list[Finding]:
    """``iverilog -t null``: does it compile in the subset of the second simulator."""
    if why := simulators.missing("icarus"):
        raise Skipped(why)

    def lint(top: str, arguments: list[object], listed: Path | None) -> tuple[int, str]:
        flags = ["-g2012", "-Wall", "-Wno-timescale", "-t", "null"]
        if listed is None:
            return call(["iverilog", *flags, "-s", top, *arguments])
        # It knows no list whose paths are relative to the list.
        command = ["iverilog", *flags, *arguments, "-s", top, "-f", listed.name]
        status, output = call(command, folder=listed.parent)
        lines = [f"{listed.parent}/{x}" if _PLACE.match(x) else x for x in output.splitlines()]
        return status, "\n".join(lines)

    return [
        f
        for result in each_module(rtl, lint, "-P{top}.{name}={value}")
        for f in icarus_findings(*result)
    ]


def lint_verible(rtl: Path) -> list[Finding]:
    """Style of RTL and simulation-only SystemVerilog, by ``rtl/verible.rules``."""
    program = own_program("verible-verilog-lint")
    if program is None:
        raise Skipped("verible is not installed (there is no package for this machine)")
    files = sorted([*rtl.glob("*/*.sv"), *rtl.glob("*/*.svh"), *(ROOT / "tb").rglob("*.sv")])
    rules = f"--rules_config={rtl / 'verible.rules'}"
    return verible_findings(*call([program, rules, *files])) if files else []


def unformatted_rtl(status: int, output: str) -> list[Finding]:
    """Findings in what ``verible-verilog-format --verify`` prints."""
    found = []
    for line in filter(str.strip, output.splitlines()):
        path, _, message = line.partition(": ")
        if message == "Needs formatting.":
            again = "verible-verilog-format --flagfile=rtl/verible.format --inplace mends it"
            found.append(Finding("verible", relative(path), 0, "format", again))
        else:
            found.append(at_place("verible", "format", line))
    if status != 0 and not found:
        found.append(Finding("verible", "", 0, "exit", f"status {status}"))
    return found


def lint_format(rtl: Path) -> list[Finding]:
    """Form of every SystemVerilog file that is written by hand, by ``rtl/verible.format``."""
    program = own_program("verible-verilog-format")
    if program is None:
        raise Skipped("verible is not installed (there is no package for this machine)")
    files = sorted([*rtl.glob("*/*.sv"), *(ROOT / "tb").rglob("*.sv")])
    by_hand = [path for path in files if ": do not edit." not in path.read_text(encoding="utf-8")]
    flags = [f"--flagfile={rtl / 'verible.format'}", "--verify", "--inplace"]
    return unformatted_rtl(*call([program, *flags, *by_hand])) if by_hand else []


def lint_synthesis(rtl: Path) -> list[Finding]:
    """Yosys: no latch, loop, second driver, tristate or memory that nobody asked for."""
    try:
        versions()
    except AreaError as why:
        raise Skipped(str(why)) from None
    return [
        Finding("synthesis", relative(str(one.path)), one.line, one.rule, one.message)
        for one in area_check.check(rtl)
    ]


def own_program(name: str) -> str | None:
    """A program of this environment; one of another version in PATH would find other things."""
    return shutil.which(name, path=str(Path(sys.executable).parent))


def lint_ruff(_: Path) -> list[Finding]:
    """ruff with the rules of pyproject.toml."""
    program = own_program("ruff")
    if program is None:
        raise Skipped("ruff is not installed")
    status, output = call([program, "check", "--output-format", "json", "--quiet", "."])
    try:
        records = json.loads(output)
    except ValueError:
        return [Finding("ruff", "", 0, "exit", f"status {status}: {output[-300:]}")]
    layout = call([program, "format", "--check", "--output-format", "concise", "."])
    return unformatted(*layout) + [
        Finding(
            "ruff",
            relative(record["filename"]),
            record["location"]["row"],
            record["code"] or "syntax",
            record["message"],
        )
        for record in records
    ]


def unformatted(status: int, output: str) -> list[Finding]:
    """Findings in what ``ruff format --check`` prints."""
    names = re.findall(r"^(.*):\d+:\d+: unformatted: ", output, re.MULTILINE)
    again = "ruff format brings it into form"
    found = [Finding("ruff", relative(name), 0, "format", again) for name in names]
    if status != 0 and not found:
        found.append(Finding("ruff", "", 0, "exit", f"status {status}: {output[-300:]}"))
    return found


def lint_mypy(_: Path) -> list[Finding]:
    """mypy as pyproject.toml says it, whatever was checked before kept in the build folder."""
    if importlib.util.find_spec("mypy") is None:
        raise Skipped("mypy is not installed")
    cache = build_root() / "mypy"
    command = [sys.executable, "-m", "mypy", "--cache-dir", cache, "--no-error-summary"]
    return mypy_findings(*call([*command, "--hide-error-context", "--no-pretty"]))


def mypy_findings(status: int, output: str) -> list[Finding]:
    """Findings in what mypy prints; its notes belong to the finding above."""
    found = []
    for line in output.splitlines():
        if match := _MYPY.match(line):
            path, number = relative(match["path"]), int(match["line"] or 0)
            found.append(Finding("mypy", path, number, match["rule"] or "", match["message"]))
    if status != 0 and not found:
        found.append(Finding("mypy", "", 0, "exit", f"status {status}: {output[-300:]}"))
    return found


def lint_sizes(_: Path) -> list[Finding]:
    """No file over 1000 lines, no Python function over 100."""
    found = []
    for folder in ("rtl", "models", "tb", "tests", "scripts"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".sv", ".svh", ".py"):
                found += oversized(path)
    return found


def oversized(path: Path) -> list[Finding]:
    """Findings of one file."""
    text, name = path.read_text(encoding="utf-8"), relative(str(path))
    lines = text.count("\n")
    found = []
    if lines > MAX_FILE_LINES:
        found.append(Finding("sizes", name, lines, "file", f"{lines} > {MAX_FILE_LINES} lines"))
    for node in ast.walk(ast.parse(text)) if path.suffix == ".py" else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                message = f"{node.name} has {length} > {MAX_FUNCTION_LINES} lines"
                found.append(Finding("sizes", name, node.lineno, "function", message))
    return found


def lint_lists(rtl: Path) -> list[Finding]:
    """The file lists for users of blocks are those that the sources need."""
    if rtl != filelists.RTL:
        return []
    again = "python -m scripts.filelists renews it"
    return [
        Finding("lists", relative(str(path)), 0, "gone" if text is None else "behind", again)
        for path, text in filelists.behind().items()
    ]


def lint_waivers(rtl: Path) -> list[Finding]:
    """Waivers stand in one file, and each quotes its message and says why it is all right.

    A macro may hold one (nothing else can tell its uses apart) below a comment `Waived: "..."`.
    """
    found = []
    for path in sorted([*rtl.glob("*/*.sv"), *rtl.glob("*/*.svh")]):
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            above = "".join(lines[max(0, number - 4) : number])
            in_macro = line.startswith("`define") and 'Waived: "' in above
            if not in_macro and re.search(r"(verilator\s+lint_off|verilog_lint: *waive)", line):
                message = "waivers belong into rtl/waivers.vlt"
                found.append(Finding("waivers", relative(str(path)), number, "inline", message))
    path = rtl / "waivers.vlt"
    comment = ""
    for number, line in enumerate(path.read_text().splitlines() if path.is_file() else (), 1):
        if line.startswith("//"):
            comment += line + "\n"
        elif line.startswith("lint_off"):
            for word in ("message:", "reason:"):
                if word not in comment:
                    message = f"no '{word}' in the comment above"
                    found.append(Finding("waivers", relative(str(path)), number, word, message))
        elif not line.strip():
            comment = ""
    return found


def lint_registers(rtl: Path) -> list[Finding]:
    """What is made from the descriptions of registers is up to date."""
    command = "python -m scripts.registers"
    if rtl != ROOT / "rtl":
        raise Skipped(f"{command} makes files for rtl/ only")
    try:
        behind = registers.stale(write=False)
    except ValueError as why:
        return [Finding("registers", "", 0, "description", str(why))]
    return [Finding("registers", name, 0, "behind", f"run: {command}") for name in behind]


def lint_edges(rtl: Path) -> list[Finding]:
    """Every valid/ready port is asserted; no assertion looks back at what a generate loop
    declares."""
    rules = {"stream": edges.unheld, "past": edges.looks_back}
    return [
        Finding("edges", relative(str(path)), line, rule, message)
        for rule, check in rules.items()
        for path, line, message in check(rtl)
    ]


#: Checks that run beside each other.
AT_A_TIME = 2
CHECKS: dict[str, Callable[[Path], list[Finding]]] = {
    "ruff": lint_ruff,
    "mypy": lint_mypy,
    "sizes": lint_sizes,
    "waivers": lint_waivers,
    "edges": lint_edges,
    "registers": lint_registers,
    "lists": lint_lists,
    "verible": lint_verible,
    "format": lint_format,
    "icarus": lint_icarus,
    "verilator": lint_verilator,
    "synthesis": lint_synthesis,
}


def show(console: Console, findings: Iterable[Finding]) -> None:
    for finding in findings:
        rule = f" [{finding.rule}]" if finding.rule else ""
        place = f"{finding.path}:{finding.line}: " if finding.path else ""
        console.print(escape(f"{place}{finding.tool}{rule}: {finding.message}"), soft_wrap=True)


def findings_of(name: str, rtl: Path) -> list[Finding]:
    """What a check finds, each finding once."""
    return sorted(set(CHECKS[name](rtl)))


def main(arguments: list[str] | None = None) -> int:
    parser = options.Parser(prog="make lint", description=__doc__)
    parser.add_argument(
        "tools",
        nargs="*",
        type=options.choice(*CHECKS),
        help=f"some of {', '.join(CHECKS)}; all if none",
    )
    parser.add_argument("--rtl", type=options.there, default=ROOT / "rtl")
    args = parser.parse_args(arguments)
    console = Console()
    table = Table(title="lint")
    for heading in ("tool", "findings"):
        table.add_column(heading)
    total = 0
    names = args.tools or list(CHECKS)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        # The last one takes longest, so it begins first.
        running = {name: pool.submit(findings_of, name, args.rtl) for name in reversed(names)}
        for name in names:
            with console.status(f"{name} ..."):
                try:
                    findings = running[name].result()
                except Skipped as why:
                    table.add_row(name, f"[yellow]skipped: {escape(str(why))}[/]")
                    continue
            show(console, findings)
            total += len(findings)
            table.add_row(name, f"[red]{len(findings)}[/]" if findings else "[green]none[/]")
    console.print(table)
    return 1 if total else 0


if __name__ == "__main__":
    interrupt.entry(main)
