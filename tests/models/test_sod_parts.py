"""Parts of Sparse-on-Dense: words against the formats' own, times against a clocked unit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.sparse_on_dense import SparseOnDenseConfig
from models.sparse_on_dense.config import WgtFormat
from models.sparse_on_dense.decode import _Reading, decode, read_one
from models.sparse_on_dense.pace import durations
from models.sparse_on_dense.parts import (
    Layout,
    Packed,
    encode,
    live_slots,
    marked,
    payload,
)
from tests.models.sod_clock import FORMATS, clock


@st.composite
def builds(draw, formats=(0, 1, 2)):
    """All formats, lanes and shapes of a part."""
    wgt_format, cols = draw(st.sampled_from(formats)), draw(st.sampled_from([4, 8, 16, 32]))
    group_m = draw(st.sampled_from([m for m in (1, 2, 4, 8, 16) if cols % m == 0]))
    return SparseOnDenseConfig(
        rows=draw(st.sampled_from([4, 8, 16])),
        cols=cols,
        wgt_width=draw(st.sampled_from([8, 16])),
        wgt_format=wgt_format,
        num_units=draw(st.sampled_from([1, 2, 4])),
        num_lanes=draw(st.sampled_from([1, 4, 16])) if wgt_format else 1,
        group_n=draw(st.integers(1, group_m)),
        group_m=group_m,
    )


def random_parts(rng, count: int, config: SparseOnDenseConfig, density: float) -> np.ndarray:
    """Random parts with empty rows; N:M groups at random places where the build needs them."""
    shape = (count, *config.part)
    top = 1 << (config.wgt_width - 1)
    parts = rng.integers(-top, top, shape) * (rng.random(shape) < density)
    parts *= rng.random((*shape[:2], 1)) < 0.8
    if config.wgt_format == WgtFormat.NM:
        groups = parts.reshape(*shape[:2], -1, config.group_m)
        order = np.argsort(rng.random(groups.shape), axis=-1)
        parts = np.where(order < config.group_n, groups, 0).reshape(shape)
    return parts


def words_of(packed: Packed) -> list[np.ndarray]:
    return np.split(packed.words, packed.ends)[:-1]


def timed(parts: np.ndarray, packed: Packed, config: SparseOnDenseConfig) -> np.ndarray:
    live = None
    if config.wgt_format == WgtFormat.NM:
        live = live_slots(packed.words, len(parts), config)
    return durations(parts, config, live)


@settings(max_examples=150)
@given(builds(), st.integers(1, 4), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_equal_to_the_formats_one_by_one(config, count, density, seed):
    """Words, their number and the way back; steps where nothing is held, never fewer."""
    parts = random_parts(np.random.default_rng(seed), count, config, density)
    packed = encode(parts, config)
    fmt = config.format
    single = [fmt.words(fmt.encode(part)) for part in parts]
    for found, expected in zip(words_of(packed), single, strict=True):
        assert (found == expected.view("<u8").ravel()).all()
    sizes = np.diff(packed.ends, prepend=0)
    assert (Layout.of(config).words(np.count_nonzero(parts, axis=(1, 2))) == sizes).all()
    assert (decode(packed, config).parts == parts).all()
    steps = [fmt.steps(words, config.part, config.num_lanes) for words in single]
    found = timed(parts, packed, config)
    assert (found >= steps).all()
    assert config.num_lanes > 1 or (found == steps).all()


@settings(max_examples=150)
@given(builds(), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_equal_to_a_clocked_unit(config, density, seed):
    """Every part, held or not; the unit writes what was encoded."""
    parts = random_parts(np.random.default_rng(seed), 3, config, density)
    packed = encode(parts, config)
    latency = FORMATS[config.wgt_format].latency
    for words, part, cycles in zip(
        words_of(packed), parts, timed(parts, packed, config), strict=True
    ):
        weights, last = clock(words.tolist(), config.parameters())
        assert weights == part.tolist()
        assert last == cycles + latency


@pytest.mark.parametrize(
    ("cols", "lanes", "density", "kept"),
    [(32, 4, 0.5, 1), (32, 4, 1.0, 0.7), (8, 16, 0.6, 0.7), (4, 16, 0.9, 0.7)],
)
def test_what_is_stored_while_held_counts(cols, lanes, density, kept):
    """Parts of 32 rows with holds: the words that come meanwhile, up to five, and that a step sees
    two of them, decide about the time.
    """
    config = SparseOnDenseConfig(
        rows=32, cols=cols, wgt_format=1, num_units=1, num_lanes=lanes, wgt_width=16
    )
    rng = np.random.default_rng(2)
    parts = random_parts(rng, 150, config, density) * (rng.random((150, 32, 1)) < kept)
    packed = encode(parts, config)
    found = timed(parts, packed, config) + 4
    single = [clock(words.tolist(), config.parameters())[1] for words in words_of(packed)]
    assert found.tolist() == single


def test_fillers_may_be_anywhere():
    """N:M: the hardware sees slots, so a filler in front of a non-zero changes the time."""
    config = SparseOnDenseConfig(
        rows=4, cols=16, wgt_width=8, wgt_format=2, num_units=4, num_lanes=4, group_m=2
    )
    parts = np.zeros((1, 1, 16), dtype=np.int64)
    parts[0, 0, 1::4] = 7  # slots 1, 5, 9, 13 are full
    packed = encode(parts, config)
    assert live_slots(packed.words, 1, config)[0].nonzero()[0].tolist() == [1, 5, 9, 13]
    assert clock(packed.words.tolist(), config.parameters())[1] == 8
    assert timed(parts, packed, config).tolist() == [4]


def test_rows_of_a_beat_hold_the_decoder():
    """16 lanes, rows of 4: a mask of 16 rows of one non-zero each takes a cycle per row."""
    common = {"rows": 16, "cols": 4, "wgt_format": 1, "num_units": 1, "wgt_width": 8}
    parts = np.zeros((1, 16, 4), dtype=np.int64)
    parts[0, :, 2] = 5
    times = {}
    for lanes in (1, 4, 16):
        config = SparseOnDenseConfig(**common, num_lanes=lanes)
        packed = encode(parts, config)
        times[lanes] = int(timed(parts, packed, config)[0])
        steps = config.format.steps(
            packed.words.astype("<u8").view(np.uint8).reshape(-1, 8), config.part, lanes
        )
        assert (times[lanes] == steps) == (lanes == 1)
    assert times == {1: 18, 4: 18, 16: 18}


def test_the_clock_can_fail():
    """A flipped mask bit, a missing word, a wrong number of lanes are noticed."""
    config = SparseOnDenseConfig(rows=4, cols=8, wgt_format=1, num_units=1, num_lanes=4)
    parts = random_parts(np.random.default_rng(1), 1, config, 0.5)
    packed = encode(parts, config)
    words, p = packed.words.tolist(), config.parameters()
    good = clock(words, p)
    assert good[0] == parts[0].tolist()
    assert clock(words, p | {"NumLanes": 1})[1] > good[1]
    with pytest.raises(AssertionError, match="without end"):
        clock(words[:-1], p)
    words[1] ^= 1
    with pytest.raises(AssertionError):
        assert clock(words, p)[0] == parts[0].tolist()


@given(st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_marks_come_back(size, seed):
    rng = np.random.default_rng(seed)
    ends = np.unique(np.append(rng.integers(1, size + 1, 5), size))
    packed = Packed(rng.integers(0, 1 << 63, size, dtype=np.uint64), ends)
    sent = payload(packed)
    assert sent.size == size + -(-size // 64)
    assert all(int(sent[at]) >> 63 in (0, 1) for at in range(0, sent.size, 65))
    words, marks = marked(sent, size)
    assert (words == packed.words).all()
    assert (np.flatnonzero(marks) + 1 == ends).all()


def test_marks_behind_the_last_word_are_refused():
    sent = payload(Packed(np.ones(3, dtype=np.uint64), np.array([3])))
    sent[0] |= np.uint64(8)
    with pytest.raises(ValueError, match="marks: set behind the last word"):
        marked(sent, 3)


@settings(max_examples=150)
@given(builds(), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_damaged_parts_are_read_as_the_formats_do(config, density, seed):
    """A bit flipped, a field overwritten, words lost or too many: the same weights or fault."""
    rng = np.random.default_rng(seed)
    packed = encode(random_parts(rng, 3, config, density), config)
    single = words_of(packed)
    hit = single[1]
    damage = rng.integers(0, 5)
    at = int(rng.integers(0, hit.size))
    if damage == 0:
        hit[at] ^= np.uint64(1) << np.uint64(rng.integers(0, 64))
    elif damage == 1:
        hit[at] = rng.integers(0, 1 << 63, dtype=np.uint64)
    elif damage == 2 and hit.size > 1:
        single[1] = hit[:-1]
    elif damage == 3:
        single[1] = np.append(hit, np.uint64(rng.integers(0, 2)))
    elif damage == 4:
        hit[0] = np.uint64(rng.integers(0, 2 * config.part[0] * config.cols))
    changed = Packed(np.concatenate(single), np.cumsum([words.size for words in single]))
    fmt = config.format
    tiles = [fmt.read(w.astype("<u8").view(np.uint8).reshape(-1, 8), config.part) for w in single]
    assert tiles[0].error is None and tiles[2].error is None
    if tiles[1].error is None:
        expected = fmt.to_signed(np.array([tile.matrix(config.part) for tile in tiles]))
        assert (decode(changed, config).parts == expected).all()
        return
    fault, pos = tiles[1].error
    with pytest.raises(ValueError, match=f"part 1: {fault.name} at {pos}$"):
        decode(changed, config)


CSC = SparseOnDenseConfig(rows=4, cols=4, num_units=1, wgt_width=8)
SHORT = SparseOnDenseConfig(rows=4, cols=4, num_units=2, wgt_width=8, wgt_format=1)


@pytest.mark.parametrize(
    ("config", "fault", "changes"),
    [
        (CSC, "PLACEHOLDER at 1", {"values": [1, 0, 3]}),
        (CSC, "ORDER at 1", {"cols": [2, 2, 0]}),
        (CSC, "POINTER at 0", {"pointers": [1, 2, 2, 3, 3]}),
        (CSC, "POINTER at 0", {"pointers": [3] * 5, "values": [0] * 3, "cols": [0] * 3}),
        (CSC, "POINTER at 2", {"pointers": [0, 3, 2, 3, 3]}),
        (CSC, "POINTER at 4", {"pointers": [0, 2, 2, 2, 2]}),
        (SHORT, "PLACEHOLDER at 2", {"values": [1, 2, 0]}),
        (SHORT, "INDEX at 0", {"mask": [1, 1] + [0] * 6 + [1]}),
        (SHORT, "COUNT at 2", {"mask": [1, 1] + [0] * 6, "values": [1, 2]}),
    ],
)
def test_each_fault_is_found(config, fault, changes):
    """One array of an encoded part changed, all else as it should be."""
    part = np.zeros(config.part, dtype=np.int64)
    part[0, 0], part[0, 1], part[1, 2] = 1, 2, 3
    fmt = config.format
    good = fmt.encode(part)
    arrays = good.arrays | {name: np.array(values) for name, values in changes.items()}
    if "mask" in changes:
        arrays["mask"] = np.array(changes["mask"], dtype=np.uint8)
    words = fmt.words(replace(good, arrays=arrays)).view("<u8").ravel().astype(np.uint64)
    with pytest.raises(ValueError, match=f"part 0: {fault}"):
        decode(Packed(words, np.array([words.size])), config)
    words = encode(part[None], config)
    assert (decode(words, config).parts[0] == part).all()


@given(builds(), st.integers(0, 2**32 - 1))
def test_good_parts_are_decoded_together(config, seed):
    """Not one by one, which would take long for real layers; and both ways give the same."""
    parts = random_parts(np.random.default_rng(seed), 2, config, 0.5)
    packed = encode(parts, config)
    reading = _Reading(packed, config)
    _, good = (reading.csc, reading.bitmap, reading.nm)[config.wgt_format]()
    assert good.all()
    single = np.array([read_one(packed, number, config) for number in range(2)])
    assert (config.format.to_signed(single) == parts).all()


def test_a_damaged_part_is_refused():
    config = SparseOnDenseConfig(rows=4, cols=4, num_units=1)
    packed = encode(np.ones((2, 4, 4), dtype=np.int64), config)
    packed.words[packed.ends[0]] -= np.uint64(1)
    with pytest.raises(ValueError, match="part 1: POINTER at 4"):
        decode(packed, config)


@pytest.mark.parametrize("wgt_format", list(WgtFormat))
def test_a_pass_that_does_not_compute_has_no_parts(wgt_format):
    config = SparseOnDenseConfig(rows=4, cols=4, wgt_format=wgt_format)
    nothing = Packed(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))
    assert decode(nothing, config).parts.shape == (0, *config.part)
