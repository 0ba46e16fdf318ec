// SPDX-License-Identifier: Apache-2.0
//
// lac_rst: a reset made inside: for blocks that have a reset but no clear.
//
// Purpose: clr_i becomes an asynchronous reset for the blocks behind rst_no, with a way around it for
//   scan: an internal reset that shifted data could raise makes a scan chain lose its bits.
// Example: clr_i in cycle 3: rst_no is low in cycle 4.
//
//   rst_ni, ~clr_i --> | flip-flop | --> 0\
//   rst_ni ----------------------------> 1/ scan_mode_i --> rst_no
//
// With scan_mode_i the reset of the pins is the only one. Low from rst_ni on, high from the first
// edge on after its release, without a glitch: from one flip-flop and a multiplexer whose select
// stays.
// Latency 1 cycle. Throughput: any number of cycles in succession.
// Parameters:
//   (none)
// Model: a register in the bench. Source: common practice.

module lac_rst (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic scan_mode_i,
  input  logic clr_i,
  output logic rst_no
);

  logic rst_nq;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) rst_nq <= 1'b0;
    else rst_nq <= ~clr_i;
  end

  // A process: an assign of Icarus 11 misses a select that a bench writes at time 0.
  always_comb rst_no = scan_mode_i ? rst_ni : rst_nq;

endmodule
