"""Coarse and structured granularities against plain loops over every choice."""

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.formats.blockmap import Blockmap
from models.formats.nm import Nm
from models.formats.periodic import Periodic
from models.pruning import GRANULARITIES, mask, prune

SHAPES = st.tuples(*(st.integers(1, n) for n in (3, 3, 3, 3)))
#: few different values, so that equals are common
WEIGHTS = SHAPES.flatmap(
    lambda shape: st.lists(
        st.integers(-3, 3), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))
    ).map(lambda values: np.array(values).reshape(shape))
)
OPTIONS: dict[str, dict[str, Any]] = {
    "fine": {},
    "vector": {},
    "kernel": {},
    "filter": {},
    "block": {"block": (2, 2, 1, 2), "criterion": "maximum"},
    "nm": {"n": 1, "m": 2},
    "periodic": {"period": 3},
}


def grains_of(shape, sides):
    """Index lists of the grains with these sides, in C order."""
    starts = [range(0, size, side) for size, side in zip(shape, sides, strict=True)]
    for corner in product(*starts):
        spans = (
            range(first, min(first + side, size))
            for first, side, size in zip(corner, sides, shape, strict=True)
        )
        yield list(product(*spans))


def whole_grains(weights, density, sides, salience):
    """The oracle: grains sorted by salience, first in C order first; the nearest number stays."""
    grains = list(grains_of(weights.shape, sides))
    ranked = sorted(
        range(len(grains)),
        key=lambda g: (-salience([abs(float(weights[at])) for at in grains[g]]), g),
    )
    kept = np.zeros(weights.shape, dtype=bool)
    share = round(density * weights.size) * len(grains) / weights.size
    for grain in ranked[: round(share)]:
        for at in grains[grain]:
            kept[at] = True
    return kept


def average(values):
    return sum(values) / len(values)


@given(WEIGHTS, st.floats(0, 1))
def test_vectors_kernels_and_filters(weights, density):
    _, channels, rows, cols = weights.shape
    for name, sides in {
        "vector": (1, 1, 1, cols),
        "kernel": (1, 1, rows, cols),
        "filter": (1, channels, rows, cols),
    }.items():
        want = whole_grains(weights, density, sides, sum)
        assert (mask(weights, density, name) == want).all(), name


@given(WEIGHTS, st.floats(0, 1), st.tuples(*[st.integers(1, 4)] * 4), st.sampled_from(["a", "m"]))
def test_blocks(weights, density, sides, which):
    criterion, salience = {"a": ("average", average), "m": ("maximum", max)}[which]
    got = mask(weights, density, "block", block=sides, criterion=criterion)
    assert (got == whole_grains(weights, density, sides, salience)).all()


@given(st.integers(0, 999), st.floats(0, 1), st.integers(1, 5), st.integers(1, 5))
def test_blocks_of_a_matrix_and_of_a_convolution_with_two_sides(seed, density, down, right):
    weights = np.random.default_rng(seed).normal(size=(7, 6))
    got = mask(weights, density, "block", block=(down, right))
    assert (got == whole_grains(weights, density, (down, right), average)).all()
    as_conv = mask(weights[:, :, None, None], density, "block", block=(down, right))
    assert (as_conv[:, :, 0, 0] == got).all()


def test_average_and_maximum_differ_as_they_should():
    weights = np.array([[9, 0, 0, 0, 3, 3, 3, 3]])
    assert mask(weights, 0.5, "block", block=(1, 4))[0, 4]
    assert mask(weights, 0.5, "block", block=(1, 4), criterion="maximum")[0, 0]


@given(WEIGHTS, st.floats(0, 1), st.integers(1, 5), st.integers(1, 5))
def test_nm_against_every_group(weights, density, n, m):
    n, m = min(n, m), max(n, m)
    rows = weights.reshape(len(weights), -1)
    allowed = set()
    for row, values in enumerate(rows):
        for start in range(0, values.size, m):
            group = range(start, min(start + m, values.size))
            allowed |= {(row, col) for col in sorted(group, key=lambda c: -abs(values[c]))[:n]}
    keep = round(density * weights.size)
    if keep > len(allowed):
        with pytest.raises(ValueError, match=f"{n}:{m} holds at most .*[(]{len(allowed)}[)]"):
            mask(weights, density, "nm", n=n, m=m)
        keep, density = len(allowed), len(allowed) / weights.size
    got = mask(weights, density, "nm", n=n, m=m).reshape(rows.shape)
    want = sorted(allowed, key=lambda at: (-abs(rows[at]), at))[:keep]
    assert set(zip(*(axis.tolist() for axis in np.nonzero(got)), strict=True)) == set(want)


@settings(max_examples=60)
@given(WEIGHTS, st.integers(1, 4), st.data())
def test_no_other_patterns_keep_more(weights, period, data):
    """All sets of patterns are tried: none retains a greater sum of magnitudes."""
    places = weights.shape[2] * weights.shape[3]
    kss = data.draw(st.integers(1, places))
    flat = np.abs(weights).reshape(-1, places)
    got = mask(weights, kss / places, "periodic", period=period, kss=kss).reshape(flat.shape)
    assert got.sum() == kss * len(flat)
    for phase in range(min(period, len(flat))):
        mine = flat[phase::period]
        best = max(combinations(range(places), kss), key=lambda c: mine[:, list(c)].sum())
        pattern = got[phase::period]
        assert (pattern == pattern[0]).all()
        assert np.flatnonzero(pattern[0]).tolist() == list(best), "equals: the first places"


@given(st.integers(0, 999), st.floats(0, 1), st.integers(1, 5))
def test_a_density_below_the_patterns_drops_the_smallest(seed, density, period):
    weights = np.random.default_rng(seed).normal(size=(4, 3, 3, 3))
    keep = round(density * weights.size)
    got = mask(weights, density, "periodic", period=period)
    assert got.sum() == keep
    full = mask(weights, -(-keep // 12) / 9, "periodic", period=period) if keep else got
    assert not (got & ~full).any()
    if keep and (full & ~got).any():
        assert np.abs(weights[got]).min() >= np.abs(weights[full & ~got]).max()


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_every_granularity(name):
    """None and all of the weights, no weights, density reached, dtype, shape and a matrix."""
    assert set(OPTIONS) == set(GRANULARITIES)
    options = OPTIONS[name]
    weights = np.random.default_rng(5).normal(size=(6, 4, 3, 2)).astype(np.float32)
    most = {"nm": 0.5}.get(name, 1.0)
    assert not mask(weights, 0, name, **options).any()
    assert mask(weights, most, name, **options).mean() == most
    assert mask(np.zeros((0, 4, 3, 3)), 0.0, name, **options).shape == (0, 4, 3, 3)
    grain = {"vector": 2, "kernel": 6, "filter": 24, "block": 8}.get(name, 1)
    for density in np.linspace(0, most, 23):
        kept = mask(weights, density, name, **options)
        assert kept.shape == weights.shape
        assert abs(kept.sum() - round(density * weights.size)) <= grain / 2
    assert prune(weights, 0.4, name, **options).dtype == weights.dtype
    if name != "block":
        matrix = mask(weights[:, :, 0, 0], 0.5, name, **options)
        assert (matrix == mask(weights[:, :, :1, :1], 0.5, name, **options)[:, :, 0, 0]).all()


def test_the_formats_hold_what_the_granularities_promise():
    weights = np.random.default_rng(6).integers(-99, 100, size=(16, 8, 3, 3))
    pairs = prune(weights, 0.5, "nm").reshape(16, 72)
    assert Nm(8).size(Nm(8).encode(pairs)).padding == 0
    patterns = prune(weights, 4 / 9, "periodic", period=5, kss=4).reshape(128, 9)
    encoded = Periodic(8, kss=4).encode(patterns)
    assert encoded["period"][0] == 5
    kernels = prune(weights, 0.25, "kernel").reshape(16, 72)
    assert Blockmap(8, 1, 9).encode(kernels).count == 32


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("vector", {"shape": (5,)}, r"weights: found shape \(5,\), need \[K, C\] or"),
        ("block", {"block": (2, 2, 2)}, r"block: found \(2, 2, 2\), need 2 or 4 sides"),
        ("block", {"block": (0, 2)}, "need integers from 1"),
        ("block", {"block": (1.5, 2)}, "need integers from 1"),
        ("block", {"criterion": "median"}, "criterion: found 'median', allowed: average, maximum"),
        ("nm", {"n": 5, "m": 4}, "found 5:4"),
        ("nm", {"n": 0, "m": 4}, "found 0:4"),
        ("nm", {"n": 1, "m": 4}, "density: found 0.5 .*, 1:4 holds at most 0.25"),
        ("periodic", {"period": 0}, "period: found 0"),
        ("periodic", {"kss": 10}, r"kss: found 10, allowed 1..9"),
        ("periodic", {"kss": 4}, "kss 4 of 9 holds at most 0.4444"),
    ],
)
def test_refusals(name, options, message):
    shape = options.pop("shape", (4, 4, 3, 3))
    with pytest.raises(ValueError, match=message):
        mask(np.ones(shape), 0.5, name, **options)
