"""Passes of SCNN, spoilt in one place: parts of packets, and the base of the tests that do so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.packets import activation_packet_of
from models.program import Pass
from models.scnn import DESIGN
from models.scnn.config import ScnnConfig
from models.scnn.packets import PeData, pe_data, pe_words
from models.socket import ErrorCode
from tb.common.tests.errors import BadTest
from tb.scnn.top.env import ScnnTest
from tb.scnn.top.stimulus import field, with_cfg


def error(name: str) -> ErrorCode:
    """An error of the design."""
    return ErrorCode(DESIGN.error_codes[name])


def acts_of_pass(item: Pass, config: ScnnConfig) -> list[PeData]:
    """What a pass loads into each PE."""
    assert item.act is not None
    return pe_data(item.act[1:], field(item, "C"), config)


def with_words(item: Pass, payload: NDArray[np.uint64]) -> Pass:
    """The pass with another activation packet, which its registers announce."""
    packet = activation_packet_of(payload.size, payload)
    return replace(with_cfg(item, ACT_WORDS=payload.size), act=packet)


def with_acts(item: Pass, each: Sequence[PeData], config: ScnnConfig) -> Pass:
    """The pass with other activations and carried sums."""
    return with_words(item, pe_words(each, config))


class ScnnBad(BadTest, ScnnTest):
    """Base: a good layer, spoilt in one place at a time."""
