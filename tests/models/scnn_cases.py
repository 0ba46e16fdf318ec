"""Layers and builds of SCNN for tests, drawn by a seed."""

from __future__ import annotations

import numpy as np

from models.layer import Layer
from models.scnn import ScnnConfig, compile, unpack
from models.scnn.machine import Machine

#: A build of 2 x 2 PEs that is small enough for the interpreter.
SMALL = {
    "pe_x": 2,
    "pe_y": 2,
    "f": 2,
    "i": 2,
    "banks": 8,
    "entries": 64,
    "max_kc": 8,
    "row_vectors": 2,
    "wgt_fifo": 24,
    "iaram_rows": 64,
    "max_c": 64,
    "wgt_depth": 512,
    "acc_width": 40,
    "carry_depth": 512,
}


def small(**changes):
    """The small build with other parameters."""
    return ScnnConfig(**SMALL | changes)


def random_config(rng):
    """A small build with any options."""
    fields = {
        "pe_x": int(rng.integers(1, 4)),
        "pe_y": int(rng.integers(1, 4)),
        "i": int(rng.choice([2, 4])),
        "banks": 16,
        "entries": int(rng.choice([8, 16, 32])),
        "max_kc": int(rng.choice([4, 8, 16])),
        "wgt_fifo": int(rng.choice([16, 24, 56])),
        "iaram_rows": int(rng.choice([32, 64, 256])),
        "carry_depth": int(rng.choice([256, 1024])),
        "wgt_depth": int(rng.choice([64, 256, 1024])),
        "bias_depth": int(rng.choice([16, 1024])),
        "acc_width": int(rng.choice([32, 40])),
        "merge": int(rng.integers(0, 2)),
        "bank_map": int(rng.integers(0, 3)),
        "look_ahead": int(rng.integers(1, 4)),
        "xbar_grants": int(rng.integers(1, 3)),
        "dense_out": bool(rng.integers(0, 2)),
        "empty_free": bool(rng.integers(0, 2)),
        "kc": int(rng.choice([0, 4])),
    }
    if rng.random() < 0.3:
        fields |= {"f": 4, "i": 4, "banks": 32, "max_kc": 32, "entries": 32}
    fields["merging"] = bool(fields["merge"] and rng.integers(0, 2))
    fields["row_vectors"] = int(rng.choice([size for size in (2, 4, 8) if size >= fields["i"]]))
    fields["row_fill"] = int(rng.integers(0, fields["row_vectors"] + 1))
    return small(**fields)


def random_layer(rng):
    """A convolution of any kernel, stride and padding, any densities."""
    taps_r = int(rng.choice([1, 1, 2, 3, 3, 5]))
    taps_s = int(rng.choice([1, 2, 3, taps_r]))
    size = int(rng.integers(taps_r, 14)), int(rng.integers(taps_s, 14))
    filters, channels = (int(n) for n in rng.integers(1, 20, 2))
    weight_density, density = rng.random(2)
    weights = rng.integers(-40, 40, (filters, channels, taps_r, taps_s))
    weights *= rng.random(weights.shape) < weight_density
    acts = rng.integers(-40, 40, (int(rng.choice([1, 1, 2])), channels, *size))
    acts *= rng.random(acts.shape) < density
    return Layer(
        weights,
        acts,
        stride=int(rng.choice([1, 1, 1, 2, 3])),
        padding=int(rng.integers(0, 3)),
        bias=rng.integers(-1000, 1000, filters),
        shift=int(rng.integers(0, 6)),
        relu=bool(rng.integers(0, 2)),
    )


def random_program(seed):
    """(layer, config, program) of a seed; another build where the first one does not hold it."""
    rng = np.random.default_rng(seed)
    layer = random_layer(rng)
    while True:
        config = random_config(rng)
        try:
            return layer, config, compile(layer, config)
        except ValueError:
            continue


def run(program, config):
    """Outputs of a program by the functional model; the packets have the announced length."""
    machine = Machine(config)
    packets = []
    for item in program.passes:
        _, words, _ = machine.run(item)
        assert (0 if words is None else words.size) == item.out_words
        if words is not None:
            packets.append(words)
    (outputs,) = unpack(program, packets)
    return outputs
