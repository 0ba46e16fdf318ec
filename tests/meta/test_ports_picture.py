"""The picture of the port contract: idle cycles are left out, what moves is drawn."""

from __future__ import annotations

from scripts.docs import ports
from tb.eie.top.port_trace import PORTS


def rows(cycles: int, **changes: dict[int, int]) -> list[ports.Row]:
    """Idle cycles in which some ports have other values: port -> {cycle: value}."""
    made = [dict.fromkeys(PORTS, 0) for _ in range(cycles)]
    for port, values in changes.items():
        for at, value in values.items():
            made[at][port] = value
    return made


def test_only_cycles_around_a_move_are_kept():
    moved = rows(
        60, s_axil_awvalid={20: 1}, s_axil_awready={20: 1}, irq_o=dict.fromkeys(range(40, 60), 1)
    )
    assert ports.kept(moved) == [19, 20, 21, 39, 40, 41]


def test_registers_have_the_names_of_the_design():
    assert [ports.register(one) for one in (0x008, 0x044, 0x100, 0xFFC)] == [
        "CTRL", "IN_LEN", "PERF0", "0xffc",
    ]  # fmt: skip


def test_a_held_word_is_one_pale_box_until_it_is_taken(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        ports.Picture,
        "boxes",
        lambda self, label, colour, texts, taken: seen.append((label, texts, taken)),
    )
    held = rows(
        9,
        m_axis_out_tvalid=dict.fromkeys(range(2, 6), 1),
        m_axis_out_tready={5: 1},
        m_axis_out_tdata=dict.fromkeys(range(2, 6), 0x12345),
    )
    monkeypatch.setattr(ports, "ROWS_OF_PICTURE", 2)
    ports.draw(held, tmp_path / "ports.png")
    assert (tmp_path / "ports.png").stat().st_size > 1000
    results = [one for one in seen if one[0] == "m_axis_out tdata"]
    texts = [text for _, part, _ in results for text in part]
    taken = [flag for _, _, part in results for flag in part]
    assert [text for text in texts if text] == ["..345"] * (len(texts) - texts.count(""))
    assert taken.count(True) == 1 and texts[taken.index(True)] == "..345"
