// SPDX-License-Identifier: Apache-2.0
//
// lac_clk_gate: clock gate: where a chip's integrated clock-gating cell goes.
//
// Purpose: a cell. A chip takes its own file of this name; no other place may gate a clock.
// Example: en_i is high in cycles 2 and 5 (from registers of clk_i): clk_o rises at the end of cycles
//   2 and 5 and nowhere else.
//
//   en_i | test_en_i --> (taken while clk_i is low) --> & clk_i --> clk_o
//
// The enable of a cycle lets the edge at its end through. It must be stable from the falling edge of
// clk_i on. test_en_i lets every edge through: scan shift enable.
// A cell has a latch that is transparent while clk_i is low; this model a flip-flop on the falling
// edge, which does the same for an enable that is stable by then, and is no latch for simulators and
// the synthesiser to object to. clk_o follows clk_i within the time step, in front of all
// non-blocking assignments, so data passes between registers of both clocks as with one: on Icarus by
// the order of the standard, on Verilator since version 5 (it schedules derived clocks in the same
// way); the bench holds it on both.
// Latency: none, in cycles of clk_i. clk_o stays low from power-up until the first edge with an enable.
// Parameters:
//   (none)
// Model: counters on both clocks in the bench. Source: common practice.

module lac_clk_gate (
  input  logic clk_i,
  input  logic en_i,
  input  logic test_en_i,
  output logic clk_o
);

  logic en_q;

  always_ff @(negedge clk_i) en_q <= en_i | test_en_i;

  assign clk_o = clk_i & en_q;

endmodule
