// SPDX-License-Identifier: Apache-2.0
//
// Control of what is special to EIE in a pass: the check of its geometry, and its compute phase.
//
//   compute_i -> clear -> biases, a row per cycle -> broadcast, until all is idle -> done_o
//
// bad_o is what CFG was a cycle ago: the lowest CFG index at fault, of the fields that the phases of
// MODE use. compute_i is the first cycle of the phase: accumulators are cleared in it, and a codebook
// that was never loaded is told. Order of checks: README.md beside this.
// Latency: compute_i to ccu_start_o 1 cycle, with biases ceil(OUT_LEN / NumPe) + 2.
// Parameters:
//   NumPe         1..256, a power of two
//   AccWidth      9..48
//   ActRegs       1..4096
//   ActDepth      1..16777216, at most 1073741824 / NumPe
//   PtrDepth      2..16777216, even
//   BiasDepth     1..65535
//   NumCodebooks  1..16

`include "lac_assert.svh"

module lac_eie_ctrl
  import lac_pkg::*, lac_eie_cfg_pkg::*;
#(
  parameter  int NumPe         = 64,
  parameter  int AccWidth      = 32,
  parameter  int ActRegs       = 64,
  parameter  int ActDepth      = 1024,
  parameter  int PtrDepth      = 16384,
  parameter  int BiasDepth     = 256,
  parameter  int NumCodebooks  = 4,
  localparam int RegWidth      = `LAC_INDEX_BITS(ActRegs),
  localparam int BiasAddrWidth = `LAC_INDEX_BITS(BiasDepth)
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic                             clr_i,
  input  lac_eie_cfg_t                     cfg_i,
  output logic                             bad_o,           // the geometry, with its CFG index
  output logic         [              3:0] bad_idx_o,
  // compute
  input  logic                             compute_i,       // pulse: first cycle of the phase
  input  logic         [ NumCodebooks-1:0] book_loaded_i,
  output logic                             clear_o,         // accumulators to zero
  output logic                             bias_rd_en_o,
  output logic         [BiasAddrWidth-1:0] bias_rd_addr_o,
  output logic         [     RegWidth-1:0] bias_reg_o,
  output logic                             ccu_start_o,
  input  logic                             compute_idle_i,
  output logic                             done_o,          // pulse: last cycle of the phase
  input  logic                             pe_err_i,
  input  logic         [              7:0] pe_code_i,
  input  logic         [             31:0] pe_pos_i,
  output logic                             err_o,
  output logic         [              7:0] err_code_o,
  output logic         [             31:0] err_pos_o
);

  `LAC_PARAM_RULE(lac_eie_ctrl, NumPe, 1, 256, (NumPe & (NumPe - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_eie_ctrl, AccWidth, 9, 48)
  `LAC_PARAM(lac_eie_ctrl, ActRegs, 1, 4096)
  `LAC_PARAM_RULE(lac_eie_ctrl, ActDepth, 1, 16777216, ActDepth <= 1073741824 / NumPe,
                  "at most 1073741824 / NumPe")
  `LAC_PARAM_RULE(lac_eie_ctrl, PtrDepth, 2, 16777216, PtrDepth % 2 == 0, "even")
  `LAC_PARAM(lac_eie_ctrl, BiasDepth, 1, 65535)
  `LAC_PARAM(lac_eie_ctrl, NumCodebooks, 1, 16)

  localparam logic [1:0] StIdle = 2'd0, StBias = 2'd1, StRun = 2'd2;
  logic [1:0] state_q, state_d;

  // geometry ---------------------------------------------------------------------------------
  lac_eie_mode_t mode;
  logic [31:0] in_len, out_len, ptr_base, act_base, bias_base, book, shift;
  logic [31:0] in_rows, out_rows, out_rows_q;
  logic [7:0] bad;  // by CFG index
  logic [2:0] bad_idx;
  logic from_mem, book_missing;  // inputs lie in the activation memory

  // Registers without a field and the data path's options are not looked at here.
  logic unused_cfg;
  assign unused_cfg = ^cfg_i;

  assign mode = cfg_i.mode;
  assign in_len = cfg_i.in_len;
  assign out_len = cfg_i.out_len;
  assign ptr_base = cfg_i.ptr_base;
  assign act_base = cfg_i.act_base;
  assign bias_base = cfg_i.bias_base;
  assign book = cfg_i.codebook;
  assign shift = cfg_i.shift;
  assign from_mem = mode.load_act | (mode.compute & ~mode.src_file);
  assign in_rows = 32'((33'(in_len) + 33'(NumPe - 1)) / 33'(NumPe));
  assign out_rows = 32'((33'(out_len) + 33'(NumPe - 1)) / 33'(NumPe));

  // One assignment per bit: Icarus 11 goes round for ever in an always_comb that clears the whole
  // vector first.
  assign bad[CFG_MODE] = |(32'(mode) & ~MODE_KNOWN)
                       | ~(mode.load_wgt | mode.load_act | mode.compute | mode.output_ | mode.swap)
                       | (mode.acc_keep & mode.bias);
  assign bad[CFG_IN_LEN] = ((mode.load_act | mode.compute) & (in_len == 32'd0))
                       | (from_mem & (in_rows > 32'(ActDepth)))
                       | (mode.compute & mode.src_file & (in_rows > 32'(ActRegs)));
  assign bad[CFG_OUT_LEN] = (mode.compute | mode.output_)
                          & ((out_len == 32'd0) | (out_rows > 32'(ActRegs)));
  assign bad[CFG_PTR_BASE] = mode.compute & (ptr_base[0]
                                     | (33'(ptr_base) + 33'(in_len) + 33'd1 > 33'(PtrDepth)));
  assign bad[CFG_ACT_BASE] = from_mem & (33'(act_base) + 33'(in_rows) > 33'(ActDepth));
  assign bad[CFG_BIAS_BASE] = mode.compute & mode.bias
                            & (33'(bias_base) + 33'(out_rows) > 33'(BiasDepth));
  assign bad[CFG_CODEBOOK] = mode.compute & (book >= 32'(NumCodebooks));
  assign bad[CFG_SHIFT] = (mode.output_ | mode.swap) & (shift >= 32'(AccWidth));

  // CFG stays from the cycle of start on, and the check comes behind it: looked at all the time.
  logic [7:0] bad_q;
  always_ff @(posedge clk_i) begin
    bad_q      <= bad;
    out_rows_q <= out_rows;
  end

  lac_ffs #(
    .Width(8)
  ) u_bad (
    .in_i(bad_q),
    .valid_o(bad_o),
    .index_o(bad_idx),
    .onehot_o()
  );
  assign bad_idx_o = 4'(bad_idx);

  // A codebook loaded by this very pass counts, so this is looked at before computing.
  assign book_missing = mode.compute & ~book_loaded_i[book%NumCodebooks];

  // compute ----------------------------------------------------------------------------------
  logic [31:0] bias_row_q;
  logic bias_last, first_q;  // first cycle in a state

  assign bias_last = bias_row_q == out_rows_q;  // one cycle past the last read: its write

  always_comb begin
    state_d = state_q;
    case (state_q)
      StIdle:
      if (compute_i) begin
        if (mode.bias) state_d = StBias;
        else state_d = StRun;
      end
      StBias:  if (bias_last) state_d = StRun;
      default: if (done_o) state_d = StIdle;
    endcase
    if (clr_i) state_d = StIdle;
  end

  assign clear_o        = compute_i & ~mode.acc_keep;
  assign bias_rd_en_o   = (state_q == StBias) & ~bias_last;
  assign bias_rd_addr_o = BiasAddrWidth'(bias_base + bias_row_q);  // fits: geometry was checked
  assign bias_reg_o     = RegWidth'(bias_row_q);
  assign ccu_start_o    = (state_q == StRun) & first_q;
  assign done_o         = (state_q == StRun) & compute_idle_i & ~first_q;
  assign err_o          = (compute_i & book_missing) | ((state_q == StRun) & pe_err_i);
  assign err_code_o     = compute_i ? 8'(ERR_CODEBOOK) : pe_code_i;
  assign err_pos_o      = compute_i ? 32'(CFG_CODEBOOK) : pe_pos_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      first_q <= 1'b0;
    end else begin
      state_q <= state_d;
      first_q <= state_d != state_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (compute_i) bias_row_q <= '0;
    else if (bias_rd_en_o) bias_row_q <= bias_row_q + 32'd1;
  end

  `LAC_ASSERT(state_known, state_q <= StRun, "no such state")
  `LAC_ASSERT(compute_idle, !compute_i || state_q == StIdle, "a phase begins within one")
  `LAC_ASSERT(bias_range, !bias_rd_en_o || bias_row_q < out_rows, "a row of biases past the last")
  `LAC_ASSERT(bias_rests, $past(compute_i || bias_rd_en_o) || $stable(bias_row_q),
              "a row of biases that nobody reads")
  `LAC_ASSERT(keep_or_bias, !compute_i || !(mode.acc_keep && mode.bias),
              "biases onto kept accumulators")
  `LAC_ASSERT(one_step, $onehot0({clear_o, bias_rd_en_o, ccu_start_o, done_o}),
              "two steps of the phase at once")
  `LAC_ASSERT(idle_when_cleared, clr_i |=> state_q == StIdle, "a clear that ends nothing")

endmodule
