// SPDX-License-Identifier: Apache-2.0
//
// Address generator: walks all pixels of all weight tiles of a pass, one per cycle, and reads each
// pixel's activations where they lie; the input is never unrolled.
//
//   for kt, r, s, ct:                                  a tile; starts when its weights are ready
//     for p, q:                                        a pixel
//       y = p*STRIDE + r - PAD_TOP, x = q*STRIDE + s - PAD_LEFT
//       read ACT_BASE + (ct*H + y)*W + x, or nothing (zeros) outside of 0..H-1, 0..W-1
//       sum address kt*P*Q + p*Q + q
//
// Addresses are only added to: STRIDE along a row, STRIDE*W to the next row, 1 or W or H*W to the
// next tile. They wrap, so that one left of or above the input comes out right when it comes in.
// Example: H = W = 3, 3x3 kernel, padding 1, tile (r, s) = (0, 0): the first row of pixels and the
// first of each other row are outside, pixel (1, 1) reads word 0.
//
// The loops are lac_agen's, with the address of the activations; position and sum go along.
// The read is combinational from registers (rd_*_o), the rest comes a cycle later, with the data.
// tile_o: pulse with the read of a tile's first pixel; ready_i: its weights will be in place.
// waits_o: in place of a pixel, between tiles (or before the first) the weights are not ready.
// Latency: start_i to the first read 1 cycle, if ready. Throughput: one pixel per cycle, no cycle
// between tiles if ready. Model: models/golden.py im2col.
// Parameters:
//   AddrWidth  1..24
//   SumWidth   1..24

`include "lac_assert.svh"

module lac_array_agen #(
  parameter int AddrWidth = 14,  // activation buffer
  parameter int SumWidth  = 12   // accumulator banks
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clr_i,
  input  logic                 start_i,
  // geometry, constant while it runs; checked before
  input  logic [         15:0] in_h_i,
  input  logic [         15:0] in_w_i,
  input  logic [         15:0] out_h_i,
  input  logic [         15:0] out_w_i,
  input  logic [          7:0] kernel_h_i,
  input  logic [          7:0] kernel_w_i,
  input  logic [          3:0] stride_i,
  input  logic [          3:0] pad_top_i,
  input  logic [          3:0] pad_left_i,
  input  logic [         15:0] ct_i,
  input  logic [         15:0] kt_i,
  input  logic [AddrWidth-1:0] act_base_i,
  input  logic [AddrWidth-1:0] in_pixels_i,  // H*W
  input  logic [AddrWidth-1:0] row_step_i,   // STRIDE*W
  input  logic [AddrWidth-1:0] top_i,        // PAD_TOP*W
  input  logic                 keep_i,       // add to the sums of the pass before
  // weights
  input  logic                 ready_i,
  output logic                 tile_o,
  // activation buffer
  output logic                 rd_en_o,
  output logic [AddrWidth-1:0] rd_addr_o,
  // the pixel, with the data
  output logic                 valid_o,
  output logic                 waits_o,      // no pixel, for want of weights
  output logic                 inside_o,     // 0: zeros instead of the data
  output logic                 switch_o,     // first of a tile
  output logic                 init_o,       // first tile of the sum: nothing to add to
  output logic                 last_o,       // last pixel of the pass
  output logic [ SumWidth-1:0] sum_addr_o
);

  `LAC_PARAM(lac_array_agen, AddrWidth, 1, 24)
  `LAC_PARAM(lac_array_agen, SumWidth, 1, 24)

  localparam int PosWidth = 21;  // 65534 * 15 + 255 and, wrapped, -15

  localparam int Dims = 6;  // of the loops above, innermost first: q, p, ct, s, r, kt

  logic active, in_tile_q, may_issue, issue;
  logic [Dims-1:0] first, last;
  logic [PosWidth-1:0] y_q, x_q, x_tile_q, y_tile_q;
  logic [AddrWidth-1:0] addr_first;
  logic [SumWidth-1:0] sum_q, sum_tile_q;
  logic end_row, end_tile, end_ct, end_s, end_kt, end_all, in_bounds, first_tile;
  logic [PosWidth-1:0] next_x, next_y, first_x, first_y;
  logic [SumWidth-1:0] sum_next, next_sum_tile;

  assign may_issue  = in_tile_q | ready_i;
  // Only the activations' address needs all six: x, y and the sum restart by what ends.
  assign addr_first = act_base_i - top_i - AddrWidth'(pad_left_i);

  lac_agen #(
    .Dims(Dims),
    .AddrWidth(AddrWidth),
    .CountWidth(16)
  ) u_loops (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .clr_i(clr_i),
    .start_i(start_i),
    .base_i(addr_first),
    .count_i({kt_i, 16'(kernel_h_i), 16'(kernel_w_i), ct_i, out_h_i, out_w_i}),
    .stride_i({
      AddrWidth'(0),
      AddrWidth'(in_w_i),
      AddrWidth'(1),
      in_pixels_i,
      row_step_i,
      AddrWidth'(stride_i)
    }),
    .out_valid_o(active),
    .out_ready_i(may_issue),
    .out_addr_o(rd_addr_o),
    .out_first_o(first),
    .out_last_o(last)
  );

  logic unused_first;
  assign unused_first  = ^{first[5], first[1:0]};

  assign issue         = active & may_issue;
  assign tile_o        = issue & ~in_tile_q;

  // What ends with this pixel: a row, a tile, the channels, a kernel row, a kernel, all.
  assign end_row       = last[0];
  assign end_tile      = end_row & last[1];
  assign end_ct        = end_tile & last[2];
  assign end_s         = end_ct & last[3];
  assign end_kt        = end_s & last[4];
  assign end_all       = end_kt & last[5];

  assign in_bounds     = (y_q < PosWidth'(in_h_i)) & (x_q < PosWidth'(in_w_i));
  assign first_tile    = &first[4:2];
  assign rd_en_o       = issue & in_bounds;

  assign first_x       = PosWidth'(0) - PosWidth'(pad_left_i);
  assign first_y       = PosWidth'(0) - PosWidth'(pad_top_i);
  assign next_x        = ~end_ct ? x_tile_q : ~end_s ? x_tile_q + PosWidth'(1) : first_x;
  assign next_y        = ~end_s ? y_tile_q : ~end_kt ? y_tile_q + PosWidth'(1) : first_y;
  assign sum_next      = sum_q + SumWidth'(1);
  assign next_sum_tile = end_kt ? sum_next : sum_tile_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_tile_q <= 1'b0;
      valid_o   <= 1'b0;
      waits_o   <= 1'b0;
    end else if (clr_i) begin
      in_tile_q <= 1'b0;
      valid_o   <= 1'b0;
      waits_o   <= 1'b0;
    end else begin
      if (issue) in_tile_q <= ~end_tile;
      valid_o <= issue;
      waits_o <= active & ~issue;
    end
  end

  // Switch bits are looked at without a valid bit.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) switch_o <= 1'b0;
    else switch_o <= tile_o;
  end

  always_ff @(posedge clk_i) begin
    inside_o   <= rd_en_o;
    init_o     <= first_tile & ~keep_i;
    last_o     <= end_all;
    sum_addr_o <= sum_q;
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      x_q        <= first_x;
      y_q        <= first_y;
      x_tile_q   <= first_x;
      y_tile_q   <= first_y;
      sum_q      <= '0;
      sum_tile_q <= '0;
    end else if (issue) begin
      if (end_tile) begin
        x_q        <= next_x;
        y_q        <= next_y;
        x_tile_q   <= next_x;
        y_tile_q   <= next_y;
        sum_q      <= next_sum_tile;
        sum_tile_q <= next_sum_tile;
      end else begin
        sum_q <= sum_next;
        if (end_row) begin
          x_q <= x_tile_q;
          y_q <= y_q + PosWidth'(stride_i);
        end else begin
          x_q <= x_q + PosWidth'(stride_i);
        end
      end
    end
  end

  `LAC_ASSERT(tile_waits, !tile_o || ready_i, "a tile starts before its weights are in place")
  `LAC_ASSERT(one_of, !(valid_o && waits_o), "a pixel in a cycle of waiting")
  `LAC_ASSERT(switch_valid, !(switch_o && !valid_o) || $past(clr_i), "a switch without a pixel")
  `LAC_ASSERT(inside_is_read, !inside_o || valid_o || $past(clr_i), "data without a pixel")
  `LAC_ASSERT(tile_of_tile, !tile_o || !in_tile_q, "a tile starts within another")

endmodule
