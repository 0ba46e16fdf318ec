// SPDX-License-Identifier: Apache-2.0
//
// Phase machine of the socket: walks the phases of a pass, catches errors, drains, watches.
//
//   Idle -> Check -> Wgt -> Act -> Compute -> Output -> Swap -> Idle (done)
//             \________\______\_______\__________\--> Drain -> Error -> (soft reset) Idle
//
// Phases that MODE does not ask for are skipped. The first error stops everything; from the next
// cycle to the soft reset the receivers throw away what comes. Error and interrupt are raised when
// no packet is under way. The start of a phase is a pulse in its first cycle, its done in the last.
// Results may leave while the pass computes; Output then ends with the last of them, or at once.
// Watchdog: progress_i is registered. A phase with WATCHDOG + 1 cycles in succession without
// progress, its first one counted from 0 on, fails in the cycle behind them; a drain is given up
// the same way. The checks always end.
// WgtInCompute: a weight packet of a pass that computes is taken while it computes.
// Latency: Check begins in the cycle behind start_i; phases follow without a gap. A drain takes 2
// cycles at least.
// Parameters:
//   WgtInCompute  any
// Source: docs/socket.md.

`include "lac_assert.svh"

module lac_phases
  import lac_pkg::*;
#(
  parameter bit WgtInCompute = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  // register block
  input  logic        start_i,
  input  logic        soft_rst_i,
  input  logic [ 4:0] mode_i,         // the phases of MODE
  input  logic [31:0] watchdog_i,
  output logic        busy_o,
  output logic        done_o,
  output logic        err_valid_o,
  output logic [ 7:0] err_code_o,
  output logic [31:0] err_pos_o,
  output logic [ 3:0] phase_o,
  input  logic        progress_i,
  output logic        clr_o,          // empty every queue and pipeline
  // geometry
  output logic        check_start_o,
  input  logic        check_done_i,
  input  logic        check_bad_i,
  input  logic [ 3:0] check_idx_i,
  // packets
  output logic        wgt_start_o,
  input  logic        wgt_busy_i,
  input  logic        wgt_done_i,
  input  logic        wgt_err_i,
  input  logic [ 7:0] wgt_code_i,
  input  logic [31:0] wgt_pos_i,
  output logic        act_start_o,
  input  logic        act_busy_i,
  input  logic        act_done_i,
  input  logic        act_err_i,
  input  logic [ 7:0] act_code_i,
  input  logic [31:0] act_pos_i,
  output logic        discard_o,      // both receivers: throw away what comes
  // compute
  output logic        run_start_o,
  input  logic        run_done_i,
  input  logic        run_err_i,      // of Compute or Output
  input  logic [ 7:0] run_code_i,
  input  logic [31:0] run_pos_i,
  // results
  output logic        out_start_o,
  input  logic        out_done_i,
  output logic        swap_o
);

  // Plain numbers: Icarus 11 takes no ternary of enum values, and goes round for ever in an
  // always_comb that reads what it wrote, which rules out if-chains for the "after" states below.
  localparam logic [3:0] StIdle = 4'd0, StCheck = 4'd1, StWgt = 4'd2, StAct = 4'd3, StRun = 4'd4;
  localparam logic [3:0] StOutput = 4'd5, StSwap = 4'd6, StDrain = 4'd7, StError = 4'd8;
  logic [3:0] state_q, state_d;

  logic m_wgt, m_act, m_compute, m_output, m_swap, m_first;
  logic timeout, err, busy_loading, drained, takes_wgt;
  logic [7:0] code, code_q;
  logic [31:0] pos, pos_q, idle_cycles_q;
  logic first_q;  // first cycle in a state
  logic progress_q;  // of the cycle before
  logic sent_q;  // the last word of this pass has gone before Output began

  assign {m_swap, m_output, m_compute, m_act, m_wgt} = mode_i;
  assign m_first = m_wgt & ~(WgtInCompute & m_compute);  // weights have a phase of their own
  assign takes_wgt = (state_q == StWgt) | (WgtInCompute & m_wgt & (state_q == StRun));
  assign busy_loading = wgt_busy_i | act_busy_i;
  assign timeout = (watchdog_i != 32'd0) & (idle_cycles_q >= watchdog_i) & ~progress_q & ~first_q;

  // A drain sees no error: nothing of those below is in the way of what it tells.
  assign drained = (!busy_loading && !first_q) || timeout;

  // errors -----------------------------------------------------------------------------------
  always_comb begin
    err  = 1'b1;
    code = 8'(ERR_TIMEOUT);
    pos  = 32'(phase_o);
    if (state_q == StCheck && check_done_i && check_bad_i) begin
      code = 8'(ERR_GEOMETRY);
      pos  = 32'(check_idx_i);
    end else if (takes_wgt && wgt_err_i) begin
      code = wgt_code_i;
      pos  = wgt_pos_i;
    end else if (state_q == StAct && act_err_i) begin
      code = act_code_i;
      pos  = act_pos_i;
    end else if ((state_q == StRun || state_q == StOutput) && run_err_i) begin
      code = run_code_i;
      pos  = run_pos_i;
    end else begin
      err = timeout & busy_o & (state_q != StDrain) & (state_q != StCheck);
    end
  end

  // phases -----------------------------------------------------------------------------------
  // The phase after the one that ends, as MODE asks.
  logic [3:0] after_check, after_wgt, after_act, after_run, after_output;

  assign after_output = m_swap ? StSwap : StIdle;
  assign after_run    = m_output ? StOutput : after_output;
  assign after_act    = m_compute ? StRun : after_run;
  assign after_wgt    = m_act ? StAct : after_act;
  assign after_check  = m_first ? StWgt : after_wgt;

  logic [3:0] good;  // the state to come if there is no error, which comes late

  always_comb begin
    good = state_q;
    case (state_q)
      StIdle:   if (start_i) good = StCheck;
      StCheck:  if (check_done_i) good = after_check;
      StWgt:    if (wgt_done_i) good = after_wgt;
      StAct:    if (act_done_i) good = after_act;
      StRun:    if (run_done_i) good = after_run;
      StOutput: if (out_done_i || sent_q) good = after_output;
      StSwap:   good = StIdle;
      StDrain:  if (drained) good = StError;
      default:  good = StError;
    endcase
  end

  assign state_d       = soft_rst_i ? StIdle : err ? StDrain : good;

  assign discard_o     = (state_q == StDrain) | (state_q == StError);
  assign clr_o         = soft_rst_i | (state_q == StCheck) | (state_q == StDrain);
  assign busy_o        = (state_q != StIdle) & (state_q != StError);
  assign done_o        = busy_o & (state_q != StDrain) & (good == StIdle) & ~err & ~soft_rst_i;
  assign err_valid_o   = (state_q == StDrain) & drained & ~soft_rst_i;
  assign err_code_o    = code_q;
  assign err_pos_o     = pos_q;
  assign check_start_o = (state_q == StCheck) & first_q;
  assign wgt_start_o   = takes_wgt & first_q;
  assign act_start_o   = (state_q == StAct) & first_q;
  assign run_start_o   = (state_q == StRun) & first_q;
  assign out_start_o   = (state_q == StOutput) & first_q;
  assign swap_o        = state_q == StSwap;

  always_comb begin
    case (state_q)
      StWgt:    phase_o = 4'(PHASE_WGT);
      StAct:    phase_o = 4'(PHASE_ACT);
      StRun:    phase_o = 4'(PHASE_COMPUTE);
      StOutput: phase_o = 4'(PHASE_OUTPUT);
      StDrain:  phase_o = 4'(PHASE_DRAIN);
      StError:  phase_o = 4'(PHASE_ERROR);
      default:  phase_o = 4'(PHASE_IDLE);  // idle, the cycles of the checks, that of the swap
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q       <= StIdle;
      first_q       <= 1'b0;
      progress_q    <= 1'b0;
      sent_q        <= 1'b0;
      idle_cycles_q <= '0;
    end else begin
      state_q    <= state_d;
      first_q    <= state_d != state_q;
      progress_q <= progress_i;
      sent_q     <= (sent_q | (out_done_i & (state_q == StRun))) & (state_q != StCheck);
      if (progress_q || first_q || !busy_o) idle_cycles_q <= '0;
      else idle_cycles_q <= idle_cycles_q + 32'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (err) begin
      code_q <= code;
      pos_q  <= pos;
    end
  end

  `LAC_ASSERT(state_known, state_q <= StError, "no such state")
  `LAC_ASSERT(one_start, $onehot0({check_start_o, act_start_o, run_start_o, out_start_o, swap_o})
              && !(wgt_start_o && (check_start_o || act_start_o || out_start_o || swap_o)),
              "two phases begin at once")
  `LAC_ASSERT(start_in_phase, !run_start_o || phase_o == 4'(PHASE_COMPUTE),
              "a phase begins that is not shown")
  `LAC_ASSERT(done_without_error, !(done_o && err_valid_o), "done and failed at once")
  `LAC_ASSERT(end_is_end, (done_o || err_valid_o) |=> !busy_o, "busy behind the end")
  `LAC_ASSERT(busy_answers, start_i && !busy_o && !discard_o && !soft_rst_i |=> busy_o,
              "a start that nothing follows")
  `LAC_ASSERT(error_stays, (state_q == StError && !soft_rst_i) |=> state_q == StError,
              "an error that goes without a soft reset")
  `LAC_ASSERT(
      error_told,
      (state_q == StDrain && !soft_rst_i) |=> (state_q == StDrain || (state_q == StError && $past
      (err_valid_o))), "a drain that ends in silence")
  `LAC_ASSERT(drain_ends,
              state_q != StDrain || first_q || watchdog_i == '0 || idle_cycles_q <= watchdog_i,
              "a drain goes on behind the watchdog")
  `LAC_ASSERT(soft_reset_ends, soft_rst_i |=> !busy_o && !discard_o,
              "a soft reset that ends nothing")

endmodule
