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
  input  logic [15:0]          in_h_i,
  input  logic [15:0]          in_w_i,
  input  logic [15:0]          out_h_i,
  input  logic [15:0]          out_w_i,
  input  logic [7:0]           kernel_h_i,
  input  logic [7:0]           kernel_w_i,
  input  logic [3:0]           stride_i,
  input  logic [3:0]           pad_top_i,
  input  logic [3:0]           pad_left_i,
  input  logic [15:0]          ct_i,
  input  logic [15:0]          kt_i,
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
  output logic [SumWidth-1:0]  sum_addr_o
);

  `LAC_PARAM(lac_array_agen, AddrWidth, 1, 24)
  `LAC_PARAM(lac_array_agen, SumWidth, 1, 24)

  localparam int PosWidth = 21;  // 65534 * 15 + 255 and, wrapped, -15

  logic                 active_q, in_tile_q, issue;
  logic [15:0]          p_q, q_q, ct_q, kt_q;
  logic [7:0]           r_q, s_q;
  logic [PosWidth-1:0]  y_q, x_q, x_tile_q, y_tile_q;
  logic [AddrWidth-1:0] addr_q, addr_row_q, addr_tile_q, addr_s_q, addr_r_q, addr_first;
  logic [SumWidth-1:0]  sum_q, sum_tile_q;
  logic                 last_col, last_p, last_ct, last_s, last_r, last_kt;
  logic                 end_row, end_tile, end_ct, end_s, end_kt, end_all, in_bounds, first_tile;
  logic [AddrWidth-1:0] next_tile, next_row;
  logic [PosWidth-1:0]  next_x, next_y, first_x, first_y;
  logic [SumWidth-1:0]  sum_next, next_sum_tile;

  assign issue  = active_q & (in_tile_q | ready_i);
  assign tile_o = issue & ~in_tile_q;

  assign last_col = q_q == out_w_i - 16'd1;
  assign last_p   = p_q == out_h_i - 16'd1;
  assign last_ct  = ct_q == ct_i - 16'd1;
  assign last_s   = s_q == kernel_w_i - 8'd1;
  assign last_r   = r_q == kernel_h_i - 8'd1;
  assign last_kt  = kt_q == kt_i - 16'd1;

  // What ends with this pixel: a row, a tile, the channels, a kernel row, a kernel, all.
  assign end_row  = last_col;
  assign end_tile = end_row & last_p;
  assign end_ct   = end_tile & last_ct;
  assign end_s    = end_ct & last_s;
  assign end_kt   = end_s & last_r;
  assign end_all  = end_kt & last_kt;

  assign in_bounds  = (y_q < PosWidth'(in_h_i)) & (x_q < PosWidth'(in_w_i));
  assign first_tile = (ct_q == 16'd0) & (s_q == 8'd0) & (r_q == 8'd0);
  assign rd_en_o    = issue & in_bounds;
  assign rd_addr_o  = addr_q;

  assign addr_first = act_base_i - top_i - AddrWidth'(pad_left_i);
  assign first_x    = PosWidth'(0) - PosWidth'(pad_left_i);
  assign first_y    = PosWidth'(0) - PosWidth'(pad_top_i);
  assign next_row   = addr_row_q + row_step_i;
  assign next_tile  = ~end_ct ? addr_tile_q + in_pixels_i :
                      ~end_s ? addr_s_q + AddrWidth'(1) :
                      ~end_kt ? addr_r_q + AddrWidth'(in_w_i) : addr_first;
  assign next_x     = ~end_ct ? x_tile_q : ~end_s ? x_tile_q + PosWidth'(1) : first_x;
  assign next_y     = ~end_s ? y_tile_q : ~end_kt ? y_tile_q + PosWidth'(1) : first_y;
  assign sum_next      = sum_q + SumWidth'(1);
  assign next_sum_tile = end_kt ? sum_next : sum_tile_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q  <= 1'b0;
      in_tile_q <= 1'b0;
      valid_o   <= 1'b0;
      waits_o   <= 1'b0;
    end else if (clr_i) begin
      active_q  <= 1'b0;
      in_tile_q <= 1'b0;
      valid_o   <= 1'b0;
      waits_o   <= 1'b0;
    end else begin
      if (start_i) active_q <= 1'b1;
      else if (issue && end_all) active_q <= 1'b0;
      if (issue) in_tile_q <= ~end_tile;
      valid_o <= issue;
      waits_o <= active_q & ~issue;
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
      p_q         <= '0;
      q_q         <= '0;
      ct_q        <= '0;
      s_q         <= '0;
      r_q         <= '0;
      kt_q        <= '0;
      x_q         <= first_x;
      y_q         <= first_y;
      x_tile_q    <= first_x;
      y_tile_q    <= first_y;
      addr_q      <= addr_first;
      addr_row_q  <= addr_first;
      addr_tile_q <= addr_first;
      addr_s_q    <= addr_first;
      addr_r_q    <= addr_first;
      sum_q       <= '0;
      sum_tile_q  <= '0;
    end else if (issue) begin
      q_q <= end_row ? '0 : q_q + 16'd1;
      if (end_row) p_q <= end_tile ? '0 : p_q + 16'd1;
      if (end_tile) begin
        ct_q        <= end_ct ? '0 : ct_q + 16'd1;
        x_q         <= next_x;
        y_q         <= next_y;
        x_tile_q    <= next_x;
        y_tile_q    <= next_y;
        addr_q      <= next_tile;
        addr_row_q  <= next_tile;
        addr_tile_q <= next_tile;
        if (end_ct) begin
          s_q      <= end_s ? '0 : s_q + 8'd1;
          addr_s_q <= next_tile;
        end
        if (end_s) begin
          r_q      <= end_kt ? '0 : r_q + 8'd1;
          addr_r_q <= next_tile;
        end
        if (end_kt) kt_q <= kt_q + 16'd1;
        sum_q      <= next_sum_tile;
        sum_tile_q <= next_sum_tile;
      end else begin
        sum_q <= sum_next;
        if (end_row) begin
          x_q        <= x_tile_q;
          y_q        <= y_q + PosWidth'(stride_i);
          addr_q     <= next_row;
          addr_row_q <= next_row;
        end else begin
          x_q    <= x_q + PosWidth'(stride_i);
          addr_q <= addr_q + AddrWidth'(stride_i);
        end
      end
    end
  end

  `LAC_ASSERT(start_idle, !start_i || !active_q, "started while it runs")
  `LAC_ASSERT(pixel_range, !active_q || start_i || (p_q < out_h_i && q_q < out_w_i),
              "a pixel outside the output")
  `LAC_ASSERT(tile_range, !active_q || start_i || (kt_q < kt_i && ct_q < ct_i && r_q < kernel_h_i
                                                   && s_q < kernel_w_i), "a tile past the last")
  `LAC_ASSERT(tile_waits, !tile_o || ready_i, "a tile starts before its weights are in place")
  `LAC_ASSERT(one_of, !(valid_o && waits_o), "a pixel in a cycle of waiting")
  `LAC_ASSERT(switch_valid, !(switch_o && !valid_o) || $past(clr_i), "a switch without a pixel")
  `LAC_ASSERT(inside_is_read, !inside_o || valid_o || $past(clr_i), "data without a pixel")
  `LAC_ASSERT(tile_of_tile, !tile_o || !in_tile_q, "a tile starts within another")

endmodule
