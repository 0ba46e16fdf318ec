// SPDX-License-Identifier: Apache-2.0
//
// lac_perf: performance counters.
//
// Purpose: NumCounters counters of 32 bits that saturate and never wrap.
// Example: inc of counter 2 is 5 in cycle 0 and 1 in cycle 1: count 2 is 5 in cycle 2, 6 in 3.
//
//   inc_i --> | register | --> add, saturate --> | count | --> count_o
//
// Counter c takes inc_i[c*IncWidth +: IncWidth] every cycle (0: nothing) and shows in
// count_o[c*32 +: 32]. clr_i clears the counts and what is on its way, the inc_i of the same cycle
// included.
// Latency 2 cycles from inc_i to count_o; one increment per counter and cycle.
// Parameters:
//   NumCounters  1..256
//   IncWidth     1..32
// Model: integers in the bench. Source: the socket (models/socket.py, COUNTERS).

`include "lac_assert.svh"

module lac_perf #(
  parameter int NumCounters = 24,
  parameter int IncWidth = 9
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  input  logic                            clr_i,
  input  logic [NumCounters*IncWidth-1:0] inc_i,
  output logic [      NumCounters*32-1:0] count_o
);

  `LAC_PARAM(lac_perf, NumCounters, 1, 256)
  `LAC_PARAM(lac_perf, IncWidth, 1, 32)

  localparam int CountWidth = 32;

  logic [NumCounters*IncWidth-1:0] inc_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) inc_q <= '0;
    else if (clr_i) inc_q <= '0;
    else inc_q <= inc_i;
  end

  for (genvar c = 0; c < NumCounters; c++) begin : gen_counter
    logic [  IncWidth-1:0] inc;
    logic [CountWidth-1:0] count_q;
    logic [  CountWidth:0] sum;

    assign inc = inc_q[c*IncWidth+:IncWidth];
    assign sum = {1'b0, count_q} + (CountWidth + 1)'(inc);
    assign count_o[c*CountWidth+:CountWidth] = count_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) count_q <= '0;
      else if (clr_i) count_q <= '0;
      else count_q <= sum[CountWidth] ? '1 : sum[CountWidth-1:0];
    end
  end

  // A function: an assertion may not look back at what a generate loop declares (lac_assert.svh).
  function automatic logic fell(input logic [NumCounters*CountWidth-1:0] now,
                                input logic [NumCounters*CountWidth-1:0] past);
    fell = 1'b0;
    for (int c = 0; c < NumCounters; c++) begin
      if (now[c*CountWidth+:CountWidth] < past[c*CountWidth+:CountWidth]) fell = 1'b1;
    end
  endfunction

  `LAC_ASSERT(never_falls, $past(clr_i) || !fell(count_o, $past(count_o)), "a counter fell")

endmodule
