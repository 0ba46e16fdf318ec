// SPDX-License-Identifier: Apache-2.0
//
// Geometry of Cambricon-SE: the products that a pass needs, and whether the build can hold it.
//
//   start_i --> seven products, one by one --> walk_o --> bad_o, bad_idx_o with done_o
//
// Sizes (lac_products) saturate at 25 bits, which is above every memory, so nothing that is too large wraps
// into what fits. bad_idx_o is the lowest CFG register at fault, of those that the phases of MODE
// use; limits: registers.toml beside this file.
// Example: H 4, W 6, CB 2, STRIDE 1, P 2, Q 4: rows 48, step_q 2, step_p 12, pixels 8.
// Latency: start_i to done_o 36 cycles. Sizes hold until the next start_i.
// Parameters:
//   Cores      1..4, 1, 2 or 4
//   ActDepth   2..65536
//   AccDepth   1..65536
//   AccWidth   17..48
//   BiasDepth  1..4096
//   HufLanes   0..16, 0, 8 or 16
// Model: models/cambricon_se/registers.py, geometry.py.

`include "lac_assert.svh"

module lac_cse_geom
  import lac_cambricon_se_cfg_pkg::*, lac_cse_pkg::*;
#(
  parameter int Cores     = 2,
  parameter int ActDepth  = 1024,
  parameter int AccDepth  = 1024,
  parameter int AccWidth  = 48,
  parameter int BiasDepth = 64,
  parameter int HufLanes  = 16
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        start_i,
  input  lac_cambricon_se_cfg_t       cfg_i,
  output logic                        done_o,     // pulse: all below is valid
  output logic                        bad_o,
  output logic                  [3:0] bad_idx_o,
  output lac_cse_walk_t               walk_o
);

  `LAC_PARAM_RULE(lac_cse_geom, Cores, 1, 4, Cores != 3, "1, 2 or 4")
  `LAC_PARAM(lac_cse_geom, ActDepth, 2, 65536)
  `LAC_PARAM(lac_cse_geom, AccDepth, 1, 65536)
  `LAC_PARAM(lac_cse_geom, AccWidth, 17, 48)
  `LAC_PARAM(lac_cse_geom, BiasDepth, 1, 4096)
  `LAC_PARAM_RULE(lac_cse_geom, HufLanes, 0, 16, HufLanes == 0 || HufLanes == 8 || HufLanes == 16,
                  "0, 8 or 16")

  localparam int NumChecks = CFG_SHIFT + 1;
  localparam int SizeWidth = 25;
  localparam int CoreLog = $clog2(Cores);
  localparam int NumProducts = 7;

  // fields -----------------------------------------------------------------------------------
  lac_cambricon_se_mode_t mode;
  logic [31:0] shift, group_reg;
  logic [15:0] in_h, in_w, out_p, out_q, groups, core_groups;
  logic [16:0] groups_up;
  logic [ 7:0] cb;
  logic [ 3:0] stride;
  logic act_com, com_out;

  assign mode        = cfg_i.mode;
  assign act_com     = mode.load_act | mode.compute;
  assign com_out     = mode.compute | mode.output_;
  assign in_h        = cfg_i.in_size.h;
  assign in_w        = cfg_i.in_size.w;
  assign out_p       = cfg_i.out_size.p;
  assign out_q       = cfg_i.out_size.q;
  assign stride      = cfg_i.kernel.stride;
  assign cb          = cfg_i.kernel.cb;
  assign group_reg   = cfg_i.groups;
  assign groups      = group_reg[15:0];
  assign groups_up   = 17'(groups) + 17'(Cores - 1);
  assign core_groups = 16'(groups_up >> CoreLog);  // of the core that has most
  assign shift       = cfg_i.shift;

  // products ---------------------------------------------------------------------------------
  logic size_valid, zero_is_one;
  logic [2:0] num;
  logic [SizeWidth-1:0] area_q, rows_q, pixels_q, sums_q, results_q, step_q_q, step_p_q;
  logic [SizeWidth-1:0] factor, size;
  logic [15:0] times;

  // Upper CFG registers and options are not looked at here; of results the low bits.
  logic unused_cfg;
  assign unused_cfg = ^{cfg_i, group_reg, results_q};

  always_comb begin
    zero_is_one = 1'b0;
    case (num)
      3'd0: begin
        factor = SizeWidth'(in_h);
        times  = in_w;
      end
      3'd1: begin
        factor = area_q;
        times = 16'(cb);
        zero_is_one = 1'b1;
      end
      3'd2: begin
        factor = SizeWidth'(out_p);
        times  = out_q;
      end
      3'd3: begin
        factor = pixels_q;
        times = core_groups;
        zero_is_one = 1'b1;
      end
      3'd4: begin
        factor = pixels_q;
        times  = groups;
      end
      3'd5: begin
        factor = SizeWidth'(stride);
        times  = 16'(cb);
      end
      default: begin
        factor = step_q_q;
        times  = in_w;
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
    .num_o   (num),
    .factor_i(factor),
    .times_i (times),
    .one_i   (zero_is_one),
    .valid_o (size_valid),
    .size_o  (size),
    .busy_o  (),
    .done_o
  );

  always_ff @(posedge clk_i) begin
    if (size_valid) begin
      case (num)
        3'd0: area_q <= size;
        3'd1: rows_q <= size;
        3'd2: pixels_q <= size;
        3'd3: sums_q <= size;
        3'd4: results_q <= size;
        3'd5: step_q_q <= size;
        default: step_p_q <= size;
      endcase
    end
  end

  // checks, by CFG index; one assignment per bit for Icarus 11 ---------------------------------
  logic [NumChecks-1:0] bad, bad_q;

  assign bad[CFG_MODE] = (|(32'(mode) & ~MODE_KNOWN))
                       | ~(mode.load_wgt | act_com | mode.output_)
                       | (mode.acc_keep & mode.bias)
                       | (mode.huffman & (HufLanes == 0));
  assign bad[CFG_IN_SIZE] = act_com & ((in_h == '0) | (in_w == '0));
  assign bad[CFG_OUT_SIZE] = com_out & ((out_p == '0) | (out_q == '0));
  assign bad[CFG_KERNEL] = (mode.compute & (stride == '0))
                         | (act_com & ((cb == '0) | (rows_q > SizeWidth'(ActDepth))));
  assign bad[CFG_GROUPS] = com_out & ((groups == '0) | (sums_q > SizeWidth'(AccDepth))
                                      | (mode.bias & (core_groups > 16'(BiasDepth))));
  assign bad[CFG_SHIFT] = mode.output_ & (shift >= 32'(AccWidth));

  // The sizes that are looked at come steps before the last one: one more cycle costs none.
  always_ff @(posedge clk_i) bad_q <= bad;

  lac_ffs #(
    .Width(NumChecks)
  ) u_bad (
    .in_i    (bad_q),
    .valid_o (bad_o),
    .index_o (bad_idx_o[$clog2(NumChecks)-1:0]),
    .onehot_o()
  );
  assign bad_idx_o[3]   = 1'b0;

  // sizes: a step past the block is past it, whatever it is ------------------------------------
  assign walk_o.p_last  = out_p - 16'd1;
  assign walk_o.q_last  = out_q - 16'd1;
  assign walk_o.step_q  = 18'(step_q_q);
  assign walk_o.step_p  = step_p_q[SizeWidth-1:17] != '0 ? 18'h2_0000 : 18'(step_p_q);
  assign walk_o.rows    = 17'(rows_q);
  assign walk_o.pixels  = 17'(pixels_q);
  assign walk_o.results = 19'(results_q);
  assign walk_o.groups  = groups;

  `LAC_ASSERT(index_of_bad, !done_o || !bad_o || bad_q[bad_idx_o[2:0]],
              "the index names a good field")

endmodule
