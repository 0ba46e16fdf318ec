"""Inside the simulator: notes what a test drives and sees, and saves it as a case if it fails.

The runner names this module in front of the bench's own, so it watches every test of every bench,
however the bench is written. For each test it keeps

- every value that Python wrote to a pin, with its time (the stimulus, to the last bit),
- what the monitors and checkers that made themselves known saw and expected,
- what the test itself wants kept (:func:`keep`), and the job that is running on a top level,

and writes them with ``models.case`` at the moment at which the test fails, whatever ends it: an
assertion in the test or in a monitor, a timeout, an ``$error`` of the RTL.

With ``LAC_REPLAY`` naming a case, the pins get the values of the case in place of those that the
test writes; ``replay.json`` in ``LAC_OUT`` says whether there was a difference.

Environment: ``LAC_CASE_META`` what the case says of the run (JSON), ``LAC_CASES`` where cases go,
``LAC_LOG`` the log, ``LAC_WAVES`` set: signals are dumped.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import re
import time
import warnings
import weakref
from array import array
from collections.abc import Callable, Iterable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import cocotb
import cocotb._test_manager as test_manager
import cocotb.handle
import numpy as np
from cocotb import simulator
from cocotb.triggers import Timer

from models.case import Case, as_array, from_text

warnings.filterwarnings("ignore", message=f"No tests were discovered in module: {__name__}")

PERIOD_NS = 10
PS = 1000
CLOCK = "clk_i"
_RTL_ERROR = re.compile(r"^(?:ERROR|FATAL): .*\n(?:\s+Time: (\d+))?", re.MULTILINE)
_AFTER_NS = 200  # that a dump goes on after a failure
_LOG_WAIT = 5.0  # seconds until what was printed is in the log


def now_ps() -> int:
    """Simulation time in ps, the precision of every build."""
    high, low = simulator.get_sim_time()
    return high << 32 | low


class _Replay:
    """The stimulus of a case, handed out write by write."""

    def __init__(self, case: Case):
        #: port -> time -> values that were written then, in order; taken ones are in ``seen``
        self.values: dict[str, dict[int, list[Any]]] = {}
        self.seen: set[tuple[str, int]] = set()
        self.written = 0
        self.first = ""
        for port in case.meta["pins"]:
            times = case.arrays[f"pins/{port}/ps"].tolist()
            values = case.arrays[f"pins/{port}/value"].tolist()
            at = self.values.setdefault(port, {})
            for ps, value in zip(times, values, strict=True):
                at.setdefault(ps, []).append(from_text(value))

    def write(self, port: str, ps: int, value: Any) -> Any:
        """What the pin gets; a value that the case does not have at this time is noted."""
        self.written += 1
        self.seen.add((port, ps))
        saved = self.values.get(port, {}).get(ps)
        if saved is None:
            self._differs(port, ps, value, "nothing")
        elif value not in saved:
            self._differs(port, ps, value, saved[-1])
            return saved[-1]
        return value

    def _differs(self, port: str, ps: int, value: Any, saved: Any) -> None:
        self.first = self.first or (
            f"{port} at {ps / PS:g} ns of the test: the bench would drive {_shown(value)}, "
            f"the case has {_shown(saved)}"
        )

    def result(self, until: int) -> dict[str, Any]:
        """How many writes there were, and where the bench first left the case ("" nowhere)."""
        left = [
            (ps, port, values[-1])
            for port, at in self.values.items()
            for ps, values in at.items()
            if ps < until and (port, ps) not in self.seen
        ]
        if left:
            ps, port, saved = min(left, key=lambda one: one[:2])
            self._differs(port, ps, "nothing", saved)
        return {"written": self.written, "first": self.first}


def _shown(value: Any) -> str:
    return hex(value) if isinstance(value, int) and abs(value) > 9 else str(value)


class Recorder:
    """One test from its start to its end."""

    def __init__(self, name: str, replay: Case | None = None):
        self.name = name
        self.start = now_ps()
        self.pins: dict[str, tuple[array, list[Any]]] = {}
        self.released: int | None = None  # when the reset was last released
        self.kept: dict[str, Any] = {}
        self.model = ""
        self.sources: list[Callable[[], dict[str, np.ndarray]]] = []
        self.job: Any = None
        self.job_base: Any = None
        self.expected: list[Any] = []
        self.found: list[Any] = []
        self.saved = False
        self.replay = _Replay(replay) if replay is not None else None

    # ------------------------------------------------------------ while the test runs

    def write(self, handle: Any, value: Any) -> Any:
        """A pin is written; returns what it gets."""
        path = handle._path
        port = path.partition(".")[2] or path
        if port == CLOCK:  # made by cocotb, in Python or not
            return value
        plain = value if type(value) is int else _plain(value)
        ps = now_ps() - self.start
        if self.replay is not None:
            driven = self.replay.write(port, ps, plain)
            value = value if driven == plain else driven
            plain = driven
        if port not in self.pins:
            self.pins[port] = (array("q"), [])
        times, values = self.pins[port]
        if not (times and times[-1] == ps and values[-1] == plain):
            times.append(ps)
            values.append(plain)
        if port == "rst_ni" and plain == 1:
            self.released = ps
        return value

    def cycle(self, ps: int) -> int | None:
        """Clock cycles from the release of the reset to a time; None without a reset."""
        return None if self.released is None else round((ps - self.released) / PS) // PERIOD_NS

    # ------------------------------------------------------------ when it fails

    def failed(self, message: str, ps: int | None = None) -> None:
        """Save the case and tell the runner where it is; ``ps``: time of the mismatch."""
        ps = now_ps() if ps is None else ps
        self.saved = True
        cycle = self.cycle(ps - self.start)
        record = {"test": self.name, "ns": ps / PS, "cycle": cycle, "message": message}
        if folder := os.environ.get("LAC_CASES"):
            case = self.case(message, ps - self.start, cycle)
            config = str(case.meta["config"]).replace(",", "-")
            stem = f"{self.name}-{config}-{case.meta['simulator']}-seed{case.meta['seed']}"
            try:
                record["case"] = str(case.save(Path(folder), stem))
            except OSError as error:
                cocotb.log.warning("the case cannot be saved: %s", error)
        where = f"{ps / PS:g} ns" + ("" if cycle is None else f", cycle {cycle} after reset")
        cocotb.log.error("%s failed at %s; case: %s", self.name, where, record.get("case", "none"))
        self._append("cases.json", record)

    def case(self, message: str, ps: int, cycle: int | None) -> Case:
        """Everything that is known of the test."""
        meta = {"bench": "", "config": "", "simulator": cocotb.SIM_NAME.lower(), "seed": 1}
        meta |= json.loads(os.environ.get("LAC_CASE_META", "{}"))
        meta |= {
            "kind": "test",
            "test": self.name,
            "test_seed": int(cocotb.RANDOM_SEED),
            "message": message,
            "ns": ps / PS,
            "cycle": cycle,
            "pins": sorted(self.pins),
            "model": self.model,
        }
        case = Case(meta)
        for port, (times, values) in self.pins.items():
            case.arrays[f"pins/{port}/ps"] = np.array(times, dtype=np.int64)
            case.arrays[f"pins/{port}/value"] = as_array(values)
        for name, values in self.kept.items():
            case.arrays[name] = values if isinstance(values, np.ndarray) else as_array(values)
        for source in self.sources:
            case.arrays |= source()
        if self.job is not None:
            self._put_job(case)
        return case

    def _put_job(self, case: Case) -> None:
        job = self.job
        case.meta["kind"] = "job"
        case.meta["design"] = job.program.design
        case.meta["label"] = job.label
        config: Any = job.config
        is_one = is_dataclass(config) and not isinstance(config, type)
        case.meta["design_config"] = asdict(config) if is_one else {}
        case.meta["act_width"] = getattr(job.config, "act_width", 16)
        case.meta["pauses"] = dict(self.job_base.pauses) if self.job_base else {}
        if job.expected is not None:
            want = job.expected
            case.meta["error"] = [want.index, int(want.code), want.position]
        case.put_layers(job.layers)
        case.put_passes(job.passes)
        for name, tensors in (("expected", self.expected), ("found", self.found)):
            case.arrays |= {f"{name}{i}": np.asarray(one) for i, one in enumerate(tensors)}

    def _append(self, name: str, record: dict[str, Any]) -> None:
        with (Path(os.environ.get("LAC_OUT", ".")) / name).open("a", encoding="utf-8") as out:
            out.write(json.dumps(record) + "\n")

    def finished(self) -> None:
        """The test is over: say how a replay went."""
        if self.replay is not None:
            self._append("replay.json", self.replay.result(now_ps() - self.start))


def _plain(value: Any) -> Any:
    """A value as an int if it is one, else as text."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return str(value)


# ---------------------------------------------------------------- for benches


class _Now:
    """The test that is running."""

    recorder: Recorder | None = None


def keep(**things: Iterable[Any]) -> None:
    """Put arrays into the case if this test fails; a name again replaces what was kept."""
    if _Now.recorder is not None:
        _Now.recorder.kept |= things


def keep_model(name: str) -> None:
    """``module:function`` that computes the ``expected/`` arrays of a case from its inputs."""
    if _Now.recorder is not None:
        _Now.recorder.model = name


def keep_job(
    job: Any, base: Any = None, expected: Iterable[Any] = (), found: Iterable[Any] = ()
) -> None:
    """The job that runs on a top level, its tensors as far as they are known."""
    if _Now.recorder is not None:
        _Now.recorder.job, _Now.recorder.job_base = job, base or _Now.recorder.job_base
        _Now.recorder.expected, _Now.recorder.found = list(expected), list(found)


def watch(thing: Any, arrays: Callable[[Any], dict[str, Any]]) -> None:
    """``arrays(thing)`` goes into the case if this test fails; values are lists."""
    if _Now.recorder is None:
        return
    reference = weakref.ref(thing)

    def collect() -> dict[str, np.ndarray]:
        alive = reference()
        found = {} if alive is None else arrays(alive)
        return {name: as_array(values) for name, values in found.items()}

    _Now.recorder.sources.append(collect)


# ---------------------------------------------------------------- hooks into cocotb


def _message(exc: BaseException) -> str:
    text = str(exc)
    if isinstance(exc, asyncio.CancelledError):
        return "the simulation ended: an error of the RTL, see the log"
    return f"{type(exc).__name__}: {text}" if text else type(exc).__name__


def _is_failure(exc: BaseException | None) -> bool:
    if exc is None or type(exc).__name__ in ("Skipped", "EndTest"):
        return False
    return not isinstance(exc, asyncio.CancelledError) or bool(exc.args)


def _replayed() -> Case | None:
    path = os.environ.get("LAC_REPLAY")
    return Case.load(path) if path else None


def _log_size() -> int:
    path = Path(os.environ.get("LAC_LOG", ""))
    return path.stat().st_size if path.is_file() else 0


def _rtl_error(begin: int, name: str) -> tuple[str, int | None] | None:
    """An ``$error`` that Icarus printed since the log had ``begin`` bytes: text and time."""
    path = os.environ.get("LAC_LOG", "")
    if not path:
        return None
    mark = f"-- end of {name} --\n".encode()
    ctypes.CDLL(None).fflush(None)
    os.write(1, mark)
    end = time.monotonic() + _LOG_WAIT
    while True:  # the log may be written by the process that reads our output
        with Path(path).open("rb") as log:
            log.seek(begin)
            text = log.read()
        if mark in text or time.monotonic() > end:
            break
        time.sleep(0.01)
    found = _RTL_ERROR.search(text.decode("utf-8", errors="replace"))
    if found is None:
        return None
    return found.group(0).splitlines()[0], int(found.group(1)) if found.group(1) else None


def _install() -> None:
    """Wrap the three places of cocotb at which a test begins, fails and ends, and every write."""
    manager: Any = test_manager.TestManager
    start, abort, complete = manager.start, manager._abort, manager._on_complete
    icarus = cocotb.SIM_NAME.lower().startswith("icarus")
    dumped = bool(os.environ.get("LAC_WAVES"))

    def _start(self: Any) -> None:
        name = self._main_task.get_name().removeprefix("Test ")
        _Now.recorder = self._lac_recorder = Recorder(name, _replayed())
        self._lac_log = _log_size() if icarus else 0
        if os.environ.get("LAC_WAVES"):
            os.environ["LAC_WAVES"] = ""  # once for a run
            _note_signals()
        start(self)

    def _abort(self: Any, exc: BaseException | None = None) -> None:
        recorder = self._lac_recorder
        fails = exc is not None and _is_failure(exc)
        if exc is not None and fails and not self._finishing and not recorder.saved:
            at_ns = getattr(exc, "time_ns", None)
            recorder.failed(_message(exc), None if at_ns is None else round(at_ns * PS))
        abort(self, exc)

    def _on_complete(self: Any) -> None:
        recorder = self._lac_recorder
        # Icarus goes on after $error, and the test knows nothing of it.
        unaware = icarus and not recorder.saved and not self._excs
        if unaware and (error := _rtl_error(self._lac_log, recorder.name)):
            recorder.failed(f"RTL: {error[0]}", error[1])
            self._excs.append(AssertionError(f"RTL: {error[0]}"))
        recorder.finished()
        _Now.recorder = None
        if dumped and self._excs:  # a viewer needs something behind the failure to show it well
            Timer(_AFTER_NS, "ns")._register(lambda: complete(self))
        else:
            complete(self)

    manager.start, manager._abort, manager._on_complete = _start, _abort, _on_complete
    for kind in (cocotb.handle._LogicArrayObjectBase, cocotb.handle.LogicObject):
        _wrap_writes(kind)


def _wrap_writes(kind: Any) -> None:
    inner = kind._set_value

    def _set_value(self: Any, value: Any, action: Any) -> None:
        if _Now.recorder is not None:
            value = _Now.recorder.write(self, value)
        inner(self, value, action)

    kind._set_value = _set_value


def _note_signals() -> None:
    """For the layout of a dump: the signals of the top with their ranges."""
    found = {}
    top: Any = cocotb.top
    for handle in top:
        if isinstance(handle, cocotb.handle.LogicObject):
            found[handle._name] = ""
        elif isinstance(handle, cocotb.handle._LogicArrayObjectBase):
            found[handle._name] = f"[{handle.range.left}:{handle.range.right}]"
    path = Path(os.environ.get("LAC_OUT", ".")) / "signals.json"
    path.write_text(json.dumps(found), encoding="utf-8")


if hasattr(cocotb, "SIM_NAME"):  # not where a bench is imported outside of a simulator
    _install()
