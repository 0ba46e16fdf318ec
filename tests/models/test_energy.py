"""Energies worked out by hand, and tables that are refused by file, key, value and what is allowed.

The table: 32-bit add 0.1 pJ, 32-bit multiply 3.1 pJ, 32 bits of a 2^18-bit memory 5 pJ, 32 bits of
DRAM 640 pJ. A memory of 2^18 bits costs its width alone, one of 2^16 bits half, one of 2^20 twice.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from models import registry
from models.dense import DenseConfig
from models.eie import EieConfig
from models.energy import TABLE, EnergyTable, energy
from models.memories import Memory
from models.socket import COUNTERS
from scripts.measure.records import LayerRun

#: Accesses that differ from class to class, reads from writes.
COUNTED = {
    "mac_useful": 100,
    "wgt_reads": 30,
    "wgt_writes": 10,
    "act_reads": 50,
    "act_writes": 6,
    "psum_reads": 70,
    "psum_writes": 8,
    "cycles_compute": 50,
    "mac_slots": 1600,
}
#: 14 words of 64 bits: 28 times 32 bits.
STREAMED = {"wgt": 9, "act": 3, "out": 2}
DRAM = 28 * 640.0


def estimated(design: str, config, **counted: int) -> dict[str, float]:
    """``energy_pj`` of a record with these counters."""
    counters = {name: 0 for name, _ in COUNTERS} | COUNTED | counted
    made = LayerRun(
        design=design,
        config=asdict(config),
        workload="w",
        layer="l",
        shape=[1, 1, 1, 1],
        weight_density=1.0,
        activation_density=1.0,
        samples=1,
        passes=1,
        compared=1,
        different=0,
        first_difference="",
        counters=counters,
        counter_errors=[],
        causes={},
        cycles_model=50,
        busy_per_pe=[1],
        balance=(1, 1),
        simulator="none",
        sim_seconds=0.0,
        sim_cycles_per_second=0.0,
        stream_words=STREAMED,
        memories=registry.design(design).memories(config),
        energies=EnergyTable.load(),
    )
    return made.record()["energy_pj"]


def test_eie_by_hand():
    """16 x 16 bits into 32; each memory of a PE by itself."""
    config = EieConfig(
        num_pe=4,
        acc_width=32,
        spmat_width=64,
        spmat_depth=16384,  # 2^20 bits
        ptr_width=16,
        ptr_depth=32768,  # two banks of 2^18 bits
        act_depth=4096,  # 2^16 bits
        act_regs=512,  # 2^14 bits
    )
    found = estimated("eie", config, slot_padding=20, idx_reads=40, idx_writes=4)
    assert found == {
        "mac": 105.0,  # (100 useful + 20 padding) * (3.1 / 4 + 0.1)
        "wgt": 800.0,  # (30 + 10) * 5 * 64/32 * 2
        "idx": 110.0,  # (40 + 4) * 5 * 16/32
        "act": 70.0,  # (50 + 6) * 5 * 16/32 / 2
        "psum": 97.5,  # (70 + 8) * 5 / 4
        "dram": DRAM,
    }


def test_dense_by_hand():
    """8 x 16 bits into 32 on 4 x 8 PEs; a word is a row of weights, a column of activations."""
    config = DenseConfig(
        rows=4,
        cols=8,
        act_width=8,
        acc_width=32,
        wgt_depth=2048,  # of 8 * 16 bits: 2^18
        act_depth=2048,  # of 4 * 8 bits: 2^16
        acc_depth=2048,  # of 32 bits: 2^16
    )
    assert estimated("dense", config, slot_padding=300) == {
        "mac": 195.0,  # (100 useful + 300 with a zero) * (3.1 / 8 + 0.1)
        "wgt": 800.0,  # (30 + 10) * 5 * 128/32
        "act": 140.0,  # (50 + 6) * 5 / 2
        "psum": 195.0,  # (70 + 8) * 5 / 2
        "dram": DRAM,
    }


def test_every_count_is_paid_for():
    """One more of anything costs what one costs, nothing else moves."""
    table = EnergyTable.load()
    kinds = {"wgt": Memory(32, 8192), "act": Memory(16, 4 * 16384)}
    none = {f"{name}_{way}": 0 for name in kinds for way in ("reads", "writes")}

    def cost(multiplies: int = 0, bits: int = 0, **counts: int) -> dict[str, float]:
        return energy(none | counts, kinds, (16, 16, 32), multiplies, bits, table)

    nothing = {"mac": 0.0, "wgt": 0.0, "act": 0.0, "dram": 0.0}
    assert cost() == nothing
    for way in ("reads", "writes"):
        assert cost(**{f"wgt_{way}": 1}) == nothing | {"wgt": 5.0}
        assert cost(**{f"act_{way}": 1}) == nothing | {"act": 5.0}  # half as wide, 4 times as large
    assert cost(multiplies=1) == nothing | {"mac": pytest.approx(0.875)}
    assert cost(bits=64) == nothing | {"dram": 1280.0}


GOOD = TABLE.read_text(encoding="utf-8")
#: (text of the table in place of which other text, message)
REFUSED = {
    "nan": ("add = 0.1 ", "add = nan ", "operation.add: found nan, need a number above 0"),
    "inf": ("add = 0.1 ", "add = inf ", "operation.add: found inf, need a number above 0"),
    "true": ("add = 0.1 ", "add = true ", "operation.add: found True, need a number above 0"),
    "text": ("add = 0.1 ", "add = '1' ", "operation.add: found '1', need a number above 0"),
    "below": ("access = 5.0", "access = -5.0", "sram.access: found -5.0, need a number above 0"),
    "zero": ("bits = 262144", "bits = 0", "sram.bits: found 0, need a number above 0"),
    "tiny": ("bits = 262144", "bits = 1e-300", "sram.bits: found 1e-300, need a number above 0"),
    "huge": ("access = 5.0", "access = 1e300", "sram.access: found 1e+300, need a number"),
    "missing": ("access = 640.0", "", "dram.access: found nothing, need a number above 0"),
    "misspelt": (
        "access = 640.0",
        "access = 640.0\nacces = 5",
        "dram.acces: found an unknown key, known: width, access",
    ),
    "part": ("[dram]", "[ddr]", "ddr: found an unknown key, known: source, operation, sram, dram"),
    "source": ('"EIE, ISCA 2016, table I (45 nm)"', "3", "source: found 3, need text"),
}


def refused(tmp_path: Path, content: bytes) -> str:
    """What is said of a table, behind the name of its file."""
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(f"{path}: ")) as caught:
        EnergyTable.load(path)
    return str(caught.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_is_refused_by_key_value_and_what_is_allowed(tmp_path, name):
    old, new, message = REFUSED[name]
    assert GOOD.count(old) == 1
    assert refused(tmp_path, GOOD.replace(old, new).encode()).startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"operation = 3\n", "operation: found 3, need a table of width, add, multiply"),
        (b"operation = [1]\n", "operation: found [1], need a table of width, add, multiply"),
        (b"", "operation: found nothing, need a table of width, add, multiply"),
        (b"\xff\xfe", "'utf-8' codec"),
        (b"operation", "Expected"),
        (b"a = " + b"9" * 5000, "Exceeds the limit"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_name(tmp_path, content, message):
    assert refused(tmp_path, content).startswith(message)


def test_a_table_says_where_it_is_from(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(GOOD.replace("EIE, ISCA 2016, table I (45 nm)", "a newer process"))
    assert EnergyTable.load(mine).label == f"{mine}: a newer process"
    mine.write_text("\n".join(line for line in GOOD.splitlines() if "source" not in line))
    assert EnergyTable.load(mine).label == str(mine)


_TOKENS = [
    *(b"=", b"[", b"]", b'"', b"'", b"\n", b"{", b"}", b".", b"nan", b"inf", b"1e999", b"-0"),
    *(b"true", b"1979-05-27", b'"""', b"\xff", b"[[sram]]", b"sram.x=1", b"9" * 5000, b"[" * 3000),
    *(b"a." * 2000 + b"b=1", b"\r", b"\0", b",", b'"a\\nb"=1\n', b"x" * 900 + b"=1\n"),
]


def test_damaged_tables_are_refused_in_one_line(tmp_path):
    good, draw, path = TABLE.read_bytes(), np.random.default_rng(1), tmp_path / "e.toml"
    taken = 0
    for number in range(1000):
        data = bytearray(good)
        for _ in range(draw.integers(1, 4)):
            at = int(draw.integers(max(1, len(data))))
            how = draw.integers(4)
            if how == 0:
                data[at : at + 1] = bytes([draw.integers(256)])
            elif how == 1:
                del data[at : at + int(draw.integers(1, 60))]
            elif how == 2:
                data[at : at + int(draw.integers(3))] = _TOKENS[draw.integers(len(_TOKENS))]
            else:
                del data[at:]
        path.write_bytes(data)
        text = ""
        try:
            EnergyTable.load(path)
            taken += 1
        except ValueError as error:
            text = str(error)
        assert text.isprintable() and len(text) < 300 + 20 + len(str(path)), number
    assert 50 < taken < 500
