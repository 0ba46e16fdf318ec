// SPDX-License-Identifier: Apache-2.0
//
// lac_fifo: first-in first-out buffer between two streams, any depth from 1 up.
//
// Purpose: decouples a producer from a consumer. `ready` depends on registers only, so a chain of
//   fifos has no long combinational path, at the price of full throughput needing Depth >= 2
//   (a full fifo takes no word in the cycle in which one leaves).
// Example, Depth 3, words a b c, consumer waits: level 0 1 2 3, in_ready 1 1 1 0, out_data - a a a.
//
//   in --> | Depth words, write and read pointer, level | --> out
//
// Streams: in_*, out_*; in_ready_o and out_valid_o come from the level register alone.
// clr_i: empties the fifo at the next edge; a word offered or taken in that cycle is lost.
// Latency 1 cycle (no fall-through). Throughput 1 word per cycle for Depth >= 2, 1/2 for Depth 1.
// Payload is not reset.
// Parameters:
//   Width  1..4096
//   Depth  1..65536
// Model: a queue in the bench. Source: common practice.

`include "lac_assert.svh"

module lac_fifo #(
  parameter int Width = 8,
  parameter int Depth = 8,
  localparam int LevelWidth = $clog2(Depth + 1)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clr_i,
  input  logic                  in_valid_i,
  output logic                  in_ready_o,
  input  logic [     Width-1:0] in_data_i,
  output logic                  out_valid_o,
  input  logic                  out_ready_i,
  output logic [     Width-1:0] out_data_o,
  output logic [LevelWidth-1:0] level_o
);

  `LAC_PARAM(lac_fifo, Width, 1, 4096)
  `LAC_PARAM(lac_fifo, Depth, 1, 65536)

  localparam int PtrWidth = `LAC_INDEX_BITS(Depth);
  localparam logic [PtrWidth-1:0] LastPtr = PtrWidth'(Depth - 1);

  logic [Width-1:0] mem_q[Depth];
  logic [PtrWidth-1:0] wr_ptr_q, rd_ptr_q;
  logic [LevelWidth-1:0] level_q;
  logic push, pop;

  assign in_ready_o = level_q != LevelWidth'(Depth);
  assign out_valid_o = level_q != '0;
  assign out_data_o = mem_q[rd_ptr_q];
  assign level_o = level_q;

  assign push = in_valid_i && in_ready_o;
  assign pop = out_valid_o && out_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
      level_q  <= '0;
    end else if (clr_i) begin
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
      level_q  <= '0;
    end else begin
      if (push) wr_ptr_q <= wr_ptr_q == LastPtr ? '0 : wr_ptr_q + 1'b1;
      if (pop) rd_ptr_q <= rd_ptr_q == LastPtr ? '0 : rd_ptr_q + 1'b1;
      if (push && !pop) level_q <= level_q + 1'b1;
      else if (pop && !push) level_q <= level_q - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) mem_q[wr_ptr_q] <= in_data_i;
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, in_data_i, clr_i)
  `LAC_STREAM_CLR(out_valid_o, out_ready_i, out_data_o, clr_i)
  `LAC_ASSERT(level_range, level_q <= LevelWidth'(Depth), "more words than there are places")
  `LAC_ASSERT(ptr_range, wr_ptr_q <= LastPtr && rd_ptr_q <= LastPtr, "a pointer past the end")
  `LAC_ASSERT(level_is_distance, wr_ptr_q == PtrWidth'((int'(rd_ptr_q) + int'(level_q)) % Depth),
              "the level is not the distance of the pointers")
  `LAC_COVER(cover_full, !in_ready_o)
  `LAC_COVER(cover_clear_busy, clr_i && out_valid_o)

endmodule
