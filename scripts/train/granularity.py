"""Accuracy against granularity: networks pruned grain by grain, fine-tuned, measured.

For each network and seed: train dense; then, for each granularity on its own, prune to one density
after the other, from the dense network down, with masked fine-tuning after each step. Grains of
the smallest sum of magnitudes go first (L1, as in Mao et al. 2017), every pruned layer keeps the
same share. Pruned are the convolutions but the first, which has one input channel; in the rest of
a network the granularities do not differ. A layer keeps at least one grain: where it could not, the
curve ends. The schedule is fixed, and the held-out digits choose nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from models.networks import FOLDER, Digits
from models.npz import read_npz
from models.pruning import mask
from scripts.train.data import PACKAGE, SHA256, SPLIT_SEED, Split
from scripts.train.math import MANTISSA, Layer, on_grid
from scripts.train.quant import save
from scripts.train.trainer import SHAPES, Schedule, Trainer

#: Network -> densities, one after the other, and rate of fine-tuning. The smaller network has
#: less to lose.
PLANS: dict[str, tuple[tuple[float, ...], float]] = {
    "lenet_5": ((0.5, 0.35, 0.25, 0.15, 0.1, 0.06, 0.03), 5e-4),
    "vgg_7": ((0.7, 0.5, 0.35, 0.25, 0.15), 1e-3),
}
STUDIED = tuple(PLANS)
SEEDS = (1, 2, 3)
BLOCK = (4, 4)  # filters and channels at one position of the kernel
#: Granularity -> its options.
GRAINS: dict[str, dict[str, Any]] = {
    "fine": {},
    "vector": {},
    "kernel": {},
    "filter": {},
    "block": {"block": BLOCK},
}
DENSE_EPOCHS = 6
STEPS = 64  # batches of fine-tuning after each pruning
DENSE = "dense"  # what the points before pruning have for a granularity
RESULTS, MASKS = "granularity.json", "granularity.npz"

MASK_SEED = SEEDS[0]  # the masks of this one are kept

Point = dict[str, Any]
Bools = NDArray[np.bool_]
#: (network, granularity, density asked for, layer) -> which weights [K, C, R, S] stay.
Masks = dict[tuple[str, str, float, str], Bools]


def canonical(layer: Layer) -> NDArray[np.float64]:
    """Weights [K, C, R, S] of a convolution."""
    side = layer.kernel
    return layer.weight.reshape(side, side, -1, layer.weight.shape[1]).transpose(3, 2, 0, 1)


def pruned_layers(layers: Sequence[Layer]) -> list[Layer]:
    """Those that are pruned."""
    return [layer for layer in layers[1:] if layer.kernel]


def grain_mask(layer: Layer, grain: str, density: float) -> Bools:
    """Which weights [K, C, R, S] stay.

    Magnitudes are rounded so far that their sums are exact: else the order of summation, which is
    not the same on every machine, could decide between two grains.
    """
    weights = canonical(layer)
    magnitude = on_grid(np.abs(weights), MANTISSA - weights[0].size.bit_length())
    return mask(magnitude, density, grain, **GRAINS[grain])


def keep(layer: Layer, kept: Bools) -> None:
    """Prune a layer to a mask [K, C, R, S]."""
    layer.mask = kept.transpose(2, 3, 1, 0).reshape(layer.weight.shape).astype(np.float64)
    layer.weight = layer.weight * layer.mask


class Curves:
    """All curves of one network and seed."""

    def __init__(
        self,
        name: str,
        seed: int,
        data: Split,
        progress: Progress,
        schedule: Schedule | None = None,
    ) -> None:
        """Not trained yet; ``schedule`` for a shorter one, ``final_epochs`` not being read."""
        self.densities, rate = PLANS[name]
        plan = schedule or Schedule(seed, DENSE_EPOCHS, 1, 1, 1, 0, prune_rate=rate)
        self.trainer = Trainer(name, data, progress, replace(plan, seed=seed))
        self.name, self.seed = name, seed

    def run(
        self,
        grains: Iterable[str] = GRAINS,
        densities: Sequence[float] = (),
        steps: int = STEPS,
        choose: Callable[[Layer, str, float], Bools] = grain_mask,
    ) -> tuple[list[Point], Masks]:
        """Every point, and the masks of each; ``densities``: others than the network's; ``choose``:
        the weights that stay of a layer at a granularity and density.
        """
        trainer, plan = self.trainer, self.trainer.schedule
        trainer.run(f"seed {self.seed}, dense", plan.dense_epochs * trainer.epoch, plan.dense_rate)
        points = [self.point(DENSE, 1.0)]
        masks: Masks = {}
        start = [(layer.weight.copy(), layer.bias.copy()) for layer in trainer.layers]
        for number, grain in enumerate(grains):
            trainer.rng = np.random.default_rng((self.seed, number))
            for layer, (weight, bias) in zip(trainer.layers, start, strict=True):
                layer.weight, layer.bias = weight.copy(), bias.copy()
                layer.mask = np.ones_like(weight)
            for density in densities or self.densities:
                pruned = pruned_layers(trainer.layers)
                kept = [choose(layer, grain, density) for layer in pruned]
                if not all(one.any() for one in kept):
                    break
                for layer, one in zip(pruned, kept, strict=True):
                    keep(layer, one)
                    masks[self.name, grain, density, layer.name] = one
                trainer.run(f"seed {self.seed}, {grain} {density:g}", steps, plan.prune_rate)
                points.append(self.point(grain, density))
        return points, masks

    def point(self, grain: str, asked: float) -> Point:
        """What is known of the network as it is."""
        pruned = pruned_layers(self.trainer.layers)
        kept = {layer.name: int(layer.mask.sum()) for layer in pruned}
        return {
            "network": self.name,
            "seed": self.seed,
            "granularity": grain,
            "asked": asked,
            "density": round(sum(kept.values()) / sum(one.mask.size for one in pruned), 6),
            "accuracy": self.trainer.held_out(),
            "kept": kept,
        }


def fingerprint(layers: Sequence[Layer]) -> str:
    """Of all weights and biases, to the last bit."""
    digest = hashlib.sha256()
    for layer in layers:
        digest.update(layer.weight.astype("<f8").tobytes() + layer.bias.astype("<f8").tobytes())
    return digest.hexdigest()[:16]


def tiny_split(digits: Digits) -> Split:
    """The embedded digits, 192 of them to train on."""
    return Split(
        digits.images[:192], digits.labels[:192], digits.images[192:], digits.labels[192:],
        digits.indices[192:],
    )  # fmt: skip


def tiny(digits: Digits, progress: Progress) -> dict[str, Any]:
    """A study small enough for a test: the embedded digits, half an epoch a step, one density."""
    curves = Curves("vgg_7", 1, tiny_split(digits), progress, Schedule(1, 2, 1, 1, 1, 0))
    points, _ = curves.run(("fine", "kernel"), (0.25,), 2)
    return {"points": points, "weights": fingerprint(curves.trainer.layers)}


def document(points: Sequence[Point], check: Mapping[str, Any], steps: int, **plan: Any) -> str:
    """The results as text: a point a line; ``plan``: what else says how they were made."""
    head = {
        "data": {"package": PACKAGE, "sha256": SHA256, "split_seed": SPLIT_SEED},
        "held_out_digits": 2_000,
        "dense_epochs": DENSE_EPOCHS,
        "steps": steps,
        **plan,
        "check": check,
    }
    lines = ",\n".join(json.dumps(one) for one in points)
    return json.dumps(head, indent=1)[:-2] + f',\n "points": [\n{lines}\n ]\n}}\n'


def representatives(shape: tuple[int, ...], grain: str) -> tuple[slice, ...]:
    """The first weight of every grain of a layer [K, C, R, S]."""
    one, all_ = slice(0, 1), slice(None)
    if grain == "block":
        return slice(None, None, BLOCK[0]), slice(None, None, BLOCK[1]), all_, all_
    whole = {"fine": 0, "vector": 1, "kernel": 2, "filter": 3}[grain]
    return (*(all_,) * (len(shape) - whole), *(one,) * whole)


def grow(kept: Bools, shape: tuple[int, ...], grain: str) -> Bools:
    """The mask of a layer from which grains stay, ``mask[representatives(...)]``."""
    if grain != "block":
        return np.broadcast_to(kept, shape).copy()
    full = kept.repeat(BLOCK[0], axis=0).repeat(BLOCK[1], axis=1)
    return full[: shape[0], : shape[1]]


def studied_shapes(network: str) -> dict[str, tuple[int, ...]]:
    """Pruned layers of a network -> their shape [K, C, R, S]."""
    found: dict[str, tuple[int, ...]] = {}
    for name, side, inputs, outputs, *_ in SHAPES[network][1:]:
        if side:
            found[name] = (outputs, inputs, side, side)
    return found


def write(points: Sequence[Point], masks: Masks, check: dict[str, Any], out: Path) -> None:
    """The results, and the masks: a bit a grain, densities and layers one after the other."""
    text = document(points, check, STEPS, plans=PLANS, block=BLOCK)
    (out / RESULTS).write_text(text, encoding="utf-8")
    fields: dict[str, np.ndarray] = {}
    for network in STUDIED:
        shapes = studied_shapes(network)
        for grain in GRAINS:
            bits = [
                masks[network, grain, density, layer][representatives(shape, grain)].ravel()
                for density in PLANS[network][0]
                for layer, shape in shapes.items()
                if (network, grain, density, layer) in masks
            ]
            fields[f"{network}_{grain}"] = np.packbits(np.concatenate(bits))
    save(out / MASKS, fields)


@dataclass(frozen=True, eq=False)
class Results:
    """What ``make train`` left: points of every seed, masks of ``MASK_SEED``, the tiny study."""

    points: list[Point]
    masks: Masks
    check: dict[str, Any]


def read(folder: Path = FOLDER) -> Results:
    """The committed results.

    Raises:
        ValueError: a file is damaged; the message names it.
        FileNotFoundError: a file does not exist.
    """
    try:
        data = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        points, check = data["points"], data["check"]
        fields = read_npz(folder / MASKS)
        masks: Masks = {}
        for network in STUDIED:
            for grain in GRAINS:
                masks |= _unpacked(fields[f"{network}_{grain}"], network, grain, points)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{RESULTS}, {MASKS}: found {error!r}, need what make train wrote"
        ) from error
    return Results(points, masks, check)


def _unpacked(packed: NDArray[np.uint8], network: str, grain: str, points: list[Point]) -> Masks:
    """Masks of one network and granularity; ValueError where their number is wrong."""
    bits, at, made = np.unpackbits(packed).astype(bool), 0, {}
    for point in points:
        if (point["network"], point["granularity"], point["seed"]) != (network, grain, MASK_SEED):
            continue
        for layer, shape in studied_shapes(network).items():
            small = np.empty(shape, dtype=bool)[representatives(shape, grain)].shape
            size = int(np.prod(small))
            kept = grow(bits[at : at + size].reshape(small), shape, grain)
            if kept.sum() != point["kept"][layer]:
                raise ValueError(
                    f"{network} {grain} {point['asked']}: {layer}: {kept.sum()} weights"
                )
            made[network, grain, point["asked"], layer] = kept
            at += size
    return made
