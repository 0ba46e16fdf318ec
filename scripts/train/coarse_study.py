"""What coarse-grained compression stores: sizes and accuracy of the networks of ``coarse.py``.

For each network, of each way of pruning the sparsest point is chosen whose mean accuracy over the
seeds is at most ``LOST`` below the dense network's (on the held-out digits: they choose this, and
nothing before). Its weights get shared values, 8 bits a code in convolutions and 4 bits in fully
connected layers; blocks a codebook for each region, fine-grained pruning one for each layer, as in
Deep Compression. The codebooks are fine-tuned, everything becomes integers, and the bits are
counted: an index bit for each block, or a 4-bit run for each weight that stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from models.coarse import BlockIndex, Parts, Regions, from_matrix, local_codes, store
from models.coarse.store import used
from models.formats.huffman import two_stream_size
from models.formats.rle import Rle
from models.networks import FOLDER, Digits
from models.pruning.gathering import NULLS, by_chance, gathered, gathering, largest_per_block
from models.quantization import relative_error
from models.quantization.uniform import quantize_fixed
from scripts.train.coarse import (
    DENSE,
    PLANS,
    SEEDS,
    UNTRAINED,
    WAYS,
    Decaying,
    Plan,
    Point,
    Stage,
    block_of,
    canonical,
    curves,
    new_trainer,
)
from scripts.train.data import PACKAGE, SHA256, SPLIT_SEED, Split
from scripts.train.granularity import fingerprint, tiny_split
from scripts.train.infer import integer_accuracy
from scripts.train.math import Layer
from scripts.train.quant import IntegerWeights, to_integers
from scripts.train.trainer import CALIBRATION

RESULTS = "coarse.json"
#: Accuracy that counts as equal: 20 of the 2,000 held-out digits.
LOST = 0.01
CONV_BITS, FC_BITS, VALUE, RUN = 8, 4, 16, 4
#: Bits of a code -> region of its codebooks: outputs, columns of the reduction order.
REGIONS = {CONV_BITS: Regions(256, 4096), FC_BITS: Regions(256, 256)}
BOOK_RATE = 5e-4
#: Sides of the regions tried on the largest fully connected layer; the first is the whole layer.
SIDES = (4096, 512, 256, 128)
#: Share of the weights that count as the largest, and side of the cells of the picture.
TOP, CELL = 0.1, 8
DRAWS = 20


def code_bits(layer: Layer) -> int:
    """Bits of a code."""
    return CONV_BITS if layer.kernel else FC_BITS


def regions_of(layer: Layer, way: str) -> Regions:
    """Regions of its codebooks; the whole layer where weights are pruned one by one."""
    if WAYS[way] is None:
        return Regions(layer.weight.shape[1], layer.weight.shape[0])
    return REGIONS[code_bits(layer)]


def point(network: str, stage: Stage, names: Sequence[str]) -> Point:
    """A point of a curve."""
    kept = [int(state.mask.sum()) for state in stage.layers]
    return {
        "network": network,
        "seed": stage.seed,
        "way": stage.way,
        "factor": stage.factor,
        "density": round(sum(kept) / sum(state.mask.size for state in stage.layers), 6),
        "accuracy": stage.accuracy,
        "kept": dict(zip(names, kept, strict=True)),
    }


def means(points: Iterable[Point], way: str) -> dict[float, float]:
    """Factor -> mean accuracy of a way of pruning, of factors that every seed reached."""
    found: dict[float, list[float]] = {}
    seeds = set()
    for one in points:
        seeds.add(one["seed"])
        if one["way"] == way:
            found.setdefault(one["factor"], []).append(one["accuracy"])
    return {at: float(np.mean(all_)) for at, all_ in found.items() if len(all_) == len(seeds)}


def chosen(points: Sequence[Point], way: str) -> float | None:
    """The smallest factor whose mean accuracy counts as equal; None where there is none."""
    target = means(points, DENSE)[0] - LOST
    equal = [factor for factor, value in means(points, way).items() if value >= target - 1e-9]
    return min(equal, default=None)


# ---------------------------------------------------------------- quantization


def share(layer: Layer, way: str) -> None:
    """Shared values for the weights of a layer: ``codes`` number the entries of all regions."""
    bits = code_bits(layer)
    matrix = layer.weight.T
    regions = regions_of(layer, way)
    codes, books = local_codes(matrix, bits, regions)
    layer.codes = (regions.of(matrix.shape) << bits | codes).T
    layer.book = books.ravel()
    layer.weight = layer.book[layer.codes]


def integer_books(layer: Layer) -> tuple[np.ndarray, int]:
    """(codebooks int64 [regions, entries] of ``VALUE`` bits, exponent); no entry becomes 0."""
    assert layer.book is not None
    values, exponent = quantize_fixed(layer.book, VALUE)
    lost = (values == 0) & (layer.book != 0)
    values[lost] = np.sign(layer.book[lost]).astype(np.int64)
    return values.reshape(-1, 1 << code_bits(layer)), exponent


def local_weights(layer: Layer, below: Layer | None) -> IntegerWeights:
    """Integers of a layer with codebooks for its regions."""
    assert layer.codes is not None
    books, exponent = integer_books(layer)
    shape = canonical(layer).shape
    codes = from_matrix(layer.codes.T, shape)
    local = (codes & (books.shape[1] - 1)).astype(np.uint8)
    return IntegerWeights(books.ravel()[codes].astype(np.int16), local, books[0], exponent)


def block_sizes(layer: Layer, last: bool, way: str) -> dict[str, Parts]:
    """Bits of a layer pruned by blocks, codes as they are and Huffman-coded."""
    assert layer.codes is not None
    block = block_of(layer, last, way)
    shape = canonical(layer).shape
    kept = from_matrix(layer.mask.T > 0, shape)
    bits = code_bits(layer)
    codes = (layer.codes.T & ((1 << bits) - 1)).astype(np.uint8)
    books = integer_books(layer)[0]
    index = BlockIndex.from_mask(kept, block)
    stored = store(index, codes, books, regions_of(layer, way), bits, VALUE)
    assert np.array_equal(stored.weights(), local_weights(layer, None).weights)
    return {"raw": stored.parts(False), "huffman": stored.parts(True)}


def fine_sizes(codes: np.ndarray, books: np.ndarray, bits: int) -> dict[str, Parts]:
    """Bits of a matrix of codes [K, C*R*S] with a 4-bit run in front of each that is not 0.

    Fillers where a run is longer count as index, both halves of them.
    """
    entries = Rle(bits, RUN).encode(codes)
    real = int(np.count_nonzero(codes))
    table = len(books) * bits + int(used(books).sum()) * VALUE
    pads = entries.count - real
    raw = Parts(entries.count * RUN + pads * bits, real * bits, table, 0)
    size = two_stream_size(codes, bits, RUN)
    coded = Parts(size.indices + size.padding, size.values, table, size.tables)
    return {"raw": raw, "huffman": coded}


def sizes(layer: Layer, last: bool, way: str) -> dict[str, Parts]:
    """Bits of a layer, codes (and runs) as they are and Huffman-coded."""
    if WAYS[way] is not None:
        return block_sizes(layer, last, way)
    assert layer.codes is not None
    flat = from_matrix(layer.codes.T, canonical(layer).shape).reshape(layer.weight.shape[1], -1)
    return fine_sizes(flat, integer_books(layer)[0], code_bits(layer))


def quantized(trainer: Decaying, stage: Stage, plan: Plan) -> Point:
    """Accuracy and bits of a network at a point, its weights shared and fine-tuned."""
    layers = trainer.layers
    for layer, state in zip(layers, stage.layers, strict=True):
        state.put(layer)
        share(layer, stage.way)
    trainer.rng = np.random.default_rng((stage.seed, list(WAYS).index(stage.way), 1))
    trainer.run(f"seed {stage.seed}, {stage.way}, codebooks", plan.steps, BOOK_RATE, shared=True)
    integers = to_integers(layers, trainer.data.train_x[:CALIBRATION], local_weights)
    data = trainer.data
    made = point(trainer.name, stage, [layer.name for layer in layers])
    made["quantized"] = integer_accuracy(integers, data.held_x, data.held_y)
    made["bits"] = {}
    for layer in layers:
        found = sizes(layer, layer is layers[-1], stage.way).items()
        parts = {name: asdict(part) for name, part in found}
        made["bits"][layer.name] = {"weights": layer.weight.size, **parts}
    for layer in layers:
        layer.codes = layer.book = None
    return made


# ---------------------------------------------------------------- where large weights are


def largest_layer(layers: Sequence[Layer]) -> Layer:
    """The largest fully connected layer."""
    return max((one for one in layers if not one.kernel), key=lambda one: one.weight.size)


def gatherings(trainer: Decaying, stage: Stage) -> list[Point]:
    """How far the largest weights of each layer gather in blocks, beside what chance gives."""
    made = []
    for layer, state in zip(trainer.layers, stage.layers, strict=True):
        state.put(layer)
        block = block_of(layer, layer is trainer.layers[-1], "average")
        weights = canonical(layer)
        record: Point = {
            "network": trainer.name,
            "seed": stage.seed,
            "stage": stage.way,
            "layer": layer.name,
            "block": block,
            "gathered": round(gathering(weights, block, TOP), 6),
        }
        for null in NULLS:
            drawn = by_chance(weights, block, null, TOP, DRAWS, stage.seed)
            record[null] = [round(float(f(drawn)), 6) for f in (np.mean, np.std, np.max)]
        made.append(record)
    return made


def map_of(trainer: Decaying, stage: Stage) -> Point:
    """How many of the largest weights each small cell of the largest layer holds."""
    layer = largest_layer(trainer.layers)
    stage.layers[trainer.layers.index(layer)].put(layer)
    weights = canonical(layer)
    counts, cells = largest_per_block(weights, (CELL, CELL), TOP)
    return {
        "network": trainer.name,
        "seed": stage.seed,
        "layer": layer.name,
        "shape": weights.shape[:2],
        "gathered": round(gathered(counts, cells), 6),
        "counts": counts[:, :, 0, 0].tolist(),
    }


def region_study(trainer: Decaying, stage: Stage) -> list[Point]:
    """Error of shared values by size of the region, in the layer and with its weights shuffled."""
    layer = largest_layer(trainer.layers)
    stage.layers[trainer.layers.index(layer)].put(layer)
    matrix = layer.weight.T.copy()
    kept = layer.mask.T > 0
    mixed = matrix.copy()
    mixed[kept] = np.random.default_rng(stage.seed).permutation(matrix[kept])
    made: list[Point] = []
    for side in SIDES:
        regions = Regions(side, side)
        count = regions.count(matrix.shape)
        if made and made[-1]["regions"] == count:  # a layer smaller than either
            continue
        record: Point = {"network": trainer.name, "seed": stage.seed, "layer": layer.name,
                         "side": side, "regions": count}  # fmt: skip
        for name, values in (("error", matrix), ("shuffled", mixed)):
            codes, books = local_codes(values, FC_BITS, regions)
            shared = books.ravel()[regions.of(values.shape) << FC_BITS | codes]
            record[name] = round(relative_error(values, shared), 6)
        bits = len(books) * FC_BITS + int((books != 0).sum()) * VALUE
        record["books"] = round(bits / int(kept.sum()), 6)
        made.append(record)
    return made


# ---------------------------------------------------------------- the study and its file


def study(
    name: str,
    runs: Sequence[tuple[Decaying, list[Stage]]],
    plan: Plan,
) -> dict[str, list[Point]]:
    """Everything of a network from its curves: a trainer and all stages for each seed."""
    found: dict[str, list[Point]] = {
        "points": [], "stored": [], "gathering": [], "maps": [], "regions": []
    }  # fmt: skip
    for trainer, stages in runs:
        names = [layer.name for layer in trainer.layers]
        found["points"] += [point(name, one, names) for one in stages if one.way != UNTRAINED]
    choice = {way: chosen(found["points"], way) for way in plan.ways}
    for number, (trainer, stages) in enumerate(runs):
        for stage in stages:
            if stage.way in (UNTRAINED, DENSE):
                found["gathering"] += gatherings(trainer, stage)
            if stage.way == DENSE and number == 0:
                found["maps"].append(map_of(trainer, stage))
            if stage.way in choice and choice[stage.way] == stage.factor:
                if stage.way == "average":
                    found["regions"] += region_study(trainer, stage)
                found["stored"].append(quantized(trainer, stage, plan))
    return found


def network_study(name: str, data: Split, progress: Progress) -> dict[str, list[Point]]:
    """A network with every seed."""
    runs = []
    for seed in SEEDS:
        trainer = new_trainer(name, seed, data, progress)
        runs.append((trainer, list(curves(trainer, PLANS[name], seed))))
    return study(name, runs, PLANS[name])


def tiny(digits: Digits, progress: Progress) -> dict[str, Any]:
    """A study small enough for a test: the embedded digits, an epoch, few weights."""
    plan = Plan((0.15,), (0.4,), 1, 2**-10, 2, 1e-3, ("fine", "average"))
    trainer = new_trainer("vgg_7", 1, tiny_split(digits), progress, plan)
    stages = list(curves(trainer, plan, 1))
    made = [quantized(trainer, one, plan) for one in stages if one.way in WAYS]
    return {"stored": made, "weights": fingerprint(trainer.layers)}


def write(found: Sequence[dict[str, list[Point]]], check: dict[str, Any], out: Path) -> None:
    """The results, ``RESULTS`` in a folder: a record a line."""
    head = {
        "data": {"package": PACKAGE, "sha256": SHA256, "split_seed": SPLIT_SEED},
        "held_out_digits": 2_000,
        "plans": {name: asdict(plan) for name, plan in PLANS.items()},
        "lost": LOST,
        "top": TOP,
        "cell": CELL,
        "check": check,
    }
    lists = []
    for name in found[0]:
        lines = ",\n".join(json.dumps(one) for part in found for one in part[name])
        lists.append(f' "{name}": [\n{lines}\n ]')
    text = json.dumps(head, indent=1)[:-2] + ",\n" + ",\n".join(lists) + "\n}\n"
    (out / RESULTS).write_text(text, encoding="utf-8")


def read(folder: Path = FOLDER) -> dict[str, Any]:
    """The committed results; ValueError where the file is damaged."""
    try:
        data: dict[str, Any] = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        for one in data["points"] + data["stored"]:
            assert one["network"] in PLANS and 0 <= one["accuracy"] <= 1
        for one in data["stored"]:
            assert set(one["bits"]) == set(one["kept"])
        for name in ("gathering", "maps", "regions"):
            assert data[name]
    except (KeyError, TypeError, ValueError, AssertionError) as error:
        raise ValueError(f"{RESULTS}: found {error!r}, need what make train wrote") from error
    return data
