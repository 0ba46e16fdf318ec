// SPDX-License-Identifier: Apache-2.0
//
// Pass control: checks the geometry, walks the phases of a pass, catches errors, drains, watches.
//
//   Idle -> Check -> Wgt -> Act -> Clear -> Bias -> Run -> Output -> Swap -> Idle (done)
//             \________\______\_______________\_______\--> Drain -> Error -> (soft reset) Idle
//
// Phases that MODE does not ask for are skipped. The first error stops everything; from the next
// cycle to the soft reset the loaders throw away what comes. Error and interrupt are raised when no
// packet is under way. WATCHDOG cycles without progress are an error too, and end a drain.
// Latency: start to the first phase 2 cycles (one of checks). Registers and order of checks:
// README.md beside this.
// Parameters:
//   NumPe         1..256, a power of two
//   AccWidth      9..48
//   ActRegs       1..4096
//   ActDepth      1..16777216, at most 1073741824 / NumPe
//   PtrDepth      2..16777216, even
//   BiasDepth     1..65535
//   NumCodebooks  1..16

`include "lac_assert.svh"

module lac_eie_ctrl import lac_pkg::*; #(
  parameter  int NumPe        = 64,
  parameter  int AccWidth     = 40,
  parameter  int ActRegs      = 64,
  parameter  int ActDepth     = 1024,
  parameter  int PtrDepth     = 16384,
  parameter  int BiasDepth    = 256,
  parameter  int NumCodebooks = 4,
  localparam int RegWidth      = ActRegs > 1 ? $clog2(ActRegs) : 1,
  localparam int BiasAddrWidth = BiasDepth > 1 ? $clog2(BiasDepth) : 1
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  // register block
  input  logic                     start_i,
  input  logic                     soft_rst_i,
  input  logic [NUM_CFG*32-1:0]    cfg_i,
  input  logic [31:0]              watchdog_i,
  output logic                     busy_o,
  output logic                     done_o,
  output logic                     err_valid_o,
  output logic [7:0]               err_code_o,
  output logic [31:0]              err_pos_o,
  output logic [3:0]               phase_o,
  input  logic [NumCodebooks-1:0]  book_loaded_i,
  input  logic                     progress_i,
  output logic                     clr_o,        // empty every queue and pipeline
  // loaders
  output logic                     wgt_start_o,
  input  logic                     wgt_busy_i,
  input  logic                     wgt_done_i,
  input  logic                     wgt_err_i,
  input  logic [7:0]               wgt_code_i,
  input  logic [31:0]              wgt_pos_i,
  output logic                     act_start_o,
  input  logic                     act_busy_i,
  input  logic                     act_done_i,
  input  logic                     act_err_i,
  input  logic [7:0]               act_code_i,
  input  logic [31:0]              act_pos_i,
  output logic                     discard_o,    // both loaders: throw away what comes
  // compute
  output logic                     clear_o,      // accumulators to zero
  output logic                     bias_rd_en_o,
  output logic [BiasAddrWidth-1:0] bias_rd_addr_o,
  output logic [RegWidth-1:0]      bias_reg_o,
  output logic                     ccu_start_o,
  input  logic                     compute_idle_i,
  input  logic                     pe_err_i,
  input  logic [7:0]               pe_code_i,
  input  logic [31:0]              pe_pos_i,
  // results
  output logic                     out_start_o,
  input  logic                     out_done_i,
  output logic                     swap_o
);

  `LAC_PARAM_RULE(lac_eie_ctrl, NumPe, 1, 256, (NumPe & (NumPe - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_eie_ctrl, AccWidth, 9, 48)
  `LAC_PARAM(lac_eie_ctrl, ActRegs, 1, 4096)
  `LAC_PARAM_RULE(lac_eie_ctrl, ActDepth, 1, 16777216,
    ActDepth <= 1073741824 / NumPe,
    "at most 1073741824 / NumPe")
  `LAC_PARAM_RULE(lac_eie_ctrl, PtrDepth, 2, 16777216, PtrDepth % 2 == 0, "even")
  `LAC_PARAM(lac_eie_ctrl, BiasDepth, 1, 65535)
  `LAC_PARAM(lac_eie_ctrl, NumCodebooks, 1, 16)

  localparam int CfgMode = 0, CfgInLen = 1, CfgOutLen = 2, CfgPtrBase = 3, CfgActBase = 4;
  localparam int CfgBiasBase = 5, CfgCodebook = 6, CfgShift = 7;
  localparam int ModeBits = 11;

  // Plain numbers: Icarus 11 takes no ternary of enum values, and goes round for ever in an
  // always_comb that reads what it wrote, which rules out if-chains for the "after" states below.
  localparam logic [3:0] StIdle = 4'd0, StCheck = 4'd1, StWgt = 4'd2, StAct = 4'd3, StClear = 4'd4;
  localparam logic [3:0] StBias = 4'd5, StRun = 4'd6, StOutput = 4'd7, StSwap = 4'd8;
  localparam logic [3:0] StDrain = 4'd9, StError = 4'd10;
  logic [3:0] state_q, state_d;

  // geometry ---------------------------------------------------------------------------------
  logic [31:0] mode, in_len, out_len, ptr_base, act_base, bias_base, book, shift;
  logic        m_wgt, m_act, m_compute, m_output, m_swap, m_file, m_keep, m_bias;
  logic [31:0] in_rows, out_rows;
  logic [7:0]  bad;      // by CFG index
  logic        bad_any;
  logic [2:0]  bad_idx;
  logic        book_missing;

  // Upper CFG registers and the data path's MODE bits are not looked at here.
  logic unused_cfg;
  assign unused_cfg = ^{cfg_i[NUM_CFG*32-1 : (CfgShift+1)*32], mode[ModeBits-1:8]};

  assign mode      = cfg_i[CfgMode*32 +: 32];
  assign in_len    = cfg_i[CfgInLen*32 +: 32];
  assign out_len   = cfg_i[CfgOutLen*32 +: 32];
  assign ptr_base  = cfg_i[CfgPtrBase*32 +: 32];
  assign act_base  = cfg_i[CfgActBase*32 +: 32];
  assign bias_base = cfg_i[CfgBiasBase*32 +: 32];
  assign book      = cfg_i[CfgCodebook*32 +: 32];
  assign shift     = cfg_i[CfgShift*32 +: 32];
  assign {m_bias, m_keep, m_file, m_swap, m_output, m_compute, m_act, m_wgt} = mode[7:0];
  assign in_rows   = 32'((33'(in_len) + 33'(NumPe - 1)) / 33'(NumPe));
  assign out_rows  = 32'((33'(out_len) + 33'(NumPe - 1)) / 33'(NumPe));

  // One assignment per bit: Icarus 11 goes round for ever in an always_comb that clears the whole
  // vector first.
  assign bad[CfgMode] = (|mode[31:ModeBits]) | ~(|mode[4:0]) | (m_keep & m_bias);
  assign bad[CfgInLen] = ((m_act | m_compute) & (in_len == 32'd0))
                       | ((m_act | (m_compute & ~m_file)) & (in_rows > 32'(ActDepth)))
                       | (m_compute & m_file & (in_rows > 32'(ActRegs)));
  assign bad[CfgOutLen] = (m_compute | m_output) & ((out_len == 32'd0) | (out_rows > 32'(ActRegs)));
  assign bad[CfgPtrBase] = m_compute & (ptr_base[0]
                                     | (33'(ptr_base) + 33'(in_len) + 33'd1 > 33'(PtrDepth)));
  assign bad[CfgActBase] = (m_act | (m_compute & ~m_file))
                         & (33'(act_base) + 33'(in_rows) > 33'(ActDepth));
  assign bad[CfgBiasBase] = m_compute & m_bias & (33'(bias_base) + 33'(out_rows) > 33'(BiasDepth));
  assign bad[CfgCodebook] = m_compute & (book >= 32'(NumCodebooks));
  assign bad[CfgShift] = (m_output | m_swap) & (shift >= 32'(AccWidth));

  lac_ffs #(.Width(8)) u_bad (.in_i(bad), .valid_o(bad_any), .index_o(bad_idx), .onehot_o());

  // A codebook loaded by this very pass counts, so this is looked at before computing.
  assign book_missing = m_compute & ~book_loaded_i[book % NumCodebooks];

  // errors -----------------------------------------------------------------------------------
  logic        timeout, err, busy_loading;
  logic [7:0]  code, code_q;
  logic [31:0] pos, pos_q, idle_cycles_q;
  logic        first_q;  // first cycle in a state

  assign timeout = (watchdog_i != 32'd0) & (idle_cycles_q >= watchdog_i) & ~progress_i;

  always_comb begin
    err  = 1'b1;
    code = 8'(ERR_TIMEOUT);
    pos  = 32'(phase_o);
    if (state_q == StCheck && bad_any) begin
      code = 8'(ERR_GEOMETRY);
      pos  = 32'(bad_idx);
    end else if (state_q == StWgt && wgt_err_i) begin
      code = wgt_code_i;
      pos  = wgt_pos_i;
    end else if (state_q == StAct && act_err_i) begin
      code = act_code_i;
      pos  = act_pos_i;
    end else if (state_q == StClear && book_missing) begin
      code = 8'(ERR_CODEBOOK);
      pos  = 32'(CfgCodebook);
    end else if (state_q == StRun && pe_err_i) begin
      code = pe_code_i;
      pos  = pe_pos_i;
    end else begin
      err = timeout & busy_o & (state_q != StDrain);
    end
  end

  // phases -----------------------------------------------------------------------------------
  logic [31:0] bias_row_q;
  logic        bias_last;

  assign bias_last    = bias_row_q == out_rows;  // one cycle past the last read: its write
  assign busy_loading = wgt_busy_i | act_busy_i;

  // The phase after the one that ends, as MODE asks.
  logic [3:0] after_check, after_wgt, after_act, after_run, after_output;

  assign after_output = m_swap ? StSwap : StIdle;
  assign after_run    = m_output ? StOutput : after_output;
  assign after_act    = m_compute ? StClear : after_run;
  assign after_wgt    = m_act ? StAct : after_act;
  assign after_check  = m_wgt ? StWgt : after_wgt;

  always_comb begin
    state_d = state_q;
    case (state_q)
      StIdle:   if (start_i) state_d = StCheck;
      StCheck:  state_d = after_check;
      StWgt:    if (wgt_done_i) state_d = after_wgt;
      StAct:    if (act_done_i) state_d = after_act;
      StClear: begin
        if (m_bias) state_d = StBias;
        else state_d = StRun;
      end
      StBias:   if (bias_last) state_d = StRun;
      StRun:    if (compute_idle_i && !first_q) state_d = after_run;
      StOutput: if (out_done_i) state_d = after_output;
      StSwap:   state_d = StIdle;
      StDrain:  if ((!busy_loading && !first_q) || timeout) state_d = StError;
      default:  state_d = StError;
    endcase
    if (err) state_d = StDrain;
    if (soft_rst_i) state_d = StIdle;
  end

  assign discard_o   = (state_q == StDrain) | (state_q == StError);
  assign clr_o       = soft_rst_i | (state_q == StCheck) | (state_q == StDrain);
  assign busy_o      = (state_q != StIdle) & (state_q != StError);
  assign done_o      = busy_o & (state_q != StDrain) & (state_d == StIdle) & ~soft_rst_i;
  assign err_valid_o = (state_q == StDrain) & (state_d == StError);
  assign err_code_o  = code_q;
  assign err_pos_o   = pos_q;
  assign wgt_start_o = (state_q == StWgt) & first_q;
  assign act_start_o = (state_q == StAct) & first_q;
  assign clear_o     = (state_q == StClear) & ~m_keep;
  assign ccu_start_o = (state_q == StRun) & first_q;
  assign out_start_o = (state_q == StOutput) & first_q;
  assign swap_o      = state_q == StSwap;
  assign bias_rd_en_o   = (state_q == StBias) & ~bias_last;
  assign bias_rd_addr_o = BiasAddrWidth'(bias_base + bias_row_q);  // fits: geometry was checked
  assign bias_reg_o     = RegWidth'(bias_row_q);

  always_comb begin
    case (state_q)
      StIdle:                  phase_o = 4'(PHASE_IDLE);
      StWgt:                   phase_o = 4'(PHASE_WGT);
      StAct:                   phase_o = 4'(PHASE_ACT);
      StClear, StBias, StRun:  phase_o = 4'(PHASE_COMPUTE);
      StOutput:                phase_o = 4'(PHASE_OUTPUT);
      StDrain:                 phase_o = 4'(PHASE_DRAIN);
      StError:                 phase_o = 4'(PHASE_ERROR);
      default:                 phase_o = 4'(PHASE_IDLE);  // one cycle of check or swap
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q       <= StIdle;
      first_q       <= 1'b0;
      idle_cycles_q <= '0;
    end else begin
      state_q <= state_d;
      first_q <= state_d != state_q;
      if (progress_i || state_d != state_q || !busy_o) idle_cycles_q <= '0;
      else idle_cycles_q <= idle_cycles_q + 32'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (err) begin
      code_q <= code;
      pos_q  <= pos;
    end
    if (state_q == StClear) bias_row_q <= '0;
    else if (bias_rd_en_o) bias_row_q <= bias_row_q + 32'd1;
  end

endmodule
