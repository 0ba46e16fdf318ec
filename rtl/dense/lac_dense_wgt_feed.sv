// SPDX-License-Identifier: Apache-2.0
//
// Weight feed of dense: lac_array_wgt_feed for a number of tiles that is known before.
//
//   write bus -> SRAM -> wgt_o, we_o[i]: row i of the array takes the word as its shadow weights
//
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
//   WgtWidth   8..18
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
  `LAC_PARAM(lac_dense_wgt_feed, WgtWidth, 8, 18)
  `LAC_PARAM(lac_dense_wgt_feed, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_dense_wgt_feed, SizeWidth, 1, 32)

  logic first;
  logic [SizeWidth-1:0] left_q;  // tiles whose row 0 is still to be read

  lac_array_wgt_feed #(
    .Rows(Rows),
    .Cols(Cols),
    .WgtWidth(WgtWidth),
    .WgtDepth(WgtDepth),
    .Gap(Cols)
  ) u_feed (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .mem_cfg_i   (mem_cfg_i),
    .clr_i       (clr_i),
    .start_i     (start_i),
    .wgt_base_i  (wgt_base_i),
    .wr_en_i     (wr_en_i),
    .wr_addr_i   (wr_addr_i),
    .wr_data_i   (wr_data_i),
    .next_i      (left_q != '0),
    .scan_o      (),
    .scan_first_o(first),
    .scan_last_o (),
    .tile_i      (tile_i),
    .ready_o     (ready_o),
    .row_o       (),
    .we_o        (we_o),
    .wgt_o       (wgt_o),
    .rd_en_o     (rd_en_o),
    .err_o       ()
  );

  always_ff @(posedge clk_i) begin
    if (start_i) left_q <= tiles_i;
    else if (first) left_q <= left_q - SizeWidth'(1);
  end

  `LAC_ASSERT(first_left, !first || left_q != '0, "a tile past the last is read")
  `LAC_ASSERT(one_row, $onehot0(we_o), "two rows are written at once")
  `LAC_ASSERT(tile_ready, !tile_i || ready_o, "a tile starts before row 0 is in place")
  `LAC_ASSERT(row_was_read, we_o == '0 || $past(rd_en_o), "a row is written that was not read")

endmodule
