// SPDX-License-Identifier: Apache-2.0
//
// Geometry of SCNN: the products that a pass needs, and whether the build can hold it.
//
//   start_i --> three products, one by one --> sizes --> bad_o, bad_idx_o with done_o
//
// bad_idx_o is the lowest CFG register at fault, of those that the phases of MODE use; limits:
// registers.toml beside this. channels_o: output channels that the destination memories hold behind
// the computation of this pass, of which chan_i are there already.
// Example: TILE_H 7, HALO_U 1, PITCH 11: tile_lin_o 77, up_lin_o 11.
// Latency: start_i to done_o 7 cycles. Sizes hold until the next start_i.
// Parameters:
//   I           2..16, a power of two
//   AccWidth    20..40
//   Banks       8..512, a power of two
//   Entries     8..256, a power of two
//   MaxKc       4..64, a power of two
//   MaxC        8..4096, a multiple of 8
//   MaxTaps     1..255
//   WgtDepth    16..16777216
//   BiasDepth   1..65536
//   CarryDepth  1..65536
//   Merge       any
// Model: models/scnn, what its compiler refuses.

`include "lac_assert.svh"

module lac_scnn_geom
  import lac_scnn_cfg_pkg::*;
#(
  parameter  int I          = 4,
  parameter  int AccWidth   = 24,
  parameter  int Banks      = 32,
  parameter  int Entries    = 32,
  parameter  int MaxKc      = 64,
  parameter  int MaxC       = 1024,
  parameter  int MaxTaps    = 128,
  parameter  int WgtDepth   = 8192,
  parameter  int BiasDepth  = 1024,
  parameter  int CarryDepth = 2048,
  parameter  bit Merge      = 1,
  localparam int SizeWidth  = 24
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          start_i,
  input  lac_scnn_cfg_t                 cfg_i,
  input  logic          [SizeWidth-1:0] chan_i,
  output logic                          done_o,      // pulse: all below is valid
  output logic                          bad_o,
  output logic          [          3:0] bad_idx_o,
  output logic          [         16:0] tile_lin_o,  // TILE_H*PITCH
  output logic          [         16:0] up_lin_o,    // HALO_U*PITCH
  output logic          [         16:0] last_lin_o,  // (rows of the accumulator tile - 1)*PITCH
  output logic          [SizeWidth-1:0] channels_o
);

  `LAC_PARAM_RULE(lac_scnn_geom, I, 2, 16, (I & (I - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_geom, AccWidth, 20, 40)
  `LAC_PARAM_RULE(lac_scnn_geom, Banks, 8, 512, (Banks & (Banks - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_geom, Entries, 8, 256, (Entries & (Entries - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_geom, MaxKc, 4, 64, (MaxKc & (MaxKc - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_geom, MaxC, 8, 4096, MaxC % 8 == 0, "a multiple of 8")
  `LAC_PARAM(lac_scnn_geom, MaxTaps, 1, 255)
  `LAC_PARAM(lac_scnn_geom, WgtDepth, 16, 16777216)
  `LAC_PARAM(lac_scnn_geom, BiasDepth, 1, 65536)
  `LAC_PARAM(lac_scnn_geom, CarryDepth, 1, 65536)

  localparam int NumChecks = CFG_OUT_CHANNELS + 1;
  localparam int MaxKcLog = $clog2(MaxKc);
  localparam int MaxShape = I < 4 ? 1 : 2;
  localparam int MapBits = $clog2(Banks / 4);
  localparam int CapWidth = MapBits + $clog2(Entries) + 3;
  localparam logic [2:0] LastStep = 3'd7;

  // fields -----------------------------------------------------------------------------------
  lac_scnn_mode_t mode;
  logic [31:0] wgt_base, bias_base, shift, act_words, cout_base, out_channels;
  logic [15:0] c, groups, fx0, fx1, fy0, fy1;
  logic [7:0] taps, tile_w, tile_h, pitch;
  logic [6:0] last_k, kc;
  logic [4:0] gap;
  logic [3:0] hl, hr, hu, hd;
  logic [2:0] kc_log;
  logic [1:0] shape;
  logic act, com, out;

  assign mode = cfg_i.mode;
  assign act = mode.load_act;
  assign com = mode.compute;
  assign out = mode.output_;
  assign c = cfg_i.channels.c;
  assign taps = cfg_i.channels.taps;
  assign groups = cfg_i.groups.num_groups;
  assign kc_log = cfg_i.groups.kc_log;
  assign shape = cfg_i.groups.shape;
  assign last_k = cfg_i.groups.last_k;
  assign tile_w = cfg_i.tile.tile_w;
  assign tile_h = cfg_i.tile.tile_h;
  assign pitch = cfg_i.tile.pitch;
  assign gap = cfg_i.tile.out_gap;
  assign hl = cfg_i.halo.halo_l;
  assign hr = cfg_i.halo.halo_r;
  assign hu = cfg_i.halo.halo_u;
  assign hd = cfg_i.halo.halo_d;
  assign fx0 = cfg_i.final_x.final_x0;
  assign fx1 = cfg_i.final_x.final_x1;
  assign fy0 = cfg_i.final_y.final_y0;
  assign fy1 = cfg_i.final_y.final_y1;
  assign wgt_base = cfg_i.wgt_base;
  assign bias_base = cfg_i.bias_base;
  assign shift = cfg_i.shift;
  assign act_words = cfg_i.act_words;
  assign cout_base = cfg_i.cout_base;
  assign out_channels = cfg_i.out_channels;
  assign kc = 7'd1 << kc_log;  // 0 where KC_LOG is refused anyway

  logic unused_cfg;
  assign unused_cfg = ^cfg_i;

  // products: operands in step s, product in s + 1, its place in s + 2 ----------------------------
  logic [ 2:0] step_q;
  logic [ 8:0] factor_q;
  logic [16:0] product_q;
  logic [9:0] acc_w_q, acc_h_q;
  logic [ CapWidth-1:0] cap_q;
  logic [SizeWidth-1:0] own_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) step_q <= '0;
    else if (start_i) step_q <= 3'd1;
    else if (step_q != '0) step_q <= step_q + 3'd1;  // 7 wraps to idle
  end

  always_ff @(posedge clk_i) begin
    case (step_q)
      3'd1: factor_q <= 9'(tile_h);
      3'd2: factor_q <= 9'(hu);
      default: factor_q <= 9'(acc_h_q - 10'd1);  // at most 284
    endcase
    product_q <= 17'(factor_q) * 17'(pitch);
    case (step_q)
      3'd3: tile_lin_o <= product_q;
      3'd4: up_lin_o <= product_q;
      3'd5: last_lin_o <= product_q;
      default: ;
    endcase
    acc_w_q <= 10'(tile_w) + 10'(hl) + 10'(hr);
    acc_h_q <= 10'(tile_h) + 10'(hu) + 10'(hd);
    cap_q <= (CapWidth'(4 * Entries) >> kc_log) << MapBits;  // positions of the tile of a PE
    own_q <= (SizeWidth'(groups - 16'd1) << kc_log) + SizeWidth'(last_k);
    channels_o <= com ? own_q + (mode.oa_keep ? chan_i : '0) : chan_i;
  end

  assign done_o = step_q == LastStep;

  // checks, by CFG index; one assignment per bit for Icarus 11 ---------------------------------
  logic [NumChecks-1:0] bad, bad_q;

  assign bad[CFG_MODE] = (|(32'(mode) & ~MODE_KNOWN))
                       | ~(mode.load_wgt | act | com | out | mode.swap)
                       | (mode.merge & ~Merge);
  assign bad[CFG_CHANNELS] = ((act | com) & ((c == 16'd0) | (32'(c) > 32'(MaxC))))
                           | (com & ((taps == 8'd0) | (32'(taps) > 32'(MaxTaps))));
  assign bad[CFG_GROUPS] = com & ((groups == 16'd0) | (kc_log < 3'd2)
                                  | (32'(kc_log) > 32'(MaxKcLog)) | (32'(shape) > 32'(MaxShape))
                                  | (last_k == 7'd0) | (last_k > kc));
  assign bad[CFG_TILE] = ((com | out) & ((tile_w == 8'd0) | (tile_h == 8'd0) | (gap > 5'd16)))
                       | (com & ((10'(pitch) < acc_w_q)
                                 | (20'(last_lin_o) + 20'(acc_w_q) > 20'(cap_q))));
  assign bad[CFG_HALO] = 1'b0;
  assign bad[CFG_FINAL_X] = com & (fx0 > fx1);
  assign bad[CFG_FINAL_Y] = com & (fy0 > fy1);
  assign bad[CFG_CARRY_IN] = 1'b0;
  assign bad[CFG_CARRY_OUT] = 1'b0;
  assign bad[CFG_WGT_BASE] = com & (wgt_base >= 32'(WgtDepth));
  assign bad[CFG_BIAS_BASE] = com & (33'(bias_base) + 33'(own_q) > 33'(BiasDepth));
  assign bad[CFG_SHIFT] = com & (shift >= 32'(AccWidth));
  assign bad[CFG_ACT_WORDS] = act & ((act_words == '0) | (act_words == '1));
  assign bad[CFG_COUT_BASE] = (com | out) & (cout_base >= 32'(CarryDepth));
  assign bad[CFG_OUT_CHANNELS] = out & ((out_channels == 32'd0) | (out_channels > 32'(channels_o)));

  always_ff @(posedge clk_i) bad_q <= bad;

  lac_ffs #(
    .Width(NumChecks)
  ) u_bad (
    .in_i    (bad_q),
    .valid_o (bad_o),
    .index_o (bad_idx_o),
    .onehot_o()
  );

  `LAC_ASSERT(start_idle, !start_i || step_q == '0, "started while it counts")
  `LAC_ASSERT(index_of_bad, !done_o || !bad_o || bad_q[bad_idx_o], "the index names a good field")
  `LAC_ASSERT(done_late, !done_o || $past(step_q) == LastStep - 3'd1, "done without having counted")

endmodule
