"""A saved case again: ``make replay CASE=path [SIM=verilator|icarus|model]``.

A case of a test bench is driven on the simulator that it came from, or on the other:

- a job of a top level: its registers and packets, as they were, on a fresh device; if the failure
  does not come from those alone, the whole test as below;
- any other test: the test of that name and seed, its pins fed with the values of the case.

A program of ``make run`` is played again at full speed and its outputs are compared. ``SIM=model``
simulates nothing: the model computes the expected values once more from the saved inputs.

Exit status: 1 the failure, or another one, came; 0 it did not (or the model confirms what was
expected); 2 bad input.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.markup import escape

from models import registry
from models.case import Case
from models.golden import golden_chain
from models.program import Program
from scripts import interrupt, options
from scripts.console import Console
from scripts.measure.records import disagreements
from scripts.waves import announce
from tb.common.sim import results
from tb.common.sim.bench import Bench, find
from tb.common.sim.runner import SIMULATORS, RunResult, ToolMissing, run, shown

OK, FAILED = 0, 1
MODEL = "model"


def same_failure(case: Case, message: str) -> bool:
    """Whether a message is that of the case: its first line, blanks and paths apart."""

    def bare(text: str) -> str:
        first = (text.strip().splitlines() or [""])[0]
        return re.sub(r"\s+", " ", re.sub(r"/\S+/", "", first)).strip()

    return bare(message) == bare(case.meta["message"])


class Replay:
    """One case on one simulator, told on a console."""

    def __init__(self, path: Path, case: Case, simulator: str, console: Console, waves: bool):
        self.path, self.case, self.simulator = path, case, simulator
        self.console, self.waves = console, waves

    def say(self, text: str) -> None:
        """A line."""
        self.console.print(escape(text), soft_wrap=True)

    # ------------------------------------------------------------ benches

    def bench(self) -> int:
        """A case of a test bench."""
        meta = self.case.meta
        bench = find(meta["bench"])
        if self.simulator not in bench.simulators:
            raise ValueError(f"sim: found {self.simulator}, bench {bench.name} runs on "
                             f"{', '.join(bench.simulators)}")  # fmt: skip
        if meta["kind"] == "job":
            result = self._job(bench)
            self.say("drove: the packets and registers of the saved job, on a fresh device")
            messages = [one.message.splitlines()[0] for one in result.failed]
            if any(same_failure(self.case, one) for one in messages):
                return self._verdict(result, "replay")
            how = "passes" if result.passed else f"fails otherwise ({messages or result.failures})"
            self.say(f"the job alone {how}: what came before it in its test matters")
        result = self._test(bench)
        notes = results.read_notes(result.out / "replay.json")
        self.say(f"drove: test {meta['test']} again, seed {meta['seed']}, pins fed from the case")
        for note in notes[:1]:
            text = f"same stimulus: {note['written']:,} values were written, all as in the case"
            if note["first"]:
                text = f"other stimulus: the test is not what it was; first {note['first']}"
            self.say(text)
        return self._verdict(result, meta["test"])

    def _options(self) -> dict[str, Any]:
        meta = self.case.meta
        return {
            "waves": self.waves,
            "debug": bool(meta.get("debug")),
            "plusargs": list(meta.get("plusargs", ())),
        }

    def _job(self, bench: Bench) -> RunResult:
        meta = self.case.meta
        alone = dataclasses.replace(bench, module="tb.common.sim.replay_tests", tests=("replay",))
        extra = {
            **meta.get("environment", {}),
            "LAC_CASE": str(self.path.resolve()),
            "LAC_CASE_MODULE": bench.module,
        }
        return run(
            alone,
            meta["config"],
            self.simulator,
            seed=meta["seed"],
            extra_env=extra,
            cases=False,
            **self._options(),
        )

    def _test(self, bench: Bench) -> RunResult:
        meta = self.case.meta
        return run(
            bench,
            meta["config"],
            self.simulator,
            [meta["test"]],
            meta["seed"],
            extra_env=meta.get("environment", {}),
            cases=False,
            replay=self.path,
            **self._options(),
        )

    def _verdict(self, result: RunResult, test: str) -> int:
        """Whether the failure of the case came."""
        meta = self.case.meta
        if self.waves and result.waves:
            announce(self.console, find(meta["bench"]), result)
        if result.passed:
            self.say(f"passes now: the case failed with {meta['message'].splitlines()[0]}")
            return OK
        record = next((one for one in result.failed if one.name == test), None)
        if record is None:
            self.say("another failure: " + "; ".join(result.failures))
            return FAILED
        message = record.message.splitlines()[0]
        same = same_failure(self.case, message)
        self.say(f"{'reproduced' if same else 'another failure'}: {message}")
        self.say(f"at: {record.when}")
        if not same:
            self.say(f"the case: {meta['message'].splitlines()[0]}")
        self.say(f"log: {result.log}")
        return FAILED

    # ------------------------------------------------------------ make run

    def program(self) -> int:
        """A program of ``make run``: played again, outputs compared."""
        from tb.common.player.player import PlayerError, Stall, run_program

        meta, case = self.case.meta, self.case
        design, config, layers = program_parts(case)
        program = Program(meta["design"], case.passes)
        self.say(f"drove: {len(program.passes)} saved passes, played at full speed")
        try:
            result = run_program(
                program,
                config,
                simulator=self.simulator,
                seed=meta["seed"],
                stall=Stall(**meta["stall"]) if "stall" in meta else None,
                case=False,
            )
        except PlayerError as error:
            text = f"PlayerError: {error}".splitlines()[0]
            self.say(f"{'reproduced' if same_failure(case, text) else 'another failure'}: {text}")
            return FAILED
        if not layers:
            self.say("passes now: no error, and nothing to compare in the case")
            return OK
        found = design.unpack(compiled(design, layers, config), result.packets)
        wanted = [design.computed(layer, config) for layer in layers]
        expected = golden_chain(wanted, meta["act_width"])
        for index, (one, want) in enumerate(zip(found, expected, strict=True)):
            if one.shape != want.shape or not np.array_equal(one, want):
                self.say(f"reproduced: outputs of layer {index}: {first_difference(one, want)}")
                return FAILED
        if wrong := disagreements(result.counters, design.cycles(program, config)):
            self.say(f"reproduced: counter {wrong[0]}")
            return FAILED
        total = sum(one.size for one in expected)
        self.say(f"passes now: {total:,} outputs compared, all equal to the model")
        return OK

    # ------------------------------------------------------------ model

    def model(self) -> int:
        """The expected values once more, without a simulator."""
        meta, arrays = self.case.meta, self.case.arrays
        if self.case.layers:
            tensors = golden_chain(self.case.layers, meta.get("act_width", 16))
            pairs = {f"expected{i}": one for i, one in enumerate(tensors)}
        elif meta.get("model"):
            module, _, function = meta["model"].partition(":")
            made = getattr(importlib.import_module(module), function)(self.case)
            pairs = {f"expected/{name}": one for name, one in made.items()}
        else:
            raise ValueError(
                f"sim: bench {meta.get('bench', meta.get('design'))!r} computes what it expects "
                "inside its test, no model runs alone; need SIM=verilator or SIM=icarus"
            )
        pairs = {name: one for name, one in pairs.items() if name in arrays}
        if not pairs:
            raise ValueError("sim: the case failed before anything was expected of the model")
        status = OK
        for name, one in pairs.items():
            saved = arrays[name]
            if one.shape == saved.shape and np.array_equal(one, saved):
                self.say(f"model: {name}, {one.size:,} values, equal to the saved expectation")
            else:
                difference = first_difference(saved, one, "saved", "model")
                self.say(f"model: {name} is not the saved expectation: {difference}")
                status = FAILED
        return status


def program_parts(case: Case) -> tuple[Any, Any, list[Any]]:
    """(model package, configuration, layers) of a program of ``make run``."""

    config = registry.design(case.meta["design"]).config(**case.meta["design_config"])
    return registry.design(case.meta["design"]), config, case.layers


def compiled(design: Any, layers: Sequence[Any], config: Any) -> Program:
    """A layer or a chain as a program."""
    if len(layers) == 1:
        return design.compile(layers[0], config)
    return design.compile_network(list(layers), config)


def first_difference(
    found: np.ndarray, expected: np.ndarray, left: str = "found", right: str = "expected"
) -> str:
    """Where two arrays differ first, as text.

    >>> first_difference(np.array([1, 2, 4]), np.array([1, 2, 3]))
    '1 of 3 differ, first at [2]: found 4, expected 3'
    """
    if found.shape != expected.shape:
        return f"{left} has shape {list(found.shape)}, {right} {list(expected.shape)}"
    wrong = np.argwhere(found != expected)
    at = tuple(int(i) for i in wrong[0])
    return (
        f"{len(wrong)} of {found.size} differ, first at {list(at)}: {left} {found[at]}, "
        f"{right} {expected[at]}"
    )


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options."""
    parser = options.Parser(prog="make replay", description=__doc__.splitlines()[0])
    parser.add_argument("--case", type=options.file, required=True, help="a saved case, .npz")
    parser.add_argument("--sim", type=options.replayer, help="default: where it failed")
    parser.add_argument("--waves", action="store_true", help="dump all signals")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    asked = parse(arguments)
    console = Console()
    try:
        case = Case.load(asked.case)
        simulator = asked.sim or case.meta["simulator"]
        if simulator not in (*SIMULATORS, MODEL):
            raise ValueError(f"simulator: found {simulator!r} in the case, need SIM=")
        replay = Replay(asked.case, case, simulator, console, asked.waves)
        where = case.meta.get("bench") or case.meta["design"]
        what = f"{where} {case.meta.get('config', '')} {case.meta.get('test', '')}"
        path = shown(asked.case.resolve())
        console.print(escape(f"{path}: {what.strip()}, on {simulator}"), soft_wrap=True)
        if simulator == MODEL:
            return replay.model()
        return replay.program() if case.meta["kind"] == "run" else replay.bench()
    except (ValueError, KeyError, TypeError, ToolMissing) as error:
        options.refuse(error)


if __name__ == "__main__":
    interrupt.entry(main)
