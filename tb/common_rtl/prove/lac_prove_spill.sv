// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_spill: lac_spill loses, doubles, changes and reorders nothing, at full throughput.

`include "lac_prove_queue.svh"

module lac_prove_spill #(
  parameter int Width = 4
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             clr_i,
  input logic             pick_i,
  input logic             in_valid_i,
  input logic [Width-1:0] in_data_i,
  input logic             out_ready_i
);

  logic in_ready, out_valid;
  logic [Width-1:0] out_data;

  lac_spill #(
    .Width(Width)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i,
    .in_ready_o (in_ready),
    .in_data_i,
    .out_valid_o(out_valid),
    .out_ready_i,
    .out_data_o (out_data)
  );

  `LAC_PROVE_RESET
  `LAC_PROVE_QUEUE(Width, 2, out_data)
  `LAC_ASSERT(offers_what_it_has, out_valid == (fill != '0), "a word inside is not offered")
  `LAC_ASSERT(takes_while_room, in_ready == (fill < 2'd2), "room, and no word is taken")
  // Ties the followed word to its register.
  `LAC_ASSERT(in_its_place,
              !followed || (ahead == '0 ? u_dut.out_data_q : u_dut.spill_data_q) == data,
              "the followed word is not in its place")
  `LAC_COVER(cover_both, followed && ahead == 2'd1)

endmodule
