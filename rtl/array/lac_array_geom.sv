// SPDX-License-Identifier: Apache-2.0
//
// Geometry: the products that a pass needs, and whether the build can hold it.
//
//   start_i --> nine products, one by one --> sizes --> bad_o, bad_idx_o with done_o
//
// Sizes (lac_products) saturate at SizeWidth bits, which is above every memory, so nothing that is too large wraps
// into what fits. Compressed: tiles have no fixed size in the weight buffer, of WGT_BASE only that
// it is in there is looked at. The checks by CFG index: README.md beside this. Which fields are looked at
// depends on the phases MODE asks for.
// Latency: start_i to done_o 46 cycles. Sizes hold until the next start_i.
// Parameters:
//   Rows        2..32, a power of two
//   AccWidth    9..48
//   ActDepth    1..16777216
//   WgtDepth    1..16777216
//   AccDepth    1..16777216
//   BiasDepth   1..16777216
//   Compressed  any
// Model: models/dense, what its compiler refuses.

`include "lac_assert.svh"

module lac_array_geom
  import lac_array_cfg_pkg::*;
#(
  parameter  int Rows       = 16,
  parameter  int AccWidth   = 48,
  parameter  int ActDepth   = 16384,
  parameter  int WgtDepth   = 8192,
  parameter  int AccDepth   = 4096,
  parameter  int BiasDepth  = 64,
  parameter  bit Compressed = 0,
  localparam int SizeWidth  = 25
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           start_i,
  input  lac_array_cfg_t                 cfg_i,
  output logic                           done_o,       // pulse: all below is valid
  output logic                           bad_o,
  output logic           [          3:0] bad_idx_o,
  output logic           [SizeWidth-1:0] in_pixels_o,  // H*W
  output logic           [SizeWidth-1:0] in_words_o,   // CT*H*W
  output logic           [SizeWidth-1:0] sums_o,       // KT*P*Q
  output logic           [SizeWidth-1:0] tiles_o,      // KT*R*S*CT
  output logic           [SizeWidth-1:0] row_step_o,   // STRIDE*W
  output logic           [SizeWidth-1:0] top_o         // PAD_TOP*W
);

  `LAC_PARAM_RULE(lac_array_geom, Rows, 2, 32, (Rows & (Rows - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_array_geom, AccWidth, 9, 48)
  `LAC_PARAM(lac_array_geom, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_array_geom, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_array_geom, AccDepth, 1, 16777216)
  `LAC_PARAM(lac_array_geom, BiasDepth, 1, 16777216)

  localparam int NumChecks = CFG_SHIFT + 1;
  localparam int RowBits = $clog2(Rows);
  localparam int NumProducts = 9;

  // fields -----------------------------------------------------------------------------------
  lac_array_mode_t mode;
  logic [31:0] wgt_base, act_base, bias_base, shift;
  logic [15:0] in_h, in_w, out_h, out_w, kernel_h, kernel_w, stride, pad_top, ct, kt;
  logic m_act, m_compute, m_output, m_bias;

  assign mode      = cfg_i.mode;
  assign m_act     = mode.load_act;
  assign m_compute = mode.compute;
  assign m_output  = mode.output_;
  assign m_bias    = mode.bias;
  assign in_h      = cfg_i.in_size.h;
  assign in_w      = cfg_i.in_size.w;
  assign out_h     = cfg_i.out_size.p;
  assign out_w     = cfg_i.out_size.q;
  assign kernel_h  = {8'd0, cfg_i.kernel.r};
  assign kernel_w  = {8'd0, cfg_i.kernel.s};
  assign stride    = {12'd0, cfg_i.kernel.stride};
  assign pad_top   = {12'd0, cfg_i.kernel.pad_top};
  assign ct        = cfg_i.tiles.ct;
  assign kt        = cfg_i.tiles.kt;
  assign wgt_base  = cfg_i.wgt_base;
  assign act_base  = cfg_i.act_base;
  assign bias_base = cfg_i.bias_base;
  assign shift     = cfg_i.shift;

  // Upper CFG registers, RELU, PAD_LEFT and what is above it are not looked at here.
  logic unused_cfg;
  assign unused_cfg = ^cfg_i;

  // products ---------------------------------------------------------------------------------
  logic size_valid;
  logic [3:0] step;
  logic [SizeWidth-1:0] pixels_q, rs_q, crs_q, factor, size;
  logic [15:0] times;

  always_comb begin
    case (step)
      4'd0: begin
        factor = SizeWidth'(in_h);
        times  = in_w;
      end
      4'd1: begin
        factor = in_pixels_o;
        times  = ct;
      end
      4'd2: begin
        factor = SizeWidth'(out_h);
        times  = out_w;
      end
      4'd3: begin
        factor = pixels_q;
        times  = kt;
      end
      4'd4: begin
        factor = SizeWidth'(kernel_h);
        times  = kernel_w;
      end
      4'd5: begin
        factor = rs_q;
        times  = ct;
      end
      4'd6: begin
        factor = crs_q;
        times  = kt;
      end
      4'd7: begin
        factor = SizeWidth'(in_w);
        times  = stride;
      end
      default: begin
        factor = SizeWidth'(in_w);
        times  = pad_top;
      end
    endcase
  end

  lac_products #(
    .Num      (NumProducts),
    .SizeWidth(SizeWidth)
  ) u_products (
    .clk_i,
    .rst_ni,
    .start_i,
    .num_o   (step),
    .factor_i(factor),
    .times_i (times),
    .one_i   (1'b0),
    .valid_o (size_valid),
    .size_o  (size),
    .busy_o  (),
    .done_o
  );

  always_ff @(posedge clk_i) begin
    if (size_valid) begin
      case (step)
        4'd0:    in_pixels_o <= size;
        4'd1:    in_words_o <= size;
        4'd2:    pixels_q <= size;
        4'd3:    sums_o <= size;
        4'd4:    rs_q <= size;
        4'd5:    crs_q <= size;
        4'd6:    tiles_o <= size;
        4'd7:    row_step_o <= size;
        default: top_o <= size;
      endcase
    end
  end

  // checks, by CFG index; one assignment per bit for Icarus 11 ---------------------------------
  logic [NumChecks-1:0] bad;

  assign bad[CFG_MODE] = (|(32'(mode) & ~MODE_KNOWN))
                       | ~(mode.load_wgt | m_act | m_compute | m_output)
                       | (mode.acc_keep & m_bias);
  assign bad[CFG_IN_SIZE] = (m_act | m_compute) & ((in_h == 16'd0) | (in_w == 16'd0));
  assign bad[CFG_OUT_SIZE] = (m_compute | m_output) & ((out_h == 16'd0) | (out_w == 16'd0));
  assign bad[CFG_KERNEL] = m_compute
                         & ((kernel_h == 16'd0) | (kernel_w == 16'd0) | (stride == 16'd0));
  assign bad[CFG_TILES] = ((m_act | m_compute) & (ct == 16'd0))
                        | ((m_compute | m_output)
                           & ((kt == 16'd0) | (sums_o > SizeWidth'(AccDepth))));
  if (Compressed) begin : gen_base
    assign bad[CFG_WGT_BASE] = m_compute & (wgt_base >= 32'(WgtDepth));
  end else begin : gen_end
    assign bad[CFG_WGT_BASE] = m_compute
                                & (34'(wgt_base) + (34'(tiles_o) << RowBits) > 34'(WgtDepth));
  end
  assign bad[CFG_ACT_BASE] = (m_act | m_compute)
                           & (34'(act_base) + 34'(in_words_o) > 34'(ActDepth));
  assign bad[CFG_BIAS_BASE] = m_compute & m_bias & (34'(bias_base) + 34'(kt) > 34'(BiasDepth));
  assign bad[CFG_SHIFT] = m_output & (shift >= 32'(AccWidth));

  // The sizes that are looked at come steps before the last one: one more cycle costs none.
  logic [NumChecks-1:0] bad_q;
  always_ff @(posedge clk_i) bad_q <= bad;

  lac_ffs #(
    .Width(NumChecks)
  ) u_bad (
    .in_i    (bad_q),
    .valid_o (bad_o),
    .index_o (bad_idx_o),
    .onehot_o()
  );

  `LAC_ASSERT(index_of_bad, !done_o || !bad_o || bad_q[bad_idx_o], "the index names a good field")

endmodule
