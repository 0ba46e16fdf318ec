// SPDX-License-Identifier: Apache-2.0
//
// Pass control: walks the phases of a pass, catches errors, drains, watches.
//
//   Idle -> Check -> Wgt -> Act -> Run -> Output -> Idle (done)
//             \________\______\______\_______\--> Drain -> Error -> (soft reset) Idle
//
// Phases that MODE does not ask for are skipped. The first error stops everything; from the next
// cycle to the soft reset the loaders throw away what comes. Error and interrupt are raised when no
// packet is under way. WATCHDOG cycles without progress are an error too, and end a drain.
// A block's start is a pulse in the first cycle of its phase, its done a pulse in the last.
// Latency: the checks begin in the cycle behind start_i and take 11 cycles (lac_array_geom); phases
// follow without a gap. A cycle without progress behind WATCHDOG others of its phase is the error;
// a drain takes 2 cycles at least.
module lac_array_ctrl import lac_pkg::*; (
  input  logic        clk_i,
  input  logic        rst_ni,
  // register block
  input  logic        start_i,
  input  logic        soft_rst_i,
  input  logic [3:0]  mode_i,        // the phases of MODE
  input  logic [31:0] watchdog_i,
  output logic        busy_o,
  output logic        done_o,
  output logic        err_valid_o,
  output logic [7:0]  err_code_o,
  output logic [31:0] err_pos_o,
  output logic [3:0]  phase_o,
  input  logic        progress_i,
  output logic        clr_o,         // empty every pipeline
  // geometry
  output logic        geom_start_o,
  input  logic        geom_done_i,
  input  logic        geom_bad_i,
  input  logic [3:0]  geom_idx_i,
  // loaders
  output logic        wgt_start_o,
  input  logic        wgt_busy_i,
  input  logic        wgt_done_i,
  input  logic        wgt_err_i,
  input  logic [7:0]  wgt_code_i,
  input  logic [31:0] wgt_pos_i,
  output logic        act_start_o,
  input  logic        act_busy_i,
  input  logic        act_done_i,
  input  logic        act_err_i,
  input  logic [7:0]  act_code_i,
  input  logic [31:0] act_pos_i,
  output logic        discard_o,     // both loaders: throw away what comes
  // compute
  output logic        run_start_o,
  input  logic        run_done_i,
  input  logic        run_err_i,
  input  logic [7:0]  run_code_i,
  input  logic [31:0] run_pos_i,
  // results
  output logic        out_start_o,
  input  logic        out_done_i
);

  // Plain numbers: Icarus 11 takes no ternary of enum values.
  localparam logic [2:0] StIdle = 3'd0, StCheck = 3'd1, StWgt = 3'd2, StAct = 3'd3, StRun = 3'd4;
  localparam logic [2:0] StOutput = 3'd5, StDrain = 3'd6, StError = 3'd7;
  logic [2:0] state_q, state_d;

  logic        m_wgt, m_act, m_compute, m_output;
  logic        timeout, err, busy_loading;
  logic [7:0]  code, code_q;
  logic [31:0] pos, pos_q, idle_cycles_q;
  logic        first_q;  // first cycle in a state

  assign {m_output, m_compute, m_act, m_wgt} = mode_i;
  assign busy_loading = wgt_busy_i | act_busy_i;
  assign timeout = (watchdog_i != 32'd0) & (idle_cycles_q >= watchdog_i) & ~progress_i;

  // errors -----------------------------------------------------------------------------------
  always_comb begin
    err  = 1'b1;
    code = 8'(ERR_TIMEOUT);
    pos  = 32'(phase_o);
    if (state_q == StCheck && geom_done_i && geom_bad_i) begin
      code = 8'(ERR_GEOMETRY);
      pos  = 32'(geom_idx_i);
    end else if (state_q == StWgt && wgt_err_i) begin
      code = wgt_code_i;
      pos  = wgt_pos_i;
    end else if (state_q == StAct && act_err_i) begin
      code = act_code_i;
      pos  = act_pos_i;
    end else if (state_q == StRun && run_err_i) begin
      code = run_code_i;
      pos  = run_pos_i;
    end else begin
      // The checks always end.
      err = timeout & busy_o & (state_q != StDrain) & (state_q != StCheck);
    end
  end

  // phases -----------------------------------------------------------------------------------
  logic [2:0] after_check, after_wgt, after_act, after_run;

  assign after_run   = m_output ? StOutput : StIdle;
  assign after_act   = m_compute ? StRun : after_run;
  assign after_wgt   = m_act ? StAct : after_act;
  assign after_check = m_wgt ? StWgt : after_wgt;

  always_comb begin
    state_d = state_q;
    case (state_q)
      StIdle:   if (start_i) state_d = StCheck;
      StCheck:  if (geom_done_i) state_d = after_check;
      StWgt:    if (wgt_done_i) state_d = after_wgt;
      StAct:    if (act_done_i) state_d = after_act;
      StRun:    if (run_done_i) state_d = after_run;
      StOutput: if (out_done_i) state_d = StIdle;
      StDrain:  if ((!busy_loading && !first_q) || timeout) state_d = StError;
      default:  state_d = StError;
    endcase
    if (err) state_d = StDrain;
    if (soft_rst_i) state_d = StIdle;
  end

  assign discard_o    = (state_q == StDrain) | (state_q == StError);
  assign clr_o        = soft_rst_i | (state_q == StCheck) | (state_q == StDrain);
  assign busy_o       = (state_q != StIdle) & (state_q != StError);
  assign done_o       = busy_o & (state_q != StDrain) & (state_d == StIdle) & ~soft_rst_i;
  assign err_valid_o  = (state_q == StDrain) & (state_d == StError);
  assign err_code_o   = code_q;
  assign err_pos_o    = pos_q;
  assign geom_start_o = (state_q == StCheck) & first_q;
  assign wgt_start_o  = (state_q == StWgt) & first_q;
  assign act_start_o  = (state_q == StAct) & first_q;
  assign run_start_o  = (state_q == StRun) & first_q;
  assign out_start_o  = (state_q == StOutput) & first_q;

  always_comb begin
    case (state_q)
      StWgt:    phase_o = 4'(PHASE_WGT);
      StAct:    phase_o = 4'(PHASE_ACT);
      StRun:    phase_o = 4'(PHASE_COMPUTE);
      StOutput: phase_o = 4'(PHASE_OUTPUT);
      StDrain:  phase_o = 4'(PHASE_DRAIN);
      StError:  phase_o = 4'(PHASE_ERROR);
      default:  phase_o = 4'(PHASE_IDLE);  // idle, or the cycles of the checks
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
  end

endmodule
