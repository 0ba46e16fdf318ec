"""Rounding, saturation and ReLU against exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fixed import fits, limits, requant, saturate


def oracle(acc: int, shift: int, width: int, relu: bool) -> int:
    """The definition in exact rational arithmetic."""
    value = Fraction(acc, 2**shift)
    away = int(abs(value) + Fraction(1, 2))  # truncation after adding a half: ties away from zero
    result = away if value >= 0 else -away
    low, high = -(2 ** (width - 1)), 2 ** (width - 1) - 1
    result = min(max(result, low), high)
    return 0 if relu and result < 0 else result


@given(
    st.lists(st.integers(-(2**47), 2**47 - 1), min_size=1, max_size=8),
    st.integers(0, 47),
    st.sampled_from([8, 16]),
    st.booleans(),
)
def test_requant_is_exact(accs, shift, width, relu):
    expected = [oracle(acc, shift, width, relu) for acc in accs]
    assert requant(accs, shift, width, relu).tolist() == expected


@pytest.mark.parametrize("shift", [1, 2, 7])
def test_ties_go_away_from_zero(shift):
    half = 1 << (shift - 1)
    assert requant([half, -half, half - 1, 1 - half], shift).tolist() == [1, -1, 0, 0]


def test_both_rails_are_reached():
    top = 32767
    assert requant([top, top + 1, -top - 1, -top - 2], 0).tolist() == [top, top, -top - 1, -top - 1]
    assert saturate([10**9, -(10**9)], 8).tolist() == [127, -128]


def test_limits_and_fits():
    assert limits(16) == (-32768, 32767)
    assert fits([], 8)
    assert fits([-128, 127], 8)
    assert not fits([128], 8)
    assert not fits([-129], 8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: requant([1], -1), "shift: -1"),
        (lambda: requant([1], 62), "shift: 62"),
        (lambda: requant([np.int64(2**62)], 1), "acc: "),
        (lambda: limits(0), "width: 0"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
