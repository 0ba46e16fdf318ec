"""Regional codebooks: each region by itself, one scale, and the format that stores them."""

from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.formats.bitmap import Bitmap
from models.formats.codebook import Codebook
from models.quantization import codebook, local_codebook, quantize_local, quantize_weights


@settings(max_examples=30)
@given(st.integers(0, 999), st.integers(1, 9), st.integers(1, 9), st.integers(1, 3))
def test_every_region_is_quantized_by_itself(seed, down, right, bits):
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(7, 5)) * (rng.random((7, 5)) < 0.6)
    codes, books = local_codebook(weights, bits, (down, right))
    assert books.shape == (down * right, 1 << bits)
    height, width = -(-7 // down), -(-5 // right)
    for row in range(7):
        for col in range(5):
            region = row // height * right + col // width
            top, left = row // height * height, col // width * width
            part = weights[top : top + height, left : left + width]
            alone, book = codebook(part, bits)
            assert codes[row, col] == alone[row - top, col - left]
            assert (books[region] == book).all()


def test_one_region_is_the_global_codebook():
    weights = np.random.default_rng(1).normal(size=(6, 4, 3, 3))
    here, there = quantize_local(weights), quantize_weights(weights)
    assert (here.codes == there.codes).all()
    assert (here.integers == there.integers).all()
    assert (here.values[0] == there.values).all()
    assert here.exponent == there.exponent
    assert here.regions == (1, 1)


def test_regions_pay_where_weights_that_lie_together_are_alike():
    """The point of local quantization: rows of very different scale share no codebook."""
    rng = np.random.default_rng(2)
    weights = rng.normal(size=(4, 500)) * np.array([[0.01], [0.1], [1], [5]])

    def worst_row(regions):
        codes, books = local_codebook(weights, 3, regions)
        found = books[np.arange(4)[:, None] * regions[0] // 4, codes]
        return (((found - weights) ** 2).mean(axis=1) / (weights**2).mean(axis=1)).max()

    assert worst_row((4, 1)) < 0.1 < worst_row((1, 1))


@pytest.mark.parametrize("regions", [(1, 1), (2, 3), (5, 1)])
def test_the_codebook_format_stores_it_in_as_many_bits(regions):
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(10, 6, 3, 3)) * (rng.random((10, 6, 3, 3)) < 0.3)
    q = quantize_local(weights, bits=4, width=8, regions=regions)
    matrix = q.integers.reshape(10, 54)
    fmt = Codebook(8, Bitmap(4), *regions)
    encoded = fmt.encode(matrix)
    fmt.check(encoded, full=True)
    assert (fmt.decode(encoded, signed=True) == matrix).all()
    assert fmt.size(encoded).tables == regions[0] * regions[1] * 16 * 8
    assert ((matrix == 0) == (weights.reshape(10, 54) == 0)).all()


def test_small_entries_stay_non_zero():
    q = quantize_local([[1e-9, 0.0], [1.0, 0.0]], bits=1, width=8, regions=(2, 1))
    assert q.integers.tolist() == [[1, 0], [64, 0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: local_codebook(np.ones((2, 2)), 4, (0, 1)), r"regions: found \(0, 1\)"),
        (lambda: local_codebook(np.ones((2, 2)), 4, cast(Any, (1,))), "regions: found"),
        (lambda: local_codebook(np.ones(3)), r"weights: found shape \(3,\)"),
        (lambda: quantize_local(np.ones((2, 2)), bits=9), "bits: found 9"),
        (lambda: quantize_local(np.full((2, 2), np.nan)), "NaN"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
