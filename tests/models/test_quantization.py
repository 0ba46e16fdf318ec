"""Codebooks keep zeros apart; fixed point uses its range; all of it repeats by seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.quantization import codebook, exponent_for, quantize_fixed, quantize_weights


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
    nearest = np.abs(weights[..., None] - entries).min(axis=-1)
    assert np.allclose(np.abs(weights - centroids[codes]), nearest)


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
