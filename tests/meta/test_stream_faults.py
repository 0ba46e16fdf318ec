"""Every output stream of every block and top, spoiled in every way: its bench must notice.

The faults (``stream_faults.py``) leave every accepted word right, but for one that comes twice, so
only a bench that watches a stream in every cycle sees them. ``make test`` takes one fault of each
stream, in turn; ``LAC_MUTANTS=all`` takes all of them, on both simulators.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.places import ROOT
from tb.common.sim import simulators
from tb.common.sim.bench import SIMULATORS, Bench
from tb.common.sim.builds import build_root
from tb.common.sim.runner import discover, run
from tests.meta import stream_faults
from tests.meta.test_mutants import ALL, problem

#: tests that stall a stream, in order of preference; the first two that a bench has are run
STALLING = ("random_random", "random_burst", "random_slow", "random_cycle")


def source_of(bench: Bench) -> Path | None:
    """The file of a bench's top, under ``rtl/`` or of the bench's own."""
    paths = [ROOT / "rtl" / folder / f"{bench.top}.sv" for folder in bench.rtl]
    paths += [ROOT / name for name in bench.sources if Path(name).stem == bench.top]
    return next((path for path in paths if path.is_file()), None)


def cases() -> Iterator[tuple[Bench, stream_faults.Stream, str, str, bool]]:
    """Bench, stream, fault, simulator, and whether ``make test`` runs it; a top once."""
    seen: set[str] = set()
    number = 0
    for bench in discover().values():
        path = source_of(bench)
        if path is None or bench.top in seen:
            continue
        seen.add(bench.top)
        head = stream_faults.header(path.read_text(encoding="utf-8"))
        for stream in stream_faults.output_streams(head):
            kinds = stream_faults.kinds(stream)
            for index, kind in enumerate(kinds):
                for simulator in SIMULATORS:
                    daily = simulator == "icarus" and index == number % len(kinds)
                    yield bench, stream, kind, simulator, daily
            number += 1


CASES = list(cases())


def spoiled(bench: Bench, stream: stream_faults.Stream, kind: str) -> Bench:
    """The bench with its top's stream spoiled."""
    path = source_of(bench)
    assert path is not None
    changed = build_root() / "faults" / f"{bench.name}-{stream.name}-{kind}" / path.name
    changed.parent.mkdir(parents=True, exist_ok=True)
    changed.write_text(
        stream_faults.spoil(path.read_text(encoding="utf-8"), stream, kind), encoding="utf-8"
    )
    name = f"fault-{bench.name}-{stream.name}-{kind}".replace("_", "-")
    others = [one for one in bench.sources if Path(one).stem != bench.top]
    return dataclasses.replace(bench, name=name, sources=(*others, str(changed)))


def stalling_tests(bench: Bench) -> list[str]:
    """Tests of a bench in which the receiver stalls."""
    chosen = [name for name in STALLING if name in bench.tests][:2]
    assert chosen, f"bench {bench.name}: none of its tests is one of {STALLING}"
    return chosen


def test_streams_are_found():
    """The reader of headers sees what is there: tops, decoders, blocks."""
    found = {bench.top for bench, *_ in CASES}
    assert {"lac_eie", "lac_dense", "lac_sparse_on_dense", "lac_fifo", "lac_fmt_csc_dec"} <= found
    assert {"lac_tb_socket", "lac_tb_eie_out", "lac_tb_array_out"} <= found


@pytest.mark.parametrize(
    ("bench", "stream", "kind", "simulator"),
    [
        pytest.param(bench, stream, *case, id="-".join((bench.name, stream.name, *case)))
        for bench, stream, *case, daily in CASES
        if daily or ALL
    ],
)
def test_fault_is_noticed(bench, stream, kind, simulator):
    if why := simulators.missing(simulator):
        pytest.skip(why)
    config = next(iter(bench.configs))
    result = run(spoiled(bench, stream, kind), config, simulator, tests=stalling_tests(bench))
    if why := problem(result):
        pytest.fail(f"{stream.valid} {kind}: {why}\n{result.report()}", pytrace=False)
