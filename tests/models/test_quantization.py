"""Codebooks keep zeros apart; fixed point uses its range; all of it repeats by seed."""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.quantization import (
    codebook,
    exponent_for,
    quantize_fixed,
    quantize_weights,
    relative_error,
)
from models.quantization.cluster import clusters, nearest


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 300), st.floats(0, 1))
def test_zero_and_only_zero_is_code_zero(seed, bits, size, density):
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=size) * (rng.random(size) < density)
    codes, centroids = codebook(weights, bits)
    assert centroids.shape == (1 << bits,)
    assert centroids[0] == 0
    assert ((codes == 0) == (weights == 0)).all()
    assert (centroids[codes[codes > 0]] != 0).all()
    used = centroids[1 : codes.max(initial=0) + 1]
    assert (np.diff(used) > 0).all()


def test_every_weight_gets_its_nearest_entry():
    weights = np.random.default_rng(1).normal(size=(50, 40))
    codes, centroids = codebook(weights, 4)
    entries = centroids[1:]
    distance = np.abs(weights[..., None] - entries)
    distance[np.sign(weights)[..., None] != np.sign(entries)] = np.inf
    assert np.allclose(np.abs(weights - centroids[codes]), distance.min(axis=-1))


SHAPES = {
    "normal": lambda rng, n: rng.normal(size=n),
    "cauchy": lambda rng, n: rng.standard_cauchy(n),
    "lognormal": lambda rng, n: rng.lognormal(0, 4, n) * rng.choice([-1, 1], n),
    "positive": lambda rng, n: rng.exponential(size=n),
    "coarse": lambda rng, n: np.rint(rng.normal(size=n) * 20),
    "mostly one value": lambda rng, n: np.where(rng.random(n) < 0.01, rng.normal(size=n), 0.5),
    "far apart": lambda rng, n: rng.normal(size=n) * 10.0 ** rng.integers(-12, 12, n),
}


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(sorted(SHAPES)),
    st.integers(1, 8),
    st.integers(1, 5000),
    st.sampled_from([1e-300, 1e-200, 1.0, 1e200, 1e290]),
)
def test_every_entry_is_used_and_no_sign_is_lost(seed, shape, bits, size, scale):
    weights = SHAPES[shape](np.random.default_rng(seed), size) * scale
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        codes, centroids = codebook(weights, bits)
    distinct = np.unique(weights[weights != 0]).size
    assert np.unique(codes[weights != 0]).size == min(distinct, (1 << bits) - 1)
    if bits > 1:
        assert (np.sign(centroids[codes]) == np.sign(weights)).all()


def test_entries_that_the_refinement_leaves_empty_are_filled():
    for seed in range(60):
        weights = np.random.default_rng(seed).standard_cauchy(1006)
        codes, centroids = codebook(weights, 7)
        assert np.unique(codes).size == 127, seed
        assert (np.sign(centroids[codes]) == np.sign(weights)).all()


@pytest.mark.parametrize("scale", [5e-324, 1e-310, 1e-200, 1.0, 1e200, 1e308])
def test_the_scale_of_the_weights_does_not_matter(scale):
    weights = np.random.default_rng(4).uniform(-1, 1, size=3000)
    codes, _ = codebook(weights, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, _ = codebook(weights * scale, 4)
        quantized = quantize_weights(weights * scale)
    if scale > 1e-300:  # below, the weights themselves are rounded
        assert (found == codes).mean() > 0.999
        assert quantized.used == 15
        assert np.array_equal(quantized.codes, found)


def test_values_too_far_apart_to_square_keep_their_signs():
    weights = np.array([1e308, -1e-308, 5e-324, -1.0, 1.0, 2.0, -3.0])
    codes, centroids = codebook(weights, 2)
    assert (np.sign(centroids[codes]) == np.sign(weights)).all()
    assert np.unique(codes).size == 3


@pytest.mark.parametrize(("sigma", "worst"), [(0, 0.0300), (20, 0.0315), (50, 0.0290)])
def test_an_outlier_does_not_take_the_entries_of_the_others(sigma, worst):
    """A tenth of normal weights kept, 15 values: what dynamic programming on all of them finds."""
    weights = np.append(np.random.default_rng(1).normal(size=23520), sigma)
    weights[np.abs(weights) < np.sort(np.abs(weights))[-2352]] = 0
    codes, centroids = codebook(weights, 4)
    assert np.unique(codes[codes > 0]).size == 15
    assert relative_error(weights, centroids[codes]) < worst
    assert (np.sign(centroids[codes]) == np.sign(weights)).all()


def test_intervals_are_the_best_there_are():
    """Against every way to cut a few values into intervals of one sign."""
    rng = np.random.default_rng(6)
    for _ in range(40):
        values = np.sort(rng.standard_cauchy(10))
        values /= np.abs(values).max()
        turn = np.searchsorted(values, 0)
        cost = {}
        for cuts in itertools.combinations(range(1, 10), 3):
            if 0 < turn < 10 and turn not in cuts:
                continue
            parts = np.split(values, cuts)
            cost[cuts] = sum(((part - part.mean()) ** 2).sum() for part in parts)
        found = clusters(values, 4)
        distance = ((values - found[nearest(values, found)]) ** 2).sum()
        assert distance == pytest.approx(min(cost.values()), abs=1e-12)


def test_few_values_are_kept_exactly():
    weights = np.array([[0.25, 0, -3.5], [7.0, 0.25, 0]])
    codes, centroids = codebook(weights, 4)
    assert (centroids[codes] == weights).all()


def test_better_than_even_steps():
    """K-means beats 15 evenly spaced values on bell-shaped weights."""
    weights = np.random.default_rng(2).normal(size=20000)
    codes, centroids = codebook(weights, 4)
    grid = np.linspace(weights.min(), weights.max(), 15)
    even = np.abs(weights[:, None] - grid).min(axis=1)
    assert ((weights - centroids[codes]) ** 2).mean() < 0.5 * (even**2).mean()


def test_relative_error():
    assert relative_error([0.0, 0.0], [0.0, 0.0]) == 0
    assert relative_error([1e300, -1e300], [0.0, 0.0]) == 1
    assert relative_error([3e-300, 4e-300], [3e-300, 3e-300]) == pytest.approx(0.2)


def test_large_arrays_are_sampled_by_seed():
    weights = np.random.default_rng(3).normal(size=1 << 19)
    first, again = codebook(weights, 4, seed=5), codebook(weights, 4, seed=5)
    assert (first[0] == again[0]).all()
    assert (first[1] == again[1]).all()
    assert (codebook(weights, 4, seed=6)[1] != first[1]).any()


def test_few_values_in_a_large_array():
    """A rare value the sample may miss is kept all the same."""
    weights = np.full(1 << 19, 0.5)
    weights[777] = -2.0
    weights[778] = 0.25
    codes, centroids = codebook(weights, 4)
    assert (centroids[codes] == weights).all()


def test_one_entry_for_both_signs_is_not_zero():
    codes, centroids = codebook(np.array([-1.0, 1.0, 0.0]), bits=1)
    assert centroids[1] != 0
    assert codes.tolist() == [1, 1, 0]


def test_all_zero_and_empty():
    codes, centroids = codebook(np.zeros((3, 2)), 4)
    assert not codes.any()
    assert not centroids.any()
    assert quantize_weights(np.zeros(3)).integers.tolist() == [0, 0, 0]
    assert codebook(np.zeros(0), 4)[0].size == 0


def test_integers_of_small_entries_stay_non_zero():
    q = quantize_weights(np.array([1e-9, -1e-9, 1.0, 0.0]), bits=4, width=8)
    assert q.integers.tolist() == [1, -1, 64, 0]
    assert (q.values[q.codes] == q.integers).all()


@given(
    st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=20),
    st.sampled_from([8, 16]),
)
def test_fixed_point_uses_the_range(values, bits):
    peak = max(abs(v) for v in values)
    if 0 < peak < 1e-200:
        return
    integers, exponent = quantize_fixed(values, bits)
    top = 1 << (bits - 1)
    assert np.abs(integers).max() <= top - 1
    assert np.abs(np.ldexp(integers.astype(float), -exponent) - values).max() <= 2.0**-exponent / 2
    if peak:
        assert np.rint(np.ldexp(peak, exponent + 1)) >= top, "one more bit would have fitted"


def test_a_given_exponent_saturates():
    assert quantize_fixed([1.0, -1.0], 8, exponent=10)[0].tolist() == [127, -128]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: codebook([1.0], 0), "bits: found 0"),
        (lambda: codebook([1.0], 9), "bits: found 9"),
        (lambda: codebook([np.inf], 4), "NaN or infinity"),
        (lambda: quantize_fixed([np.nan], 8), "NaN or infinity"),
        (lambda: exponent_for([1.0], 1), "bits: found 1"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
