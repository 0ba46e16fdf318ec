"""Train, prune and quantize the embedded default networks, and measure accuracy by granularity.

``python -m scripts.train.cli``. For each network: train dense, prune by magnitude in steps with
masked fine-tuning, share weights by a 16-entry codebook, fine-tune the codebook, turn everything
into integers, and write one small ``.npz`` with the held-out accuracy of each stage. Then the
studies of ``scripts/train/granularity.py``, ``periodic.py``, ``thresholds.py`` and
``coarse_study.py``. Within a run the held-out digits choose nothing but what a study says:
schedules are fixed, and scales are calibrated on training digits (``models/networks/README.md``
tells how the schedules came about). Another run gives the same arrays, whatever the BLAS or thread
count (see ``scripts/train/math.py``), so ``git diff`` after it must be empty.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path

# Set before numpy loads its BLAS. The result is the same with more; the machine may be shared.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from models.networks import NETWORKS, STAGES, NetworkLayer, load_digits, load_network
from models.places import ROOT, build_root
from scripts import interrupt
from scripts import options as cli
from scripts.console import Console, Table
from scripts.train import coarse, coarse_study, granularity, periodic, thresholds
from scripts.train.data import PACKAGE, SHA256, SPLIT_SEED, DataError, Split, load_split
from scripts.train.quant import layer_fields, save
from scripts.train.trainer import SCHEDULES, Trainer

DATA = build_root() / "data"
OUT = ROOT / "models" / "networks"
SHORT_NAMES = {"lenet300": "lenet_300_100", "lenet5": "lenet_5"}
STUDY, PATTERNS, TINY, BLOCKS = "granularity", "periodic", "thresholds", "coarse"
DIGITS_KEPT = 256


def network_fields(
    name: str, layers: list[NetworkLayer], result: dict[str, float]
) -> dict[str, np.ndarray]:
    """All arrays of a network file."""
    fields: dict[str, np.ndarray] = {}
    for index, layer in enumerate(layers):
        fields.update(layer_fields(index, layer))
    for stage in STAGES:
        fields[f"accuracy_{stage}"] = np.array(result[stage], dtype=np.float64)
    fields["density"] = np.array([layer.density for layer in layers], dtype=np.float64)
    fields["input_scale"] = np.array("pixel value 0..255 as an integer, 0 is background")
    meta = {
        "network": name,
        "layers": [layer.name for layer in layers],
        "data": {"package": PACKAGE, "sha256": SHA256, "split_seed": SPLIT_SEED},
        "held_out_digits": 2_000,
        "schedule": asdict(SCHEDULES[name]),
    }
    fields["meta"] = np.array(json.dumps(meta, sort_keys=True))
    return fields


def write_digits(data: Split, out: Path) -> None:
    """Write the first held-out digits, whatever the networks make of them."""
    part = slice(0, DIGITS_KEPT)
    fields = {"images": data.held_x[part], "labels": data.held_y[part]}
    save(out / "digits.npz", fields | {"indices": data.held_index[part]})
    load_digits(out)


def study(data: Split, progress: Progress, out: Path) -> None:
    """Accuracy by granularity and density, every network and seed: two files."""
    points: list[granularity.Point] = []
    masks: granularity.Masks = {}
    for name in granularity.STUDIED:
        for seed in granularity.SEEDS:
            some, kept = granularity.Curves(name, seed, data, progress).run()
            points += some
            if seed == granularity.MASK_SEED:
                masks |= kept
    check = granularity.tiny(load_digits(out), progress)
    granularity.write(points, masks, check, out)


def pattern_study(data: Split, progress: Progress, out: Path) -> None:
    """Accuracy of periodic patterns, every network and seed: a file."""
    points = [
        point
        for name in granularity.STUDIED
        for seed in granularity.SEEDS
        for point in periodic.study(name, seed, data, progress)
    ]
    periodic.write(points, periodic.tiny(load_digits(out), progress), out)


def threshold_study(data: Split, progress: Progress, out: Path) -> None:
    """Accuracy with tiny values set to 0, every network and seed: a file."""
    points = [
        thresholds.study(name, seed, data, progress)
        for name in NETWORKS
        for seed in (thresholds.EMBEDDED, *granularity.SEEDS)
    ]
    thresholds.write(points, thresholds.tiny(load_digits(out)), out)


def block_study(data: Split, progress: Progress, out: Path) -> None:
    """What coarse-grained compression stores, every network and seed: a file."""
    found = [coarse_study.network_study(name, data, progress) for name in coarse.PLANS]
    coarse_study.write(found, coarse_study.tiny(load_digits(out), progress), out)


def report(console: Console, names: list[str], out: Path, seconds: dict[str, float]) -> None:
    """Print accuracy, density and size of each file written."""
    table = Table(title="held-out accuracy (2,000 digits, standard error about 0.003)")
    for column in ("network", *STAGES, "density by layer", "bytes", "seconds"):
        table.add_column(column)
    for name in names:
        network = load_network(name, out)
        density = " ".join(f"{layer.density:.3f}" for layer in network.layers)
        size = (out / f"{name}.npz").stat().st_size
        stages = [f"{network.accuracy[stage]:.4f}" for stage in STAGES]
        table.add_row(name, *stages, density, f"{size:,}", f"{seconds[name]:.0f}")
    console.print(table)


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns the exit code."""
    parser = cli.Parser(prog="make train", description=(__doc__ or "").splitlines()[0])
    known = (*NETWORKS, *SHORT_NAMES, STUDY, PATTERNS, TINY, BLOCKS, "all")
    parser.add_argument("--net", type=cli.choice(*known), default="all")
    parser.add_argument("--out", type=cli.folder, default=OUT, help="folder of the .npz files")
    options = parser.parse_args(arguments)
    asked = SHORT_NAMES.get(options.net, options.net)
    names = [name for name in NETWORKS if asked in (name, "all")]
    console = Console()
    try:
        data = load_split(DATA)
    except DataError as error:
        console.print(f"[red]error:[/red] {error}", highlight=False)
        return 1
    write_digits(data, options.out)
    seconds = {}
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        for name in names:
            start = time.monotonic()
            layers, result = Trainer(name, data, progress).train()
            save(options.out / f"{name}.npz", network_fields(name, layers, result))
            seconds[name] = time.monotonic() - start
        if asked in (STUDY, "all"):
            study(data, progress, options.out)
        if asked in (PATTERNS, "all"):
            pattern_study(data, progress, options.out)
        if asked in (TINY, "all"):
            threshold_study(data, progress, options.out)
        if asked in (BLOCKS, "all"):
            block_study(data, progress, options.out)
    if names:
        report(console, names, options.out, seconds)
    return 0


if __name__ == "__main__":
    interrupt.entry(main)
