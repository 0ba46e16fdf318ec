"""``models/socket.py`` is the single source: the RTL package must say the same numbers."""

import re
from pathlib import Path

import pytest

from models import socket

PACKAGE = Path(__file__).parents[2] / "rtl" / "common" / "lac_pkg.sv"


def localparams(text: str) -> dict[str, int]:
    """Every ``localparam`` with a literal value, by name."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)
    found = {}
    pattern = r"\blocalparam\b[^=;]*?\b(\w+)\s*=\s*([^;]+);"
    for name, literal in re.findall(pattern, text):
        number = re.fullmatch(r"(?:\d*'s?([hdbo]))?([0-9a-fA-F_]+)", literal.strip())
        assert number, f"{name}: '{literal}' is not a literal this test can read"
        base = {"h": 16, "d": 10, "b": 2, "o": 8, None: 10}[number[1]]
        assert name not in found, f"{name} is defined twice"
        found[name] = int(number[2].replace("_", ""), base)
    return found


def expected() -> dict[str, int]:
    """All numbers of the socket by their name in the package."""
    numbers = {
        f"REG_{name}": offset
        for name, (offset, _, _) in socket.REGISTERS.items()
        if not re.fullmatch(r"(CAP|CFG|PERF)[1-9]\d*", name)
    }
    numbers |= {f"ERR_{code.name}": code.value for code in socket.ErrorCode}
    numbers |= {f"PHASE_{phase.name}": phase.value for phase in socket.Phase}
    numbers |= {f"CNT_{name.upper()}": at for at, (name, _) in enumerate(socket.COUNTERS)}
    plain: tuple[str, ...] = ("NUM_CAP", "NUM_CFG", "NUM_PERF", "ID_PREFIX", "SOCKET_VERSION")
    plain += ("WGT_MAGIC", "ACT_MAGIC")
    flags = tuple(name for name in vars(socket) if re.match(r"(CTRL|STATUS)_", name))
    numbers |= {name: getattr(socket, name) for name in plain + flags}
    return numbers | {"NUM_COUNTERS": len(socket.COUNTERS)}


def differences(text: str) -> list[str]:
    """What the package says otherwise, lacks, or has beyond the socket."""
    found, want = localparams(text), expected()
    return [
        f"{name}: package {found.get(name)}, models/socket.py {want.get(name)}"
        for name in sorted(found.keys() | want.keys())
        if found.get(name) != want.get(name)
    ]


def test_the_package_repeats_the_socket():
    assert differences(PACKAGE.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        (r"(ERR_TIMEOUT\s*=\s*)14", r"\g<1>13", "ERR_TIMEOUT"),
        (r"(REG_PERF0\s*=\s*)'h100", r"\g<1>'h104", "REG_PERF0"),
        (r"\n[^\n]*CNT_BROADCASTS[^\n]*", "", "CNT_BROADCASTS"),
        (r"endpackage", "localparam int ERR_NEW = 99;\nendpackage", "ERR_NEW"),
    ],
)
def test_a_difference_is_found(old, new, name):
    text = PACKAGE.read_text(encoding="utf-8")
    changed = re.sub(old, new, text)
    assert changed != text
    assert [line.split(":")[0] for line in differences(changed)] == [name]


def test_the_map_has_no_overlap_and_the_counters_fit():
    offsets = [offset for offset, _, _ in socket.REGISTERS.values()]
    assert len(set(offsets)) == len(offsets)
    assert all(offset % 4 == 0 and offset < 0x200 for offset in offsets)
    assert len(socket.COUNTERS) <= socket.NUM_PERF
    assert len({name for name, _ in socket.COUNTERS}) == len(socket.COUNTERS)
