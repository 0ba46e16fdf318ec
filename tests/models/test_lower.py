"""Layers of any geometry on every design: exact in the model, counted, told."""

from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from models import lower, registry
from models.golden import accumulate, golden
from models.layer import Layer
from models.program import Program
from tests.models import scnn_cases
from tests.models.test_golden import any_geometry, looped

RNG = np.random.default_rng(17)


def made(name, outs, depth, taps, size, groups=1, batch=1, **geometry):
    """A layer with about half of its weights, and of its activations."""
    weights = RNG.integers(-3, 4, (outs, depth, *taps)) * (RNG.random((outs, depth, *taps)) < 0.6)
    acts = RNG.integers(0, 9, (batch, depth * groups, *size))
    bias = RNG.integers(-20, 20, outs)
    acts[RNG.random(acts.shape) < 0.4] = 0
    return Layer(weights, acts, bias=bias, shift=1, groups=groups, name=name, **geometry)


#: Geometries that networks have: what no design has of its own, and what some do.
FAMILY = {
    one.name: one
    for one in (
        made("same_even", 5, 3, (2, 2), (6, 5), padding=(0, 1, 0, 1)),
        made("same_stride", 4, 3, (3, 3), (8, 8), padding=(0, 1, 0, 1), stride=2),
        made("inception_1x7", 6, 4, (1, 7), (5, 9), padding=(0, 0, 3, 3)),
        made("inception_7x1", 6, 4, (7, 1), (9, 5), padding=(3, 3, 0, 0)),
        made("depthwise", 12, 1, (3, 3), (9, 9), groups=12, padding=1, stride=2),
        made("depthwise_same", 6, 1, (3, 3), (8, 8), groups=6, padding=(0, 1, 0, 1), stride=2),
        made("multiplier", 8, 1, (3, 3), (5, 5), groups=4, padding=1),
        made("dilated", 5, 3, (3, 3), (9, 9), dilation=2, padding=2),
        made("dilated_stride", 4, 2, (3, 2), (11, 9), dilation=(4, 3), stride=(2, 1), padding=3),
        made("groups", 8, 3, (3, 3), (6, 6), groups=4, padding=1, batch=2),
        made("grouped_1x1", 8, 2, (1, 1), (1, 1), groups=4, batch=3),
        made("conv1d", 6, 4, (1, 5), (1, 20), stride=(1, 2), padding=(0, 0, 2, 2)),
        made("stride_2_1", 6, 3, (3, 3), (9, 8), stride=(2, 1), padding=1),
        made("stride_1_3", 4, 2, (2, 5), (6, 11), stride=(1, 3)),
        made("stride_4_6", 3, 2, (3, 3), (14, 15), stride=(4, 6)),
        made("everything", 6, 2, (3, 2), (9, 9), groups=3, stride=(2, 1), dilation=(1, 2),
             padding=(1, 2, 0, 3), batch=2),
    )
}  # fmt: skip


#: Builds that an interpreter in Python gets through.
BUILDS: dict[str, dict[str, Any]] = {
    "eie": {"num_pe": 4},
    "dense": {"rows": 4, "cols": 4},
    "sparse_on_dense": {"rows": 4, "cols": 4},
    "scnn": scnn_cases.SMALL,
    "sps": {"rows": 4, "cols": 4},
    "flexflow_pro": {"rows": 4, "cols": 4},
    "cambricon_se": {"cores": 2, "pes": 2, "lanes": 2, "window": 8, "code_row": 8},
}


DENSE = registry.design("dense").config(**BUILDS["dense"])


def interpreted(program: Program, config: Any) -> list[NDArray[np.uint64]]:
    """Result packets of a program by the reader of the design's contract, no code of its model."""
    module = import_module(f"tests.models.{program.design}_interpreter")
    machine = (module.Interpreter if program.design == "scnn" else module.Machine)(config)
    packets = []
    for one in program.passes:
        words = machine.run(one)
        words = words[1] if program.design == "scnn" else words
        packets += [] if words is None else [np.array(words, dtype=np.uint64)]
    return packets


@pytest.mark.parametrize("name", FAMILY)
@pytest.mark.parametrize("design", registry.DESIGNS)
def test_every_design_takes_every_geometry(design: str, name: str) -> None:
    """Exact, one program, told; cycles and counters are the sum of those of the parts."""
    model, layer = registry.design(design), FAMILY[name]
    config = model.holding([layer], model.config(**BUILDS[design]))
    program = model.compile(layer, config)
    (found,) = model.unpack(program, interpreted(program, config))
    assert np.array_equal(found, golden(layer, config.act_width))
    assert np.unique(found).size > 2, "something was computed"
    parts = lower.plain_layers(layer, program)
    assert all(lower.takes(part, model.geometry) for part in parts)
    assert bool(lower.how(program)) != lower.takes(layer, model.geometry)
    apart = [one for part in parts for one in model.cycles(model.compile(part, config), config)]
    predicted = model.cycles(program, config)
    assert [one.counters for one in predicted] == [one.counters for one in apart]
    assert [one.compute for one in predicted] == [one.compute for one in apart]


@settings(deadline=None)
@given(any_geometry())
def test_parts_put_together_are_the_layer(layer):
    expected = looped(layer)
    for way in (lower.Way(), lower.Way(1, True), lower.Way(2, False), lower.Way(3, True)):
        for own in ((), ("padding",), ("stride", "dilation")):
            found = np.full(expected.shape, 1 << 40)
            for part in lower.lower(layer, way, own):
                assert lower.takes(part.layer, own)
                assert (found[:, part.k, part.rows, part.cols] == 1 << 40).all(), "once only"
                found[:, part.k, part.rows, part.cols] = accumulate(part.layer)
            assert (found == expected).all()


# ---------------------------------------------------------------- which way


def depthwise(groups: int, size: int = 12, **more: Any) -> Layer:
    return made("dw", groups, 1, (3, 3), (size, size), groups=groups, padding=1, **more)


def cost(design: str, layer: Layer, way: lower.Way) -> int:
    """Cycles of computing and words of a layer that is lowered so, all of it."""
    model = registry.design(design)
    config = model.holding([layer], model.config(**BUILDS[design]))
    total = 0
    for part in lower.lower(layer, way, model.geometry):
        program = model.compile(part.layer, config)
        total += sum(int(one.compute) for one in model.cycles(program, config))
        total += sum(program.words.values())
    return total


@pytest.mark.parametrize("design", registry.DESIGNS)
def test_the_way_that_is_chosen_is_about_the_cheapest(design: str) -> None:
    """Of the whole layer, not of the estimate; groups one by one are dearer everywhere."""
    model, layer = registry.design(design), depthwise(24)
    config = model.holding([layer], model.config(**BUILDS[design]))
    way = lower.choose(model, layer, config, model.geometry)
    found = {size: cost(design, layer, lower.Way(size)) for size in (1, 2, 4, 8, 16, 24)}
    assert way.bundle in found
    assert found[way.bundle] <= 1.1 * min(found.values())
    assert found[way.bundle] < found[1]


def test_an_array_takes_as_many_groups_as_it_has_rows_a_sparse_design_all() -> None:
    layer = depthwise(32)
    for design, bundle in (("dense", 4), ("eie", 32)):
        model = registry.design(design)
        assert lower.choose(model, layer, model.config(**BUILDS[design])).bundle == bundle


def test_a_large_dilation_goes_by_phases_where_zeros_take_time() -> None:
    layer = made("atrous", 4, 4, (3, 3), (24, 24), dilation=6, padding=6)
    assert lower.choose(registry.design("dense"), layer, DENSE).phases
    assert cost("dense", layer, lower.Way(1, True)) < cost("dense", layer, lower.Way()) / 4


def test_a_kernel_that_would_be_vast_is_not_stuffed() -> None:
    layer = made("vast", 8, 8, (3, 3), (299, 299), dilation=149)
    assert [way.phases for some in lower.ways(layer, ()) for way in some] == [True]
    near = replace(layer, dilation=(2, 2))
    assert [way.phases for some in lower.ways(near, ()) for way in some] == [False, True]
    parts = lower.lower(layer, lower.choose(registry.design("dense"), layer, DENSE))
    assert len(parts) == 1 and parts[0].layer.weights.shape == layer.weights.shape


def test_a_bundle_that_a_build_cannot_compile_is_not_taken() -> None:
    """Two groups at a time are refused here: it stays with one, and the compiler says what is
    wrong where that fails, too.
    """

    class Narrow:
        def compile(self, layer: Layer, config: Any) -> Program:
            if layer.channels > config:
                raise ValueError("channels: too many")
            return registry.design("dense").compile(layer, DENSE)

        cycles = staticmethod(lambda program, _: registry.design("dense").cycles(program, DENSE))

    layer = depthwise(8)
    assert lower.choose(Narrow(), layer, 1).bundle == 1
    assert lower.choose(Narrow(), layer, 0) == lower.Way()
    bias = replace(layer, bias=np.full(8, 1 << 40))
    with pytest.raises(ValueError, match="bias: layer 'dw'"):
        registry.design("dense").compile(bias, DENSE)


def test_what_was_done_is_told() -> None:
    layer = replace(FAMILY["everything"], name="x")
    text = lower.told(layer, lower.Way(2, True), (), 6)
    assert text == (
        "3 groups block-diagonal, 2 at a time, dilation (1, 2) as one layer for each phase, stride "
        "(2, 1) as pixels that become channels, padding (1, 2, 0, 3) as zeros of the input: 6 "
        "layers of plain geometry"
    )
    assert "groups" not in lower.told(FAMILY["stride_2_1"], lower.Way(), (), 1)
    assert "as one block-diagonal layer" in lower.told(layer, lower.Way(3), (), 1)


@pytest.mark.parametrize("design", registry.DESIGNS)
def test_footprint_and_packets_of_parts(design: str) -> None:
    model, layer = registry.design(design), FAMILY["groups"]
    config = model.holding([layer], model.config(**BUILDS[design]))
    program = model.compile(layer, config)
    assert all(model.footprint(layer, config, program)[name] > 0 for name in ("weights",))
    packets = interpreted(program, config)
    with pytest.raises(ValueError, match=rf"packets: found 0, need {len(packets)}"):
        model.unpack(program, [])


def test_a_design_names_geometry_that_there_is() -> None:
    with pytest.raises(ValueError, match="geometry: found colour, allowed stride, padding, dila"):
        replace(registry.design("dense"), geometry=frozenset({"colour"}))
