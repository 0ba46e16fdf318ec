// SPDX-License-Identifier: Apache-2.0
//
// Address generator of SPS: the pixels of each tile, one per cycle, by their origin in the input.
//
//   for tiles, as they come (ready_i):               begun by tile_o
//     for p, q:                                      a pixel
//       y0 = p*STRIDE - PAD_TOP, x0 = q*STRIDE - PAD_LEFT
//       base ACT_BASE + (ct*H + y0)*W + x0; yin[d]: row y0 + d is in the input, xin[d]: column x0
// + d
//       sum address kt*P*Q + p*Q + q
//
// A row of the array adds where its weight lies in the window, and reads if it lies inside.
// Addresses
// wrap, so that an origin outside does no harm.
// init_i, fresh_i (with tile_o): the tile is the first one of its kt, of its ct: base and sum go to
// the next kt, or the base to the next ct, or both begin again.
// known_i: whether a tile follows is known; final_i: none does. The last pixel of a tile waits for
// it.
// Example: H = W = 3, padding 1, KernelSize 3: pixel (0, 0) has base ACT_BASE - 4, yin = xin = 110.
//
// All of a pixel in the cycle of valid_o, out of registers. waits_o: in place of a pixel.
// Latency: start_i to waits_o 1 cycle, tile_o to its first pixel 1. Throughput: one pixel per
// cycle, no
// cycle between tiles that are ready. Model: models/sps.
// Parameters:
//   AddrWidth   1..24
//   SumWidth    1..24
//   KernelSize  1..15

`include "lac_assert.svh"

module lac_sps_agen #(
  parameter int AddrWidth  = 14,  // activation banks
  parameter int SumWidth   = 12,  // accumulator banks
  parameter int KernelSize = 7
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clr_i,
  input  logic                  start_i,
  // geometry, constant while it runs; checked before
  input  logic [          15:0] in_h_i,
  input  logic [          15:0] in_w_i,
  input  logic [          15:0] out_h_i,
  input  logic [          15:0] out_w_i,
  input  logic [           3:0] stride_i,
  input  logic [           3:0] pad_top_i,
  input  logic [           3:0] pad_left_i,
  input  logic [ AddrWidth-1:0] act_base_i,
  input  logic [ AddrWidth-1:0] in_pixels_i,  // H*W
  input  logic [ AddrWidth-1:0] row_step_i,   // STRIDE*W
  input  logic [ AddrWidth-1:0] top_i,        // PAD_TOP*W
  input  logic                  keep_i,       // add to the sums of the pass before
  // tiles
  input  logic                  ready_i,
  output logic                  tile_o,
  input  logic                  init_i,
  input  logic                  fresh_i,
  input  logic                  known_i,
  input  logic                  final_i,
  // the pixel
  output logic                  valid_o,
  output logic                  waits_o,
  output logic [ AddrWidth-1:0] base_o,
  output logic [KernelSize-1:0] yin_o,
  output logic [KernelSize-1:0] xin_o,
  output logic                  first_o,      // first of its tile
  output logic                  init_o,       // nothing to add to
  output logic                  last_o,       // last of the pass
  output logic [  SumWidth-1:0] sum_addr_o
);

  `LAC_PARAM(lac_sps_agen, AddrWidth, 1, 24)
  `LAC_PARAM(lac_sps_agen, SumWidth, 1, 24)
  `LAC_PARAM(lac_sps_agen, KernelSize, 1, 15)

  localparam int PlaceWidth = 21;  // 65534 * 15 and, wrapped, -15

  logic runs_q, in_tile, may_issue, end_row, end_tile, ends, init_q;
  logic [1:0] first, last;
  logic [AddrWidth-1:0] tile_q, tile_next;
  logic [SumWidth-1:0] sum_q, sum_tile_q, sum_next, sum_tile_next;
  logic [PlaceWidth-1:0] y_q, x_q, first_y, first_x;

  // pixels of a tile ---------------------------------------------------------------------------
  assign end_row = last[0];
  assign end_tile = &last;
  assign may_issue = ~end_tile | known_i;
  assign valid_o = in_tile & may_issue;
  assign ends = valid_o & end_tile;
  assign tile_o = runs_q & ready_i & (~in_tile | ends);
  assign waits_o = runs_q & ~valid_o;
  assign first_o = &first;
  assign last_o = end_tile & final_i;

  assign tile_next = init_i ? act_base_i - top_i - AddrWidth'(pad_left_i)
                   : fresh_i ? tile_q + in_pixels_i : tile_q;

  lac_agen #(
    .Dims(2),
    .AddrWidth(AddrWidth),
    .CountWidth(16)
  ) u_loops (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .clr_i      (clr_i),
    .start_i    (tile_o),
    .base_i     (tile_next),
    .count_i    ({out_h_i, out_w_i}),
    .stride_i   ({row_step_i, AddrWidth'(stride_i)}),
    .out_valid_o(in_tile),
    .out_ready_i(may_issue),
    .out_addr_o (base_o),
    .out_first_o(first),
    .out_last_o (last)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) runs_q <= 1'b0;
    else if (clr_i) runs_q <= 1'b0;
    else if (start_i) runs_q <= 1'b1;
    else if (ends && final_i) runs_q <= 1'b0;
  end

  // sums ---------------------------------------------------------------------------------------
  assign sum_next      = valid_o ? sum_q + SumWidth'(1) : sum_q;
  assign sum_tile_next = init_i ? sum_next : sum_tile_q;
  assign sum_addr_o    = sum_q;
  assign init_o        = init_q & ~keep_i;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      sum_q <= '0;
    end else if (tile_o) begin
      tile_q     <= tile_next;
      init_q     <= init_i;
      sum_q      <= sum_tile_next;
      sum_tile_q <= sum_tile_next;
    end else begin
      sum_q <= sum_next;
    end
  end

  // place --------------------------------------------------------------------------------------
  assign first_x = PlaceWidth'(0) - PlaceWidth'(pad_left_i);
  assign first_y = PlaceWidth'(0) - PlaceWidth'(pad_top_i);

  always_ff @(posedge clk_i) begin
    if (tile_o) begin
      x_q <= first_x;
      y_q <= first_y;
    end else if (valid_o) begin
      x_q <= end_row ? first_x : x_q + PlaceWidth'(stride_i);
      if (end_row) y_q <= y_q + PlaceWidth'(stride_i);
    end
  end

  lac_sps_inside #(
    .PlaceWidth(PlaceWidth),
    .KernelSize(KernelSize)
  ) u_yin (
    .place_i (y_q),
    .size_i  (in_h_i),
    .inside_o(yin_o)
  );

  lac_sps_inside #(
    .PlaceWidth(PlaceWidth),
    .KernelSize(KernelSize)
  ) u_xin (
    .place_i (x_q),
    .size_i  (in_w_i),
    .inside_o(xin_o)
  );

  `LAC_ASSERT(tile_waits, !tile_o || ready_i, "a tile starts before its weights are in place")
  `LAC_ASSERT(one_of, !(valid_o && waits_o), "a pixel in a cycle of waiting")
  `LAC_ASSERT(final_known, !final_i || known_i, "the end is told before it is known")
  `LAC_ASSERT(pixel_of_pass, !valid_o || runs_q, "a pixel outside of a pass")
  `LAC_ASSERT(fresh_of_init, !tile_o || fresh_i || !init_i, "the first tile of a kt within a ct")
  `LAC_ASSERT(start_idle, !start_i || clr_i || !runs_q, "started while it runs")
  `LAC_COVER(cover_holds, in_tile && !may_issue)
  `LAC_COVER(cover_back_to_back, tile_o && in_tile)

endmodule
