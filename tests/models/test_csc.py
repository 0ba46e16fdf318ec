"""EIE's format: scipy.sparse as the oracle, properties, edges, and what ``check`` must catch."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from models.formats.base import FormatError
from models.formats.csc import EieCsc, decode, encode, pack_rows, unpack_rows


def draw_matrix(rows: int, cols: int, density: float, seed: int, top: int = 15) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return ((rng.random((rows, cols)) < density) * rng.integers(1, top + 1, (rows, cols))).astype(
        np.uint8
    )


def naive(matrix: np.ndarray, num_pe: int, idx_width: int):
    """The format entry by entry, straight from the text of the contract."""
    top = (1 << idx_width) - 1
    codes, idx, pointers = [], [], []
    for pe in range(num_pe):
        pe_codes, pe_idx, pe_ptr = [], [], [0]
        for column in matrix.T:
            zeros = 0
            for value in column[pe::num_pe].tolist():
                if value == 0:
                    zeros += 1
                    continue
                while zeros > top:
                    pe_codes.append(0)
                    pe_idx.append(top)
                    zeros -= top + 1
                pe_codes.append(value)
                pe_idx.append(zeros)
                zeros = 0
            pe_ptr.append(len(pe_codes))
        codes.append(pe_codes)
        idx.append(pe_idx)
        pointers.append(pe_ptr)
    return codes, idx, pointers


def as_lists(csc: EieCsc):
    return [c.tolist() for c in csc.codes], [i.tolist() for i in csc.idx], csc.pointers.tolist()


@given(
    st.integers(1, 90),
    st.integers(1, 8),
    st.sampled_from([0.0, 0.02, 0.1, 0.5, 1.0]),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 2, 3, 4, 16]),
    st.integers(1, 8),
)
def test_encode_equals_the_text_and_decode_inverts(rows, cols, density, seed, num_pe, idx_width):
    matrix = draw_matrix(rows, cols, density, seed)
    csc = encode(matrix, num_pe, idx_width)
    csc.check(full=True)
    assert as_lists(csc) == naive(matrix, num_pe, idx_width)
    assert (decode(csc) == matrix).all()


@pytest.mark.parametrize("num_pe", [1, 4, 64])
@pytest.mark.parametrize("density", [0.01, 0.1, 0.7])
def test_against_scipy(num_pe, density):
    """Without padding the entries of a PE are scipy's CSC data of that PE's rows, in its order."""
    matrix = draw_matrix(300, 40, density, seed=num_pe)
    csc = encode(matrix, num_pe)
    for pe in range(num_pe):
        expected = sparse.csc_matrix(matrix[pe::num_pe])
        real = csc.codes[pe] != 0
        assert (csc.codes[pe][real] == expected.data).all()
        kept = np.concatenate(([0], np.cumsum(real)))[csc.pointers[pe]]
        assert (kept == expected.indptr).all()
    rebuilt = sparse.csc_matrix(decode(csc))
    assert (rebuilt != sparse.csc_matrix(matrix)).nnz == 0
    assert csc.entries.sum() - csc.padding().sum() == rebuilt.nnz


@pytest.mark.parametrize("idx_width", [1, 4, 8])
@pytest.mark.parametrize("extra", [-1, 0, 1])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_runs_at_the_limits(idx_width, extra, times):
    """Runs of k*2^w - 1, k*2^w and k*2^w + 1 zeros, at the top and behind an entry."""
    run = times * (1 << idx_width) + extra
    column = np.array([0] * run + [7] + [0] * run + [9] + [0] * 40, dtype=np.uint8)[:, None]
    csc = encode(column, 1, idx_width)
    pads = run // (1 << idx_width)
    assert csc.codes[0].tolist() == [0] * pads + [7] + [0] * pads + [9]
    top, rest = (1 << idx_width) - 1, run % (1 << idx_width)
    assert csc.idx[0].tolist() == ([top] * pads + [rest]) * 2
    assert csc.padding().tolist() == [2 * pads]
    assert (decode(csc) == column).all()


@pytest.mark.parametrize(
    ("run", "entries"), [(15, ([3], [15])), (16, ([0, 3], [15, 0])), (31, ([0, 3], [15, 15]))]
)
def test_runs_by_hand(run, entries):
    csc = encode(np.array([0] * run + [3])[:, None], 1)
    assert (csc.codes[0].tolist(), csc.idx[0].tolist()) == entries


@pytest.mark.parametrize("run", [32, 33])
def test_two_paddings_in_succession(run):
    csc = encode(np.array([0] * run + [3])[:, None], 1)
    assert csc.codes[0].tolist() == [0, 0, 3]
    assert csc.idx[0].tolist() == [15, 15, run - 32]


EDGES = {
    "one": np.array([[5]]),
    "one_zero": np.array([[0]]),
    "all_zero": np.zeros((40, 6), dtype=int),
    "dense": np.full((33, 5), 15),
    "first_columns_empty": np.pad([[1], [2]], ((0, 0), (3, 0))),
    "last_columns_empty": np.pad([[1], [2]], ((0, 0), (0, 3))),
    "gap_of_empty_columns": np.array([[1, 0, 0, 2], [0, 0, 0, 3]]),
    "empty_rows": np.array([[0], [0], [4], [0], [0]]),
    "only_last_row": np.array([[0]] * 99 + [[1]]),
    "fewer_rows_than_pes": np.array([[1, 2, 3], [4, 0, 6]]),
}


@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize("num_pe", [1, 2, 16])
def test_edges(name, num_pe):
    matrix = EDGES[name]
    csc = encode(matrix, num_pe)
    csc.check(full=True)
    assert as_lists(csc) == naive(matrix, num_pe, 4)
    assert (decode(csc) == matrix).all()
    assert csc.loads().shape == (num_pe, matrix.shape[1])
    assert sum(csc.local_rows(pe) for pe in range(num_pe)) == matrix.shape[0]


def test_size_counts_every_bit_once():
    csc = encode(np.array([0] * 40 + [3])[:, None], 1)
    assert csc.size_bits(16) == {"values": 4, "index": 4, "padding": 16, "pointers": 32}
    total = sum(csc.size_bits(0).values())
    assert total == csc.entries.sum() * 8


def corrupt(csc: EieCsc, field: str, pe: int, at: int, value: int) -> EieCsc:
    """A copy with one number changed."""
    if field == "pointers":
        pointers = csc.pointers.copy()
        pointers[pe, at] = value
        return replace(csc, pointers=pointers)
    parts = [part.copy() for part in getattr(csc, field)]
    parts[pe][at] = value
    changed: dict[str, Any] = {field: tuple(parts)}
    return replace(csc, **changed)


SAMPLE = encode(np.array([[0, 0, 1], [2, 0, 0]] + [[0, 0, 0]] * 40 + [[3, 0, 4], [5, 6, 7]]), 2)


@pytest.mark.parametrize(
    ("field", "pe", "at", "value", "message", "full"),
    [
        ("pointers", 0, 0, 1, r"pointers\[0, 0\]: found 1, need 0", False),
        ("pointers", 1, 1, 9, r"pointers\[1, 1\]: found 9", False),
        ("pointers", 1, 3, 9, r"codes\[1\]: found \d+ entries, need 9", False),
        ("codes", 1, 0, 16, r"codes\[1\]\[0\]: above 15", True),
        ("codes", 1, 2, 0, r"idx\[1\]\[2\]: padding entry without", True),
        ("idx", 0, 0, 16, r"idx\[0\]\[0\]: above 15", True),
        ("idx", 0, 1, 9, r"idx\[0\]\[1\]: row past the slice of 22 rows", True),
        ("idx", 0, 0, 3, r"idx\[0\]\[0\]: padding entry without", True),
    ],
)
def test_check_finds_corruption(field, pe, at, value, message, full):
    SAMPLE.check(full=True)
    bad = corrupt(SAMPLE, field, pe, at, value)
    with pytest.raises(FormatError, match=message):
        bad.check(full=full)


def test_check_finds_trailing_padding_and_missing_pe():
    csc = encode(np.array([[1], [0]]), 1)
    trailing = replace(
        csc,
        codes=(np.array([1, 0], dtype=np.uint8),),
        idx=(np.array([0, 15], dtype=np.uint8),),
        pointers=np.array([[0, 2]]),
    )
    with pytest.raises(FormatError, match="padding entry at the end of a column"):
        trailing.check(full=True)
    with pytest.raises(FormatError, match="found 0 and 1 PEs, need 1"):
        replace(csc, codes=()).check()
    with pytest.raises(FormatError, match="pointers: found shape"):
        replace(csc, pointers=np.zeros((1, 5), dtype=int)).check()


def test_decode_refuses_a_row_past_the_slice():
    with pytest.raises(FormatError, match="row past the slice"):
        decode(corrupt(SAMPLE, "idx", 0, 0, 99))


@given(st.integers(0, 2**32 - 1), st.integers(0, len(SAMPLE.codes[0]) - 1))
def test_no_single_change_goes_unseen(seed, at):
    """Any changed entry is caught by the full check or decodes to another matrix."""
    rng = np.random.default_rng(seed)
    field = ["codes", "idx"][int(rng.integers(2))]
    old = int(getattr(SAMPLE, field)[0][at])
    bad = corrupt(SAMPLE, field, 0, at, old ^ int(rng.integers(1, 16)))
    try:
        bad.check(full=True)
        changed = decode(bad)
    except FormatError:
        return
    assert (changed != decode(SAMPLE)).any()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"codes": np.ones(3, dtype=int)}, "codes: found shape"),
        ({"codes": np.ones((0, 3), dtype=int)}, "codes: found shape"),
        ({"codes": np.ones((2, 3))}, "codes: found dtype float64"),
        ({"codes": [[16]], "code_width": 4}, "codes: found 16..16, need 0..15"),
        ({"codes": [[-1]]}, "codes: found -1"),
        ({"codes": [[256]]}, "code_width: 9"),
        ({"idx_width": 0}, "idx_width: 0"),
        ({"idx_width": 9}, "idx_width: 9"),
        ({"num_pe": 0}, "num_pe: 0"),
    ],
)
def test_encode_refuses(args, message):
    with pytest.raises(ValueError, match=message):
        encode(**({"codes": [[1]], "num_pe": 1} | args))


@given(
    st.integers(0, 70),
    st.sampled_from([2, 4, 8, 16, 32]),
    st.integers(1, 8),
    st.integers(1, 8),
    st.integers(0, 2**32 - 1),
)
def test_rows_hold_entries_where_the_contract_says(count, per_row, code_width, idx_width, seed):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 1 << code_width, count).astype(np.uint8)
    idx = rng.integers(0, 1 << idx_width, count).astype(np.uint8)
    rows = pack_rows(codes, idx, per_row, code_width, idx_width)
    width = code_width + idx_width
    assert rows.shape == (-(-count // per_row), -(-per_row * width // 64))
    numbers = [sum(int(w) << 64 * i for i, w in enumerate(row)) for row in rows]
    for row, number in enumerate(numbers):
        assert number >> (per_row * width) == 0
        for entry in range(per_row):
            at = row * per_row + entry
            want = (int(idx[at]) << code_width | int(codes[at])) if at < count else 0
            assert number >> (entry * width) & ((1 << width) - 1) == want
    back = unpack_rows(rows, per_row, code_width, idx_width)
    assert (back[0][:count] == codes).all()
    assert (back[1][:count] == idx).all()
    assert not back[0][count:].any()


def test_a_full_size_layer_is_fast():
    """Alex-6 of the paper: 9216 x 4096 at 9 %, 64 PEs, under 5 s of processor time."""
    matrix = draw_matrix(4096, 9216, 0.09, seed=0)
    start = time.process_time()
    csc = encode(matrix, 64)
    assert time.process_time() - start < 5
    csc.check(full=True)
    assert (decode(csc) == matrix).all()
