// SPDX-License-Identifier: Apache-2.0
//
// Geometry: the products that a pass needs, and whether the build can hold it.
//
//   start_i --> one product per cycle on one multiplier --> sizes --> bad_o, bad_idx_o with done_o
//
// Sizes saturate at SizeWidth bits, which is above every memory, so nothing that is too large wraps
// into what fits. Compressed: tiles have no fixed size in the weight buffer, of WGT_BASE only that
// it is in there is looked at. The checks by CFG index: README.md beside this. Which fields are looked at
// depends on the phases MODE asks for.
// Latency: start_i to done_o 10 cycles. Sizes hold until the next start_i.
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

module lac_array_geom import lac_pkg::*; #(
  parameter  int Rows      = 16,
  parameter  int AccWidth  = 48,
  parameter  int ActDepth  = 16384,
  parameter  int WgtDepth  = 8192,
  parameter  int AccDepth  = 4096,
  parameter  int BiasDepth = 64,
  parameter  bit Compressed = 0,
  localparam int SizeWidth = 25
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  start_i,
  input  logic [NUM_CFG*32-1:0] cfg_i,
  output logic                  done_o,       // pulse: all below is valid
  output logic                  bad_o,
  output logic [3:0]            bad_idx_o,
  output logic [SizeWidth-1:0]  in_pixels_o,  // H*W
  output logic [SizeWidth-1:0]  in_words_o,   // CT*H*W
  output logic [SizeWidth-1:0]  sums_o,       // KT*P*Q
  output logic [SizeWidth-1:0]  tiles_o,      // KT*R*S*CT
  output logic [SizeWidth-1:0]  row_step_o,   // STRIDE*W
  output logic [SizeWidth-1:0]  top_o         // PAD_TOP*W
);

  `LAC_PARAM_RULE(lac_array_geom, Rows, 2, 32, (Rows & (Rows - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_array_geom, AccWidth, 9, 48)
  `LAC_PARAM(lac_array_geom, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_array_geom, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_array_geom, AccDepth, 1, 16777216)
  `LAC_PARAM(lac_array_geom, BiasDepth, 1, 16777216)

  localparam int NumChecks = 9;
  localparam int ProdWidth = SizeWidth + 16;
  localparam int RowBits   = $clog2(Rows);
  localparam logic [3:0] LastStep = 4'd8;

  // fields -----------------------------------------------------------------------------------
  logic [31:0] mode, wgt_base, act_base, bias_base, shift;
  logic [15:0] in_h, in_w, out_h, out_w, kernel_h, kernel_w, stride, pad_top, ct, kt;
  logic        m_act, m_compute, m_output, m_keep, m_bias;

  assign mode      = cfg_i[0 +: 32];
  assign {in_w, in_h}   = cfg_i[1*32 +: 32];
  assign {out_w, out_h} = cfg_i[2*32 +: 32];
  assign kernel_h  = 16'(cfg_i[3*32 +: 8]);
  assign kernel_w  = 16'(cfg_i[3*32 + 8 +: 8]);
  assign stride    = 16'(cfg_i[3*32 + 16 +: 4]);
  assign pad_top   = 16'(cfg_i[3*32 + 20 +: 4]);
  assign {kt, ct}  = cfg_i[4*32 +: 32];
  assign wgt_base  = cfg_i[5*32 +: 32];
  assign act_base  = cfg_i[6*32 +: 32];
  assign bias_base = cfg_i[7*32 +: 32];
  assign shift     = cfg_i[8*32 +: 32];
  assign m_act     = mode[1];
  assign m_compute = mode[2];
  assign m_output  = mode[3];
  assign m_keep    = mode[6];
  assign m_bias    = mode[7];

  // Upper CFG registers, RELU, PAD_LEFT and what is above it are not looked at here.
  logic unused_cfg;
  assign unused_cfg = ^{cfg_i[NUM_CFG*32-1 : NumChecks*32], cfg_i[3*32 + 24 +: 8], mode[8]};

  // products ---------------------------------------------------------------------------------
  logic                 busy_q;
  logic [3:0]           step_q;
  logic [SizeWidth-1:0] pixels_q, rs_q, crs_q, factor, size;
  logic [15:0]          times;
  logic [ProdWidth-1:0] product;

  always_comb begin
    case (step_q)
      4'd0:    begin factor = SizeWidth'(in_h);     times = in_w;     end
      4'd1:    begin factor = in_pixels_o;          times = ct;       end
      4'd2:    begin factor = SizeWidth'(out_h);    times = out_w;    end
      4'd3:    begin factor = pixels_q;             times = kt;       end
      4'd4:    begin factor = SizeWidth'(kernel_h); times = kernel_w; end
      4'd5:    begin factor = rs_q;                 times = ct;       end
      4'd6:    begin factor = crs_q;                times = kt;       end
      4'd7:    begin factor = SizeWidth'(in_w);     times = stride;   end
      default: begin factor = SizeWidth'(in_w);     times = pad_top;  end
    endcase
  end

  assign product = ProdWidth'(factor) * ProdWidth'(times);
  assign size    = product[ProdWidth-1:SizeWidth] != '0 ? '1 : product[SizeWidth-1:0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      done_o <= 1'b0;
    end else begin
      busy_q <= start_i | (busy_q & (step_q != LastStep));
      done_o <= busy_q & ~start_i & (step_q == LastStep);
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) step_q <= '0;
    else step_q <= step_q + 4'd1;
    if (busy_q) begin
      case (step_q)
        4'd0:    in_pixels_o <= size;
        4'd1:    in_words_o  <= size;
        4'd2:    pixels_q    <= size;
        4'd3:    sums_o      <= size;
        4'd4:    rs_q        <= size;
        4'd5:    crs_q       <= size;
        4'd6:    tiles_o     <= size;
        4'd7:    row_step_o  <= size;
        default: top_o       <= size;
      endcase
    end
  end

  // checks, by CFG index; one assignment per bit for Icarus 11 ---------------------------------
  logic [NumChecks-1:0] bad;

  assign bad[0] = (|mode[31:9]) | (|mode[5:4]) | ~(|mode[3:0]) | (m_keep & m_bias);
  assign bad[1] = (m_act | m_compute) & ((in_h == 16'd0) | (in_w == 16'd0));
  assign bad[2] = (m_compute | m_output) & ((out_h == 16'd0) | (out_w == 16'd0));
  assign bad[3] = m_compute & ((kernel_h == 16'd0) | (kernel_w == 16'd0) | (stride == 16'd0));
  assign bad[4] = ((m_act | m_compute) & (ct == 16'd0))
                | ((m_compute | m_output) & ((kt == 16'd0) | (sums_o > SizeWidth'(AccDepth))));
  if (Compressed) begin : gen_base
    assign bad[5] = m_compute & (wgt_base >= 32'(WgtDepth));
  end else begin : gen_end
    assign bad[5] = m_compute
                  & (34'(wgt_base) + (34'(tiles_o) << RowBits) > 34'(WgtDepth));
  end
  assign bad[6] = (m_act | m_compute) & (34'(act_base) + 34'(in_words_o) > 34'(ActDepth));
  assign bad[7] = m_compute & m_bias & (34'(bias_base) + 34'(kt) > 34'(BiasDepth));
  assign bad[8] = m_output & (shift >= 32'(AccWidth));

  lac_ffs #(.Width(NumChecks)) u_bad (
    .in_i     (bad),
    .valid_o  (bad_o),
    .index_o  (bad_idx_o),
    .onehot_o ()
  );

  `LAC_ASSERT(start_idle, !start_i || !busy_q, "started while it counts")
  `LAC_ASSERT(step_range, !busy_q || step_q <= LastStep, "a step past the last")
  `LAC_ASSERT(index_of_bad, !done_o || !bad_o || bad[bad_idx_o], "the index names a good field")

endmodule
