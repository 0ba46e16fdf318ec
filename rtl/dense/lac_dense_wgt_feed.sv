// SPDX-License-Identifier: Apache-2.0
//
// Weight feed: the weight buffer, and what moves its words into the shadow weights of the array, a
// row per cycle, as soon as the switch to the tile before has passed.
//
//   write bus -> SRAM -> wgt_o, we_o[i]: row i of the array takes the word as its shadow weights
//
// Tiles follow each other in the buffer, so the address counts up from the base to the end.
// tile_i in cycle a (the array sees the switch in row i and its last column in cycle a + i + Cols):
// row 0 of the next tile is read in cycle a + Cols at the earliest, and never before the last row
// of the tile before it. ready_o, from the cycle row 0 is written until tile_i: a tile may start,
// the rows behind come in time.
// Example, Rows 4, Cols 4: tile_i in cycle 10, reads in 14 to 17, writes in 15 to 18, ready_o from
// cycle 15 on.
//
// Latency: start_i to the first read 1 cycle, to ready_o 2. Throughput: one row per cycle.
// Parameters:
//   Rows       2..32
//   Cols       4..32
//   WgtWidth   8..16, 8 or 16
//   WgtDepth   1..16777216
//   SizeWidth  1..32
// Model: models/dense, cycles.

`include "lac_assert.svh"

module lac_dense_wgt_feed
  import lac_pkg::*;
#(
  parameter  int Rows      = 16,
  parameter  int Cols      = 16,
  parameter  int WgtWidth  = 16,
  parameter  int WgtDepth  = 8192,
  parameter  int SizeWidth = 25,
  localparam int AddrWidth = `LAC_INDEX_BITS(WgtDepth)
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  lac_mem_cfg_t                     mem_cfg_i,
  input  logic                             clr_i,
  input  logic                             start_i,
  input  logic         [    AddrWidth-1:0] wgt_base_i,
  input  logic         [    SizeWidth-1:0] tiles_i,
  // load
  input  logic                             wr_en_i,
  input  logic         [    AddrWidth-1:0] wr_addr_i,
  input  logic         [Cols*WgtWidth-1:0] wr_data_i,
  // array
  input  logic                             tile_i,
  output logic                             ready_o,
  output logic         [         Rows-1:0] we_o,
  output logic         [Cols*WgtWidth-1:0] wgt_o,
  output logic                             rd_en_o      // event: a word is read
);

  `LAC_PARAM(lac_dense_wgt_feed, Rows, 2, 32)
  `LAC_PARAM(lac_dense_wgt_feed, Cols, 4, 32)
  `LAC_PARAM_RULE(lac_dense_wgt_feed, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_dense_wgt_feed, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_dense_wgt_feed, SizeWidth, 1, 32)

  localparam int WaitWidth = $clog2(Cols);

  logic free_q, reading_q, ready_q, first;
  logic [WaitWidth-1:0] wait_q;
  logic [AddrWidth-1:0] addr_q;
  logic [SizeWidth-1:0] left_q;  // tiles whose row 0 is still to be read
  logic [Rows-1:0] row, row_q;  // one-hot: the row that is read, and the one before

  assign first   = free_q & ~reading_q & (left_q != '0);
  assign rd_en_o = first | reading_q;
  assign row     = first ? Rows'(1) : row_q << 1;
  assign we_o    = row_q;
  assign ready_o = ready_q | row_q[0];

  lac_sram #(
    .Width(Cols * WgtWidth),
    .Depth(WgtDepth)
  ) u_sram (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (rd_en_o),
    .rd_addr_i(addr_q),
    .rd_data_o(wgt_o),
    .wr_en_i  (wr_en_i),
    .wr_addr_i(wr_addr_i),
    .wr_data_i(wr_data_i)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      free_q    <= 1'b0;
      reading_q <= 1'b0;
      ready_q   <= 1'b0;
      row_q     <= '0;
      wait_q    <= '0;
    end else if (clr_i) begin
      free_q    <= 1'b0;
      reading_q <= 1'b0;
      ready_q   <= 1'b0;
      row_q     <= '0;
      wait_q    <= '0;
    end else begin
      free_q    <= start_i | (wait_q == WaitWidth'(1)) | (free_q & ~first);
      reading_q <= rd_en_o & ~row[Rows-1];
      row_q     <= rd_en_o ? row : '0;
      ready_q   <= ready_o & ~tile_i;
      if (tile_i) wait_q <= WaitWidth'(Cols - 1);
      else if (wait_q != '0) wait_q <= wait_q - WaitWidth'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      addr_q <= wgt_base_i;
      left_q <= tiles_i;
    end else begin
      if (rd_en_o) addr_q <= addr_q + AddrWidth'(1);
      if (first) left_q <= left_q - SizeWidth'(1);
    end
  end

  `LAC_ASSERT(row_onehot, $onehot0(row) && $onehot0(row_q), "two rows at once")
  `LAC_ASSERT(tile_ready, !tile_i || ready_o, "a tile starts before row 0 is in place")
  `LAC_ASSERT(first_left, !first || left_q != '0, "a tile past the last is read")
  `LAC_ASSERT(no_overtaking, !first || wait_q == '0, "read before the switch has passed")
  `LAC_ASSERT(one_port, !(wr_en_i && rd_en_o), "the buffer is loaded while a tile is read")
  `LAC_ASSERT(row_of_read, !rd_en_o || row != '0, "a read of no row")
  `LAC_ASSERT(start_idle, !start_i || clr_i || !reading_q, "started while a tile is read")

endmodule
