"""Memories, bits and builds of SCNN."""

from dataclasses import fields
from typing import Any

import numpy as np

from models.layer import Layer
from models.memories import moved
from models.names import camel
from models.scnn import ScnnConfig, compile, cycles
from models.scnn.builds import BUILDS
from models.scnn.footprint import footprint
from models.scnn.memories import memories
from tests.models.scnn_cases import small


def test_sizes_of_the_paper():
    """Activation memories of 10 KB with their runs; 32 banks of 32 entries in two sets a PE."""
    kinds = memories(ScnnConfig())
    assert kinds["act"].bank_bits == 10 * 1024 * 8
    assert kinds["psum"].bits == 64 * 2 * 32 * 32 * 24
    assert ScnnConfig().multipliers == 1024


def test_builds_have_as_many_multipliers():
    names = {camel(field.name): field.name for field in fields(ScnnConfig)}
    for changes in (BUILDS[name] for name in ("default", "8x8", "4x256")):
        named: dict[str, Any] = {names[name]: value for name, value in changes.items()}
        config = ScnnConfig(**named)
        assert config.multipliers == 1024
        assert memories(config)["act"].bits == memories(ScnnConfig())["act"].bits
        assert memories(config)["psum"].bits == memories(ScnnConfig())["psum"].bits


def test_bits_of_a_layer():
    """Each weight and activation once, however many passes there are, and no more than moves."""
    rng = np.random.default_rng(1)
    weights = rng.integers(1, 9, (8, 4, 3, 3)) * (rng.random((8, 4, 3, 3)) < 0.5)
    acts = rng.integers(1, 9, (2, 4, 20, 20)) * (rng.random((2, 4, 20, 20)) < 0.5)
    layer = Layer(weights, acts, padding=1)
    config = small(wgt_depth=4096)
    program = compile(layer, config)
    assert len(program.passes) > 4
    bits = footprint(layer, config, program)
    entry = 20
    assert 1 < bits["activations"] / (np.count_nonzero(acts) * entry) < 1.6
    assert 1 < bits["weights"] / (np.count_nonzero(weights) * entry) < 2.5
    assert 0 < bits["accumulators"] <= memories(config)["psum"].bits
    for one in cycles(program, config):
        found = moved(one.counters, memories(config))
        assert found["psum"]["reads"] == found["psum"]["writes"] > 0
