"""What ``make waves`` says at its end: the dump, when the first failure was, how to look at it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from rich.markup import escape

from models.places import ROOT
from scripts.console import Console
from tb.common.sim import simulators
from tb.common.sim.bench import Bench
from tb.common.sim.builds import sources_of
from tb.common.sim.runner import RunResult
from tb.common.sim.wave_layout import layout_of, write_all


def layouts(bench: Bench, result: RunResult) -> list[Path]:
    """Write the layouts for a run with a dump beside it: for GTKWave, for Surfer."""
    signals = result.out / "signals.json"
    source = next((p for p in sources_of(bench).files if p.stem == bench.top), None)
    if result.waves is None or source is None or not signals.is_file():
        return []
    folder = Path(*bench.module.split(".")[:-1])
    layout = layout_of(
        bench.top,
        source,
        json.loads(signals.read_text(encoding="utf-8")),
        ROOT / folder / f"{bench.top}.gtkw",
    )
    times = [record.fail_ns for record in result.failed if record.fail_ns is not None]
    end = sum(record.sim_ns for record in result.tests)
    first = min(times, default=None)
    return list(write_all(result.waves.parent, layout, result.waves, first, end))


def announce(console: Console, bench: Bench, result: RunResult) -> None:
    """Name dump, time of the first failure, layouts and the commands that open them."""

    def say(text: str) -> None:
        console.print(escape(text), soft_wrap=True)

    if result.waves is None:
        console.print("[red]no dump was written[/]; the log says why")
        return
    say(f"waves: {result.waves}")
    if result.simulator == "verilator" and (why := simulators.fst_missing()):
        say(f"       VCD: FST needs what is not here ({why}); apt install liblz4-dev zlib1g-dev")
    timed = [(one.fail_ns, at) for at, one in enumerate(result.failed) if one.fail_ns is not None]
    if timed:
        first = result.failed[min(timed)[1]]
        say(f"first failure: {first.name} at {first.when}; the layouts open there")
    made = layouts(bench, result)
    if not made:
        say(f"open:  {shlex.join(['gtkwave', str(result.waves)])}")
        return
    gtkw, surfer = made
    say(f"open:  {shlex.join(['gtkwave', str(result.waves), str(gtkw)])}")
    say(f"or:    {shlex.join(['surfer', '--command-file', str(surfer), str(result.waves)])}")
