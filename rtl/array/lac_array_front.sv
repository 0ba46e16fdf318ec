// SPDX-License-Identifier: Apache-2.0
//
// Front of a dense systolic array: what feeds its lanes with activations.
//
//   write bus -> buffer <- address generator <- ready_i: weights in place
//                  | one pixel, Rows activations, per cycle
//                register -> skew -> lanes_o: to lac_array_back; px_*: what its sums need of the pixel
//
// A word of the buffer is Rows / GroupN groups of GroupM activations; each of the GroupN rows of a
// group gets all of them, for their weights to choose from (lac_array_pe).
// A core whose activations are kept in another way has a front of its own (rtl/sps).
// Latency: the read of a pixel to lane 0 2 cycles, to lane i 2 + i. Throughput: one pixel per
// cycle.
// Parameters:
//   Rows      4..32, 4, 8, 16 or 32
//   ActWidth  8..16, 8 or 16
//   ActDepth  1..16777216
//   AccDepth  1..16777216
//   GroupN    1..2, 1, or 2 of a GroupM of 4
//   GroupM    1..4, 1, 2 or 4
// Model: models/dense.

`include "lac_assert.svh"

module lac_array_front
  import lac_pkg::*, lac_array_cfg_pkg::*;
#(
  parameter  int Rows         = 16,
  parameter  int ActWidth     = 16,
  parameter  int ActDepth     = 16384,
  parameter  int AccDepth     = 4096,
  parameter  int GroupN       = 1,
  parameter  int GroupM       = 1,
  localparam int LaneWidth    = GroupM * ActWidth,
  localparam int WordWidth    = GroupN == 2 ? Rows * LaneWidth / 2 : Rows * LaneWidth,
  localparam int ActAddrWidth = `LAC_INDEX_BITS(ActDepth),
  localparam int AccAddrWidth = `LAC_INDEX_BITS(AccDepth)
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  lac_mem_cfg_t                        mem_cfg_i,
  input  logic                                clr_i,
  input  logic                                start_i,
  // geometry, constant while it runs; checked before
  input  lac_array_cfg_t                      cfg_i,
  input  logic           [  ActAddrWidth-1:0] in_pixels_i,    // H*W
  input  logic           [  ActAddrWidth-1:0] row_step_i,     // STRIDE*W
  input  logic           [  ActAddrWidth-1:0] top_i,          // PAD_TOP*W
  // load
  input  logic                                wr_en_i,
  input  logic           [  ActAddrWidth-1:0] wr_addr_i,
  input  logic           [     WordWidth-1:0] wr_data_i,
  // weights of the tiles
  input  logic                                ready_i,
  output logic                                tile_o,
  // lanes of the array
  output logic           [          Rows-1:0] lane_valid_o,
  output logic           [          Rows-1:0] lane_waits_o,
  output logic           [          Rows-1:0] lane_switch_o,
  output logic           [Rows*LaneWidth-1:0] lanes_o,
  // the pixel that is in lane 0
  output logic                                px_valid_o,
  output logic                                px_first_o,
  output logic                                px_init_o,
  output logic                                px_last_o,
  output logic           [  AccAddrWidth-1:0] px_addr_o,
  output logic                                rd_en_o         // event: a word is read
);

  `LAC_PARAM_RULE(lac_array_front, Rows, 4, 32, Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_array_front, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_array_front, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_array_front, AccDepth, 1, 16777216)
  `LAC_PARAM_RULE(lac_array_front, GroupM, 1, 4, GroupM == 1 || GroupM == 2 || GroupM == 4,
                  "1, 2 or 4")
  `LAC_PARAM_RULE(lac_array_front, GroupN, 1, 2, GroupN == 1 || GroupM == 4,
                  "1, or 2 of a GroupM of 4")

  logic [31:0] act_base;  // checked: its low bits say it all
  logic        unused_cfg;
  assign act_base   = cfg_i.act_base;
  assign unused_cfg = ^{cfg_i, act_base};

  logic [ActAddrWidth-1:0] rd_addr;
  logic [WordWidth-1:0] rd_data, pixel;
  logic [Rows*LaneWidth-1:0] groups;
  logic px_waits;
  logic rd_valid, rd_waits, rd_inside, rd_switch, rd_init, rd_last;
  logic [AccAddrWidth-1:0] rd_sum_addr;

  lac_array_agen #(
    .AddrWidth(ActAddrWidth),
    .SumWidth (AccAddrWidth)
  ) u_agen (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .clr_i      (clr_i),
    .start_i    (start_i),
    .in_h_i     (cfg_i.in_size.h),
    .in_w_i     (cfg_i.in_size.w),
    .out_h_i    (cfg_i.out_size.p),
    .out_w_i    (cfg_i.out_size.q),
    .kernel_h_i (cfg_i.kernel.r),
    .kernel_w_i (cfg_i.kernel.s),
    .stride_i   (cfg_i.kernel.stride),
    .pad_top_i  (cfg_i.kernel.pad_top),
    .pad_left_i (cfg_i.kernel.pad_left),
    .ct_i       (cfg_i.tiles.ct),
    .kt_i       (cfg_i.tiles.kt),
    .act_base_i (act_base[ActAddrWidth-1:0]),
    .in_pixels_i(in_pixels_i),
    .row_step_i (row_step_i),
    .top_i      (top_i),
    .keep_i     (cfg_i.mode.acc_keep),
    .ready_i    (ready_i),
    .tile_o     (tile_o),
    .rd_en_o    (rd_en_o),
    .rd_addr_o  (rd_addr),
    .valid_o    (rd_valid),
    .waits_o    (rd_waits),
    .inside_o   (rd_inside),
    .switch_o   (rd_switch),
    .init_o     (rd_init),
    .last_o     (rd_last),
    .sum_addr_o (rd_sum_addr)
  );

  lac_sram #(
    .Width(WordWidth),
    .Depth(ActDepth)
  ) u_act (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (rd_en_o),
    .rd_addr_i(rd_addr),
    .rd_data_o(rd_data),
    .wr_en_i  (wr_en_i),
    .wr_addr_i(wr_addr_i),
    .wr_data_i(wr_data_i)
  );

  // A register between the memory and the multipliers of row 0.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      px_valid_o <= 1'b0;
      px_waits   <= 1'b0;
    end else begin
      px_valid_o <= rd_valid & ~clr_i;
      px_waits   <= rd_waits & ~clr_i;
    end
  end

  always_ff @(posedge clk_i) begin
    pixel      <= rd_inside ? rd_data : '0;
    px_first_o <= rd_switch;
    px_init_o  <= rd_init;
    px_last_o  <= rd_last;
    px_addr_o  <= rd_sum_addr;
  end

  for (genvar i = 0; i < Rows; i++) begin : gen_row
    localparam int Group = GroupN == 2 ? i / 2 : i;
    assign groups[i*LaneWidth+:LaneWidth] = pixel[Group*LaneWidth+:LaneWidth];
  end

  lac_array_skew #(
    .Rows(Rows),
    .ActWidth(LaneWidth)
  ) u_skew (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .clr_i   (clr_i),
    .valid_i (px_valid_o),
    .waits_i (px_waits),
    .switch_i(rd_switch),
    .act_i   (groups),
    .valid_o (lane_valid_o),
    .waits_o (lane_waits_o),
    .switch_o(lane_switch_o),
    .act_o   (lanes_o)
  );

  `LAC_ASSERT(tile_ready, !tile_o || ready_i, "a tile starts without its weights")
  `LAC_ASSERT(lane_0_is_pixel, lane_valid_o[0] == px_valid_o, "lane 0 without its pixel")

endmodule
