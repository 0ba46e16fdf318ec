// lac_clk_gate: clock gate: where a chip's integrated clock-gating cell goes.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_clk_gate.f
lac_clk_gate.sv
