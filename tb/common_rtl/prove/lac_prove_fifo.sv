// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_fifo: lac_fifo loses, doubles, changes and reorders nothing, and is full only when full.

`include "lac_prove_queue.svh"

module lac_prove_fifo #(
  parameter int Width = 4,
  parameter int Depth = 8,
  localparam int LevelWidth = $clog2(Depth + 1)
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
  logic [LevelWidth-1:0] level;

  lac_fifo #(
    .Width(Width),
    .Depth(Depth)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i,
    .in_ready_o (in_ready),
    .in_data_i,
    .out_valid_o(out_valid),
    .out_ready_i,
    .out_data_o (out_data),
    .level_o    (level)
  );

  `LAC_PROVE_RESET
  `LAC_PROVE_QUEUE(Width, Depth, out_data)
  `LAC_ASSERT(level_counts, int'(level) == int'(fill),
              "the level is not the number of words inside")
  `LAC_ASSERT(offers_what_it_has, out_valid == (fill != '0), "a word inside is not offered")
  `LAC_ASSERT(takes_while_room, in_ready == (int'(fill) < Depth), "room, and no word is taken")
  // Ties the followed word to its place.
  `LAC_ASSERT(in_its_place,
              !followed || u_dut.mem_q[(int'(u_dut.rd_ptr_q)+int'(ahead))%Depth] == data,
              "the followed word is not in its place")
  `LAC_COVER(cover_last_place, followed && int'(ahead) == Depth - 1)

endmodule
