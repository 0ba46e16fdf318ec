"""lac_sps_row: one row of the front against a model of its registers, cycle by cycle."""

from __future__ import annotations

from cocotb.triggers import RisingEdge

from tb.array.blocks.schedule import extreme, packed, signed
from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, cycle

CONFIG = config()
OWN, SIZE = bool(CONFIG.get("Own", 1)), CONFIG.get("KernelSize", 7)
WIDTH, DEPTH = CONFIG.get("ActWidth", 16), CONFIG.get("ActDepth", 16384)
FLAGS = 2 * SIZE if OWN else 1
ADDR = max(1, (DEPTH - 1).bit_length())


class RowBench:
    """Drives the chain, the shadow offset and the bank."""

    CHAIN = ("valid_i", "waits_i", "switch_i", "base_i", "flags_i")
    OFFSET = ("off_we_i", "off_has_i", "off_dy_i", "off_dx_i", "off_i")
    WRITE = ("wr_en_i", "wr_addr_i", "wr_data_i")
    OUTPUTS = (
        *("valid_o", "waits_o", "switch_o", "base_o", "flags_o", "lane_valid_o", "lane_waits_o"),
        *("lane_switch_o", "act_o", "rd_en_o"),
    )

    def __init__(self, dut):
        self.dut, self.rng = dut, rng()
        self.pins = Pins(dut, dut.clk_i, "clr_i", *self.CHAIN, *self.OFFSET, *self.WRITE)
        self.check = Checker("row")
        self.window = range(0)  # of cycles that are compared
        self.monitor = EdgeMonitor(dut, self.OUTPUTS, self._sample, self.check)

    def _sample(self, seen: EdgeMonitor) -> None:
        if cycle() not in self.window:
            return
        found = {name: seen[name] for name in self.OUTPUTS if name not in ("base_o", "flags_o")}
        if not found["lane_valid_o"]:
            found["act_o"] = 0
        found["act_o"] = signed(found["act_o"], WIDTH)
        for name in ("base_o", "flags_o"):
            found[name] = seen[name] if found["valid_o"] else 0
        seen.report(found)

    async def load(self) -> None:
        """Fill the bank."""
        self.words = [int(n) for n in extreme(self.rng, DEPTH, WIDTH, zeros=0.0)]
        for address, word in enumerate(self.words):
            self.pins.drive(wr_addr_i=address, wr_data_i=packed([word], WIDTH))
            await self.pins.pulse("wr_en_i")

    def draw(self, cycles: int, density: float) -> list[dict[str, int]]:
        """Inputs of some cycles; a switch only behind a shadow offset."""
        found, written = [], False
        for _ in range(cycles):
            kind = self.rng.random()
            one = dict.fromkeys((*self.CHAIN, *self.OFFSET), 0)
            one["valid_i"] = int(kind < density)
            one["waits_i"] = int(density <= kind < (1 + density) / 2)
            one["base_i"] = int(self.rng.integers(DEPTH))
            # Both directions inside, mostly.
            one["flags_i"] = int(self.rng.integers(1 << FLAGS) | self.rng.integers(1 << FLAGS))
            one["switch_i"] = int(written and self.rng.random() < 0.2)
            one["off_we_i"] = int(self.rng.random() < 0.3 or not written)
            one["off_has_i"] = int(self.rng.random() < 0.8)
            one["off_dy_i"], one["off_dx_i"] = (int(n) for n in self.rng.integers(SIZE, size=2))
            one["off_i"] = int(self.rng.integers(1 << ADDR))
            written = True
            found.append(one)
        found[1]["switch_i"] = 1
        found[0]["valid_i"] = 0
        found[0]["waits_i"] = 0
        return found

    def model(self, inputs: list[dict[str, int]]) -> list[dict[str, int]]:
        """Outputs of the cycles; also clears ``flags_i`` where the address is past the bank."""
        shadow = offset = (0, 0, 0, 0)
        shadows: list[tuple[int, int, int, int]] = []
        rows: list[tuple[int, int]] = []  # read, act, of the pixel of each cycle
        for now, one in enumerate(inputs):
            if now and inputs[now - 1]["switch_i"]:
                offset = shadows[now - 1]
            shadows.append(shadow)
            if one["off_we_i"]:
                shadow = (one["off_has_i"], one["off_dy_i"], one["off_dx_i"], one["off_i"])
            # The pixel of the cycle is read in the next one, with the offset that a switch beside
            # it takes over.
            has, dy, dx, off = shadows[now] if one["switch_i"] else offset
            address = (one["base_i"] + off) % (1 << ADDR) if OWN else one["base_i"]
            if address >= DEPTH:
                one["flags_i"] = 0
            yin, xin = divmod(one["flags_i"], 1 << SIZE)
            read = has and yin >> dy & 1 and xin >> dx & 1 if OWN else one["flags_i"]
            read = int(one["valid_i"] and read)
            rows.append((read, self.words[address] if read else 0))
        idle = dict.fromkeys((*self.CHAIN, *self.OFFSET), 0)
        found = []
        for now in range(len(inputs) + 3):
            at = {back: inputs[now - back] if 0 <= now - back < len(inputs) else idle
                  for back in (1, 2, 3)}  # fmt: skip
            read = rows[now - 1][0] if 0 < now <= len(inputs) else 0
            act = rows[now - 3][1] if now >= 3 else 0
            valid = at[1]["valid_i"]
            found.append(
                {
                    "valid_o": valid,
                    "waits_o": at[1]["waits_i"],
                    "switch_o": at[1]["switch_i"],
                    "lane_valid_o": at[3]["valid_i"],
                    "lane_waits_o": at[3]["waits_i"],
                    "lane_switch_o": at[2]["switch_i"],
                    "act_o": act if at[3]["valid_i"] else 0,
                    "rd_en_o": read,
                    "base_o": at[1]["base_i"] if valid else 0,
                    "flags_o": at[1]["flags_i"] if valid else 0,
                }
            )
        return found

    async def run(self, cycles: int, density: float) -> None:
        """Some random cycles."""
        inputs = self.draw(cycles, density)
        self.check.expect(*self.model(inputs))
        idle = dict.fromkeys((*self.CHAIN, *self.OFFSET), 0)
        self.window = range(cycle() + 1, cycle() + 1 + len(inputs) + 3)
        for one in [*inputs, idle, idle, idle]:
            self.pins.drive(**one)
            await RisingEdge(self.dut.clk_i)
        await RisingEdge(self.dut.clk_i)
        self.check.done(len(inputs))


@leaf_test
async def smoke(dut):
    """Goal: one pixel through. Stimulus: few cycles. Check: all outputs of every cycle."""
    await bring_up(dut)
    bench = RowBench(dut)
    await bench.load()
    await bench.run(8, 0.5)


@for_profiles(globals(), ("none", "random"))
async def random(dut, profile):
    """Goal: any pixels, switches, shadow offsets in any cycle. Stimulus: 4 times 200 cycles, with
    or without pauses. Check: all outputs of every cycle."""
    await bring_up(dut)
    bench = RowBench(dut)
    await bench.load()
    for _ in range(4):
        await bench.run(200, 1.0 if profile == "none" else 0.5)


@leaf_test
async def reset_mid(dut):
    """Goal: reset and clear with pixels under way. Stimulus: each after some cycles of pixels.
    Check: nothing comes behind; the next cycles are exact."""
    await bring_up(dut)
    bench = RowBench(dut)
    await bench.load()
    watched = Pins(dut, dut.clk_i, "lane_valid_o", "lane_waits_o", "lane_switch_o", "rd_en_o")
    for way in ("reset", "clear"):
        bench.pins.drive(off_we_i=1, off_has_i=0, valid_i=1, flags_i=0)
        await RisingEdge(dut.clk_i)
        bench.pins.drive(off_we_i=0, switch_i=1)
        for _ in range(4):
            await RisingEdge(dut.clk_i)
        bench.pins.drive(valid_i=0, switch_i=0)
        await (reset(dut) if way == "reset" else bench.pins.pulse("clr_i"))
        for _ in range(4):
            await RisingEdge(dut.clk_i)
            assert watched.read("lane_valid_o", "lane_waits_o", "lane_switch_o") == [0, 0, 0]
        await bench.run(20, 0.7)
