"""Pruning keeps exactly what it says, the largest first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pruning import GRANULARITIES, granularity, largest, mask, prune


@given(
    st.lists(st.integers(-5, 5), min_size=1, max_size=60),
    st.floats(0, 1),
)
def test_fine_keeps_the_count_and_the_largest(values, density):
    weights = np.array(values)
    keep = mask(weights, density)
    assert keep.sum() == round(density * weights.size)
    if keep.any() and not keep.all():
        assert np.abs(weights[keep]).min() >= np.abs(weights[~keep]).max()
    pruned = prune(weights, density)
    assert pruned.dtype == weights.dtype
    assert (pruned[keep] == weights[keep]).all()
    assert not pruned[~keep].any()


def test_ties_go_to_the_first():
    assert mask(np.full((2, 3), -7.0), 0.5).tolist() == [[True, True, True], [False] * 3]
    assert largest(np.array([1.0, 2.0, 1.0, 1.0]), 3).tolist() == [True, True, True, False]


def test_shape_is_kept_and_large_arrays_work():
    weights = np.random.default_rng(0).normal(size=(64, 32, 3, 3))
    assert np.count_nonzero(prune(weights, 0.1)) == round(0.1 * weights.size)


def test_a_granularity_is_one_function():
    @granularity("rows_for_test")
    def rows(magnitude, keep):
        count = keep // magnitude.shape[1]
        return np.broadcast_to(largest(magnitude.sum(axis=1), count)[:, None], magnitude.shape)

    try:
        pruned = prune(np.array([[1, 1], [5, 0], [2, 2]]), 0.7, "rows_for_test")
        assert pruned.tolist() == [[0, 0], [5, 0], [2, 2]]
        with pytest.raises(ValueError, match="registered twice"):
            granularity("rows_for_test")(rows)
    finally:
        del GRANULARITIES["rows_for_test"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (([1.0], 1.5), "density: found 1.5"),
        (([1.0], float("nan")), "density: found nan"),
        (([1.0], 0.5, "odd"), "granularity: found 'odd', known: .*fine"),
        (([np.nan], 0.5), "NaN"),
        (([1.0], -0.1), "density: found -0.1"),
    ],
)
def test_refusals(args, message):
    with pytest.raises(ValueError, match=message):
        prune(*args)


def test_an_unknown_option_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match="m: no option of 'fine', known: none"):
        prune(np.ones((2, 2)), 0.5, "fine", m=4)
    with pytest.raises(ValueError, match="size: no option of 'block', known: block, criterion"):
        prune(np.ones((2, 2)), 0.5, "block", size=4)


def test_largest_refuses_a_count_past_the_end():
    with pytest.raises(ValueError, match="keep: found 3"):
        largest(np.ones(2), 3)
