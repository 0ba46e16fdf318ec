"""Cycles of the embedded networks with thresholds, by the cycle model.

Thresholds are those of ``models/networks/thresholds.json``, chosen at no loss. What a layer sees is
what the layers before it, with their thresholds, made of some digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from models import registry
from models.flexflow_pro.config import FlexflowProConfig
from models.layer import Layer
from models.networks import NETWORKS, load_digits, load_network
from models.workloads.flexflow_pro import DESIGN
from scripts.train import thresholds
from scripts.train.infer import fit_input
from scripts.train.thresholds import EMBEDDED, Inference, Thresholds

DIGITS = 4
#: What runs: label -> in lock step, with thresholds.
RUNS = {"lock step": (False, False), "relaxed": (True, False), "thresholds": (True, True)}


def chosen(name: str) -> Thresholds:
    """Those of an embedded network."""
    for one in thresholds.read()["points"]:
        if (one["network"], one["seed"]) == (name, EMBEDDED):
            return Thresholds(tuple(one["neurons"]), tuple(one["synapses"]))
    raise ValueError(f"thresholds: found none of {name}, need what make train wrote")


def layers(name: str, limits: Thresholds) -> Iterator[Layer]:
    """A network's layers on some digits."""
    found, digits = load_network(name).layers, load_digits()
    run = Inference(found, digits.images[:DIGITS], digits.labels[:DIGITS])
    chunks = run.inputs()
    for at, one in enumerate(found):
        yield Layer(
            one.weights.astype(np.int64),
            fit_input(np.concatenate(chunks), one),
            stride=one.stride,
            padding=one.padding,
            bias=one.bias,
            shift=one.shift,
            relu=one.relu,
            name=f"{name}/{one.name}",
        )
        chunks, _ = run.step(at, chunks, limits)


def points() -> list[dict[str, Any]]:
    """Compute cycles of a digit by network and run."""
    design = registry.design(DESIGN)
    made = []
    for name in NETWORKS:
        none = Inference(load_network(name).layers, np.zeros(0), np.zeros(0)).none
        cycles = {}
        for label, (relaxed, limited) in RUNS.items():
            limits = chosen(name) if limited else none
            built = FlexflowProConfig()
            built = built.tuned() if relaxed else built.lock_step()
            total = 0
            for at, layer in enumerate(layers(name, limits)):
                config = replace(
                    built, act_threshold=limits.neurons[at], wgt_threshold=limits.synapses[at]
                )
                program = design.compile(layer, config)
                total += sum(int(one.compute) for one in design.cycles(program, config))
            cycles[label] = total / DIGITS
        made.append({"network": name, "digits": DIGITS, "cycles": cycles})
    return made
