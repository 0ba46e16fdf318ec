// SPDX-License-Identifier: Apache-2.0
//
// Bench of lac_socket: the socket around the smallest core there is, which does in every phase what
// CFG says. Simulation only.
//
//   CFG 1  [7:0] cycles of the checks, [8] they fail, [15:12] with this CFG index
//   CFG 2  units that the activation packet has to announce
//   CFG 3  [15:0] weight word, [31:16] activation word that is at fault (from 1 on, 0: none)
//   CFG 4  [15:0] cycles of computing, [31:16] the one that fails (from 1 on, 0: none)
//   CFG 5  [15:0] result words, [16] sent while computing, [31:24] the one at which sending fails
//   CFG 6  events of a compute cycle: [7:0] useful, [15:8] padding, [23:16] empty, [31:24] sync
//   CFG 7  [3:0] and [7:4] cycles that a weight and an activation word wait, [8] progress told
// Result word i = sum of both packets' words of this pass + results of the last swapped pass + i.
// It knows no phase bits but the five, and refuses others with CFG index 0.

`include "lac_assert.svh"

module lac_tb_socket
  import lac_pkg::*, lac_socket_pkg::*;
#(
  parameter int DesignId     = 1,
  parameter int ActPerWord   = 1,
  parameter int ActWordsPer  = 1,
  parameter bit WgtInCompute = 0,
  parameter int NumSlots     = 100,
  parameter int NumOwn       = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  output logic        irq_o,
  input  logic [11:0] s_axil_awaddr,
  input  logic [ 2:0] s_axil_awprot,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic [ 3:0] s_axil_wstrb,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [ 1:0] s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [11:0] s_axil_araddr,
  input  logic [ 2:0] s_axil_arprot,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [ 1:0] s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready,
  input  logic [63:0] s_axis_wgt_tdata,
  input  logic        s_axis_wgt_tvalid,
  output logic        s_axis_wgt_tready,
  input  logic        s_axis_wgt_tlast,
  input  logic [63:0] s_axis_act_tdata,
  input  logic        s_axis_act_tvalid,
  output logic        s_axis_act_tready,
  input  logic        s_axis_act_tlast,
  output logic [63:0] m_axis_out_tdata,
  output logic        m_axis_out_tvalid,
  input  logic        m_axis_out_tready,
  output logic        m_axis_out_tlast,
  output logic        m_axis_out_tuser
);

  logic      [NUM_CAP*32-1:0] cap;
  logic      [NUM_CFG*32-1:0] cfg;
  lac_pass_t                  pass;
  lac_core_t                  core;
  lac_word_t wgt, act;
  lac_result_t result;
  lac_events_t events;
  logic wgt_ready, act_ready, result_ready;

  lac_socket #(
    .DesignId(DesignId),
    .ActPerWord(ActPerWord),
    .ActWordsPer(ActWordsPer),
    .WgtInCompute(WgtInCompute),
    .NumSlots(NumSlots),
    .MaxEvents(2 * NumSlots),
    .NumOwn(NumOwn)
  ) u_socket (
    .clk_i,
    .rst_ni,
    .irq_o,
    .s_axil_awaddr,
    .s_axil_awprot,
    .s_axil_awvalid,
    .s_axil_awready,
    .s_axil_wdata,
    .s_axil_wstrb,
    .s_axil_wvalid,
    .s_axil_wready,
    .s_axil_bresp,
    .s_axil_bvalid,
    .s_axil_bready,
    .s_axil_araddr,
    .s_axil_arprot,
    .s_axil_arvalid,
    .s_axil_arready,
    .s_axil_rdata,
    .s_axil_rresp,
    .s_axil_rvalid,
    .s_axil_rready,
    .s_axis_wgt_tdata,
    .s_axis_wgt_tvalid,
    .s_axis_wgt_tready,
    .s_axis_wgt_tlast,
    .s_axis_act_tdata,
    .s_axis_act_tvalid,
    .s_axis_act_tready,
    .s_axis_act_tlast,
    .m_axis_out_tdata,
    .m_axis_out_tvalid,
    .m_axis_out_tready,
    .m_axis_out_tlast,
    .m_axis_out_tuser,
    .cap_i         (cap),
    .cfg_o         (cfg),
    .pass_o        (pass),
    .core_i        (core),
    .wgt_o         (wgt),
    .wgt_ready_i   (wgt_ready),
    .act_o         (act),
    .act_ready_i   (act_ready),
    .result_i      (result),
    .result_ready_o(result_ready),
    .events_i      (events)
  );

  // Every CAP register reads something of its own.
  for (genvar c = 0; c < NUM_CAP; c++) begin : gen_cap
    assign cap[c*32+:32] = 32'h1111_0000 * 32'(c + 1) + 32'(NumSlots);
  end

  // checks -----------------------------------------------------------------------------------
  logic [7:0] check_q;  // cycles to go

  assign core.check_done = pass.check ? cfg[32+:8] <= 8'd1 : check_q == 8'd1;
  assign core.check_bad  = cfg[32+8] | (|cfg[31:5]);
  assign core.check_idx  = (|cfg[31:5]) ? 4'd0 : cfg[32+12+:4];
  assign core.act_count  = cfg[2*32+:32];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) check_q <= '0;
    else if (pass.check) check_q <= cfg[32+:8] - 8'd1;
    else if (check_q != '0) check_q <= check_q - 8'd1;
  end

  // packets ----------------------------------------------------------------------------------
  logic [63:0] wgt_sum_q, act_sum_q, base_q;
  logic [15:0] wgt_num_q, act_num_q;
  logic [3:0] wgt_wait_q, act_wait_q;
  logic wgt_left_q;  // a packet that is taken while computing has not ended

  assign wgt_ready     = wgt_wait_q >= cfg[7*32+:4];
  assign act_ready     = act_wait_q >= cfg[7*32+4+:4];
  assign core.wgt_err  = wgt.valid & wgt_ready & (wgt_num_q + 16'd1 == cfg[3*32+:16]);
  assign core.act_err  = act.valid & act_ready & (act_num_q + 16'd1 == cfg[3*32+16+:16]);
  assign core.wgt_code = 8'(ERR_WGT_ORDER);
  assign core.act_code = 8'(ERR_ROW_RANGE);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wgt_wait_q <= '0;
      act_wait_q <= '0;
      wgt_left_q <= 1'b0;
      base_q     <= '0;
    end else begin
      wgt_wait_q <= wgt.valid && !wgt_ready ? wgt_wait_q + 4'd1 : '0;
      act_wait_q <= act.valid && !act_ready ? act_wait_q + 4'd1 : '0;
      if (pass.clr) wgt_left_q <= 1'b0;
      else if (pass.compute && pass.load_wgt) wgt_left_q <= 1'b1;
      else if (wgt.valid && wgt_ready && wgt.left == '0) wgt_left_q <= 1'b0;
      if (pass.swap) base_q <= base_q + wgt_sum_q + act_sum_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (pass.check || pass.load_wgt) begin
      wgt_sum_q <= '0;
      wgt_num_q <= '0;
    end else if (wgt.valid && wgt_ready && !wgt.bad) begin
      wgt_sum_q <= wgt_sum_q + wgt.data;
      wgt_num_q <= wgt_num_q + 16'd1;
    end
    if (pass.check || pass.load_act) begin
      act_sum_q <= '0;
      act_num_q <= '0;
    end else if (act.valid && act_ready && !act.bad) begin
      act_sum_q <= act_sum_q + act.data;
      act_num_q <= act_num_q + 16'd1;
    end
  end

  // computing and sending --------------------------------------------------------------------
  logic [15:0] run_q;  // cycles of computing so far, from 1 on; 0: none
  logic [15:0] sent_q;  // words
  logic early, runs, sends_q;

  assign runs = run_q != '0;
  assign early = cfg[5*32+16];
  assign core.done = runs & (run_q >= cfg[4*32+:16]) & ~wgt_left_q & ~(early & sends_q);
  assign core.err  = (runs & (run_q == cfg[4*32 + 16 +: 16]))
                   | (result.valid & (16'(cfg[5*32 + 24 +: 8]) == sent_q + 16'd1));
  assign core.err_code = runs ? 8'(ERR_POINTER_ORDER) : 8'(ERR_POINTER_RANGE);
  assign core.err_pos = runs ? 32'(run_q) : 32'hA000_0000 | 32'(sent_q);
  assign core.progress = runs & cfg[7*32+8];

  assign result.valid = sends_q & ~wgt_left_q;  // the sum is whole
  assign result.data = base_q + wgt_sum_q + act_sum_q + 64'(sent_q);
  assign result.last = sent_q + 16'd1 == cfg[5*32+:16];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q   <= '0;
      sends_q <= 1'b0;
      sent_q  <= '0;
    end else if (pass.clr) begin
      run_q   <= '0;
      sends_q <= 1'b0;
      sent_q  <= '0;
    end else begin
      if (pass.compute) run_q <= 16'd1;
      else if (core.done) run_q <= '0;
      else if (runs) run_q <= run_q + 16'd1;
      if (early ? pass.compute && cfg[3] : pass.emit) sends_q <= 1'b1;
      else if (result.valid && result_ready && result.last) sends_q <= 1'b0;
      if (result.valid && result_ready) sent_q <= sent_q + 16'd1;
    end
  end

  // events -----------------------------------------------------------------------------------
  logic [127:0] own;

  assign events.mac_useful       = 16'(cfg[6*32+:8]);
  assign events.slot_padding     = 16'(cfg[6*32+8+:8]);
  assign events.slot_empty       = 16'(cfg[6*32+16+:8]);
  assign events.stall_sync       = 16'(cfg[6*32+24+:8]);
  assign events.stall_bank       = 16'd1;
  assign events.stall_queue_full = runs ? 16'd2 : '0;
  assign events.wgt_reads        = runs ? 16'd3 : '0;
  assign events.wgt_writes       = 16'(wgt.valid & wgt_ready);
  assign events.idx_reads        = runs ? 16'd4 : '0;
  assign events.idx_writes       = runs ? 16'd5 : '0;
  assign events.act_reads        = runs ? 16'd6 : '0;
  assign events.act_writes       = 16'(act.valid & act_ready);
  assign events.psum_reads       = 16'(result.valid & result_ready);
  assign events.psum_writes      = runs ? 16'd7 : '0;
  assign events.broadcasts       = runs ? 16'd8 : '0;
  assign events.bypass_hits      = runs ? 16'd9 : '0;
  for (genvar c = 0; c < 8; c++) begin : gen_own
    assign own[c*16+:16] = runs ? 16'(10 + c) : '0;
  end
  assign events.own = own;

  logic unused;
  assign unused = ^{pass.phase, act.left, cfg};

endmodule
