"""Packed structs at ports: integers by member; those of ``lac_socket_pkg`` that cores share."""

from __future__ import annotations

from collections.abc import Mapping

#: ``lac_pass_t``: member -> bits, the highest first.
PASS = {"clr": 1, "check": 1, "load_wgt": 1, "load_act": 1, "compute": 1, "emit": 1, "swap": 1}
PASS |= {"phase": 4}
#: Counters in ``lac_events_t``.
COUNTED = (
    *("mac_useful", "slot_padding", "slot_empty", "stall_sync", "stall_bank"),
    *("stall_queue_full", "wgt_reads", "wgt_writes", "idx_reads", "idx_writes"),
    *("act_reads", "act_writes", "psum_reads", "psum_writes", "broadcasts", "bypass_hits"),
)
#: ``lac_events_t``; ``own``: 16 bits of each own counter, the first one lowest.
EVENTS = dict.fromkeys(COUNTED, 16) | {"own": 128}


def pack_struct(members: Mapping[str, int], values: Mapping[str, int]) -> int:
    """A packed struct as an integer: ``members`` name -> bits, the highest first; those that
    ``values`` does not name are 0.

    >>> bin(pack_struct({"last": 1, "row": 4}, {"last": 1, "row": 3}))
    '0b10011'
    """
    total = 0
    for name, bits in members.items():
        value = int(values.get(name, 0))
        assert 0 <= value < 1 << bits, f"{name}: {value} in {bits} bits"
        total = total << bits | value
    return total


def split_struct(members: Mapping[str, int], value: int) -> dict[str, int]:
    """The inverse of ``pack_struct``, the lowest member first.

    >>> split_struct({"last": 1, "row": 4}, 0b10011)
    {'row': 3, 'last': 1}
    """
    found = {}
    for name, bits in reversed(list(members.items())):
        found[name] = value & (1 << bits) - 1
        value >>= bits
    return found
