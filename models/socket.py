"""The socket every accelerator shares: register map, error codes, counters, packet headers.

This file is the single source. ``rtl/common/lac_pkg.sv`` repeats the numbers for the RTL and
``docs/socket.md`` prints them; ``tests/models/test_socket.py`` fails when the three disagree.

All registers are 32 bits wide; addresses are byte offsets on the AXI4-Lite port.
"""

from __future__ import annotations

from enum import IntEnum

NUM_CAP = 8
NUM_CFG = 16
NUM_PERF = 32

#: name -> (byte offset, access, meaning)
REGISTERS: dict[str, tuple[int, str, str]] = {
    "ID": (0x000, "RO", "0x4C41_43xx: 'LAC' and the design number"),
    "VERSION": (0x004, "RO", "socket version, 0x0001_0000"),
    "CTRL": (
        0x008,
        "WO",
        "write one: bit 0 start, 1 soft reset, 2 acknowledge interrupt, 3 forget packets",
    ),
    "STATUS": (0x00C, "RO", "bit 0 busy, 1 done, 2 error, 3 dropped; 11:8 phase"),
    "ERR_CODE": (0x010, "RO", "first error since start (0: none)"),
    "ERR_POS": (0x014, "RO", "where: CFG index, beat in the packet, or {PE[7:0], detail[23:0]}"),
    "IRQ_EN": (0x018, "RW", "bit 0: irq_o = done or error"),
    "WATCHDOG": (0x01C, "RW", "busy cycles without progress that raise TIMEOUT (0: off)"),
    **{
        f"CAP{i}": (0x020 + 4 * i, "RO", "build parameter, see the design's page")
        for i in range(NUM_CAP)
    },
    **{
        f"CFG{i}": (0x040 + 4 * i, "RW", "geometry and mode, see the design's page")
        for i in range(NUM_CFG)
    },
    "PACKETS": (
        0x080,
        "RO",
        "packets begun since start and taken to tlast: 14:0 weights, 30:16 activations, at most "
        "32767; bit 15, bit 31: in the middle of one",
    ),
    **{
        f"PERF{i}": (0x100 + 4 * i, "RO", "saturating counter, cleared by start")
        for i in range(NUM_PERF)
    },
}

ID_PREFIX = 0x4C414300
SOCKET_VERSION = 0x00010000

CTRL_START = 1 << 0
CTRL_SOFT_RESET = 1 << 1
CTRL_IRQ_ACK = 1 << 2
CTRL_FORGET = 1 << 3

#: PACKETS: a half of 16 bits per stream, weights first.
PACKETS_MIDDLE = 1 << 15
PACKETS_NUM = PACKETS_MIDDLE - 1
PACKETS_WIDTH = 16

STATUS_BUSY = 1 << 0
STATUS_DONE = 1 << 1
STATUS_ERROR = 1 << 2
STATUS_DROPPED = 1 << 3


class Phase(IntEnum):
    """STATUS[11:8]: what the accelerator is doing."""

    IDLE = 0
    WGT = 1
    ACT = 2
    COMPUTE = 3
    OUTPUT = 4
    DRAIN = 5
    ERROR = 6


#: Codes from here on are a design's own; its ``Design.own_errors`` has their names.
OWN_ERRORS, LAST_ERROR = 32, 255


class ErrorCode(IntEnum):
    """ERR_CODE: the first error of a run. ``ErrorCode(n)`` is there for the designs' own, too.

    >>> ErrorCode(33).name, ErrorCode(33) == 33
    ('OWN_33', True)
    """

    NONE = 0
    GEOMETRY = 1  # a CFG value the build cannot hold; ERR_POS = index of the CFG register
    WGT_HEADER = 2  # weight packet or section header wrong; ERR_POS = beat
    WGT_SHORT = 3  # tlast before the announced end
    WGT_LONG = 4  # no tlast at the announced end
    WGT_ORDER = 5  # sections not in ascending (kind, pe) order
    ACT_HEADER = 6
    ACT_SHORT = 7
    ACT_LONG = 8
    CODEBOOK = 9  # selected codebook never loaded, or its entry 0 is not zero
    POINTER_ORDER = 10  # pointer[j+1] < pointer[j]; ERR_POS = {pe, column}
    POINTER_RANGE = 11  # pointer past the weight memory; ERR_POS = {pe, column}
    ROW_RANGE = 12  # row index past the slice; ERR_POS = {pe, local row, saturated}
    ACC_OVERFLOW = 13  # accumulator left its AccWidth; ERR_POS = {pe, local row}
    TIMEOUT = 14  # watchdog: nothing moved for WATCHDOG cycles; ERR_POS = phase
    WGT_VALUE = 15  # payload value wider than its field; ERR_POS = beat
    WGT_FORMAT = 16  # compressed weights are no tile of their format; ERR_POS = {error, unit, tile}

    @classmethod
    def _missing_(cls, value: object) -> ErrorCode | None:
        if not isinstance(value, int) or not OWN_ERRORS <= value <= LAST_ERROR:
            return None
        member = int.__new__(cls, value)
        member._name_, member._value_ = f"OWN_{value}", value
        return member


#: PERF registers, in order; those behind them are a design's own (``Design.own_counters``).
#: Unit: cycles, multiplies, PE-slots (one PE for one cycle) or accesses.
COUNTERS: tuple[tuple[str, str], ...] = (
    ("cycles", "busy cycles, start to done"),
    ("cycles_wgt", "cycles loading weights"),
    ("cycles_act", "cycles loading activations"),
    ("cycles_compute", "cycles computing"),
    ("cycles_output", "cycles streaming results"),
    ("mac_useful", "multiplies of two non-zero operands"),
    ("mac_slots", "multiplier slots: multipliers x compute cycles"),
    ("stall_input", "slots lost: no operand at the multiplier"),
    ("stall_output", "cycles the result stream was held by its receiver"),
    ("stall_queue_full", "cycles a full queue held the broadcast"),
    ("stall_sync", "slots lost to synchronisation"),
    ("stall_bank", "slots lost to bank conflicts"),
    ("slot_padding", "slots spent on padding entries and on zero weights"),
    ("slot_empty", "slots spent on empty slices"),
    ("wgt_reads", "weight memory reads"),
    ("wgt_writes", "weight memory writes"),
    ("idx_reads", "index or pointer memory reads (two pointers are two reads)"),
    ("idx_writes", "index or pointer memory writes"),
    ("act_reads", "activation memory reads"),
    ("act_writes", "activation memory writes"),
    ("psum_reads", "partial sum reads"),
    ("psum_writes", "partial sum writes"),
    ("broadcasts", "non-zero activations broadcast"),
    ("bypass_hits", "updates that took the accumulator from the bypass"),
)

WGT_MAGIC = 0x4C414357  # 'LACW'
ACT_MAGIC = 0x4C414341  # 'LACA'
