"""One small pass of EIE with all ports written down, for ``scripts/docs/ports.py`` to draw."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cocotb
from cocotb.triggers import RisingEdge

from tb.common.uvm.base_test import socket_test
from tb.eie.top.env import EieTest

PORTS = (
    *(f"s_axil_{name}" for name in ("awaddr", "awvalid", "awready", "wdata", "wvalid", "wready")),
    *(f"s_axil_{name}" for name in ("bvalid", "bready", "bresp", "araddr", "arvalid", "arready")),
    *(f"s_axil_{name}" for name in ("rdata", "rvalid", "rready", "rresp")),
    *(f"s_axis_wgt_t{name}" for name in ("valid", "ready", "data", "last")),
    *(f"s_axis_act_t{name}" for name in ("valid", "ready", "data", "last")),
    *(f"m_axis_out_t{name}" for name in ("valid", "ready", "data", "last", "user")),
    "irq_o",
)


def known(value: Any) -> int | None:
    """A port's value as a number; None if it is unknown."""
    try:
        return int(value)
    except ValueError:
        return None


@socket_test(2000)
class Trace(EieTest):
    """Goal: a record of the ports. Stimulus: a layer of one small pass; its results are held every
    second cycle. Check: exact."""

    async def scenario(self) -> None:
        self.rows: list[dict[str, int | None]] = []
        self.env.set_pauses(out="cycle")
        task = cocotb.start_soon(self.sample())
        density = self.maker.density(10, 6, 0.5)
        layer = self.maker.random(10, 6, density, 0.8, bias=True)
        await self.run_job(self.maker.job(layer, "trace"))
        task.cancel()
        Path(os.environ["LAC_PORT_TRACE"]).write_text(json.dumps(self.rows), encoding="utf-8")

    async def sample(self) -> None:
        """All ports at every edge, as the next state sees them; None: unknown."""
        dut = self.cfg.dut
        handles = {name: getattr(dut, name) for name in PORTS}
        while True:
            await RisingEdge(dut.clk_i)
            self.rows.append({name: known(handle.value) for name, handle in handles.items()})
