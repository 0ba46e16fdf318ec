// SPDX-License-Identifier: Apache-2.0
//
// Socket: all of an accelerator that is not its data path.
//
//   s_axil -------> lac_axil_regs <--> lac_phases <--> pass_o, core_i
//   s_axis_wgt ---> lac_packet_rx ------------------> wgt_o, wgt_ready_i
//   s_axis_act ---> lac_packet_rx ------------------> act_o, act_ready_i
//   m_axis_out <--- lac_result_tx <------------------ result_i, result_ready_o
//                   lac_perf <----------------------- events_i
//
// Registers, phases, framing of packets, errors, drain, watchdog, counters and interrupt of every
// design; a top is its ports, this, and a core. What a core has to do: docs/socket.md, "Inside".
// Example: lac_eie.sv, a top; tb/common_rtl/lac_tb_socket.sv, the smallest core.
//
// CFG 0 is MODE; its bits 0..4 are the phases of every design: load weights, load activations,
// compute, output, swap. A design without swap refuses bit 4 as a bad geometry.
// The header of an activation packet counts units: ActPerWord in a stream word, or ActWordsPer
// stream words each; one of the two is 1. WgtInCompute: of a pass that computes, the weight packet
// is taken while it computes.
// Counters: the socket counts cycles, slots (NumSlots multipliers) and held results; MaxEvents is
// the most that the core reports of anything in a cycle, NumOwn the number of its own counters.
//
// Streams: s_axis_*, m_axis_out; wgt_o and act_o, in which valid never waits for ready; result_i,
// in which ready is combinational from m_axis_out_tready. s_axis_*_tready is combinational from the
// ready of the core.
// Throughput: a word per cycle and stream. Latency: words to the core 0 cycles, results 1, events to
// their counter 2, slots that no account names 3; the watchdog sees progress a cycle late.
// Parameters:
//   DesignId      0..255
//   DataWidth     64
//   ActPerWord    1..64
//   ActWordsPer   1..64, 1 unless ActPerWord is 1
//   WgtInCompute  any
//   NumSlots      1..65535
//   MaxEvents     1..65535, at least NumSlots
//   NumOwn        0..8
// Model: models/socket.py.

`include "lac_assert.svh"

module lac_socket
  import lac_pkg::*, lac_socket_pkg::*;
#(
  parameter int DesignId     = 1,
  parameter int DataWidth    = 64,
  parameter int ActPerWord   = 1,
  parameter int ActWordsPer  = 1,
  parameter bit WgtInCompute = 0,
  parameter int NumSlots     = 64,
  parameter int MaxEvents    = 256,
  parameter int NumOwn       = 0
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  output logic                         irq_o,
  input  logic        [          11:0] s_axil_awaddr,
  input  logic        [           2:0] s_axil_awprot,
  input  logic                         s_axil_awvalid,
  output logic                         s_axil_awready,
  input  logic        [          31:0] s_axil_wdata,
  input  logic        [           3:0] s_axil_wstrb,
  input  logic                         s_axil_wvalid,
  output logic                         s_axil_wready,
  output logic        [           1:0] s_axil_bresp,
  output logic                         s_axil_bvalid,
  input  logic                         s_axil_bready,
  input  logic        [          11:0] s_axil_araddr,
  input  logic        [           2:0] s_axil_arprot,
  input  logic                         s_axil_arvalid,
  output logic                         s_axil_arready,
  output logic        [          31:0] s_axil_rdata,
  output logic        [           1:0] s_axil_rresp,
  output logic                         s_axil_rvalid,
  input  logic                         s_axil_rready,
  input  logic        [ DataWidth-1:0] s_axis_wgt_tdata,
  input  logic                         s_axis_wgt_tvalid,
  output logic                         s_axis_wgt_tready,
  input  logic                         s_axis_wgt_tlast,
  input  logic        [ DataWidth-1:0] s_axis_act_tdata,
  input  logic                         s_axis_act_tvalid,
  output logic                         s_axis_act_tready,
  input  logic                         s_axis_act_tlast,
  output logic        [ DataWidth-1:0] m_axis_out_tdata,
  output logic                         m_axis_out_tvalid,
  input  logic                         m_axis_out_tready,
  output logic                         m_axis_out_tlast,
  output logic                         m_axis_out_tuser,
  // core
  input  logic        [NUM_CAP*32-1:0] cap_i,
  output logic        [NUM_CFG*32-1:0] cfg_o,              // stable while a pass runs
  output lac_pass_t                    pass_o,
  input  lac_core_t                    core_i,
  output lac_word_t                    wgt_o,
  input  logic                         wgt_ready_i,
  output lac_word_t                    act_o,
  input  logic                         act_ready_i,
  input  lac_result_t                  result_i,
  output logic                         result_ready_o,
  input  lac_events_t                  events_i
);

  `LAC_PARAM(lac_socket, DesignId, 0, 255)
  `LAC_PARAM(lac_socket, DataWidth, 64, 64)
  `LAC_PARAM(lac_socket, ActPerWord, 1, 64)
  `LAC_PARAM_RULE(lac_socket, ActWordsPer, 1, 64, ActWordsPer == 1 || ActPerWord == 1,
                  "1 unless ActPerWord is 1")
  `LAC_PARAM(lac_socket, NumSlots, 1, 65535)
  `LAC_PARAM_RULE(lac_socket, MaxEvents, 1, 65535, MaxEvents >= NumSlots, "at least NumSlots")
  `LAC_PARAM(lac_socket, NumOwn, 0, 8)

  localparam int IncWidth = $clog2(MaxEvents + 1);
  // More than 8 are refused above; Icarus gets that far only with vectors in range.
  localparam int NumCounters = NUM_COUNTERS + (NumOwn < 8 ? NumOwn : 8);
  localparam int EventWidth = 16;

  // registers --------------------------------------------------------------------------------
  logic start, soft_rst, forget, busy, done, err_valid;
  logic [7:0] err_code;
  logic [31:0] err_pos, watchdog;
  logic [3:0] phase;
  logic [15:0] wgt_packets, act_packets;
  logic [NUM_PERF*32-1:0] perf;

  lac_axil_regs #(
    .DesignId(DesignId)
  ) u_regs (
    .clk_i,
    .rst_ni,
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
    .start_o    (start),
    .soft_rst_o (soft_rst),
    .forget_o   (forget),
    .busy_i     (busy),
    .done_i     (done),
    .err_valid_i(err_valid),
    .err_code_i (err_code),
    .err_pos_i  (err_pos),
    .phase_i    (phase),
    .packets_i  ({act_packets, wgt_packets}),
    .cap_i      (cap_i),
    .cfg_o      (cfg_o),
    .perf_i     (perf),
    .watchdog_o (watchdog),
    .irq_o      (irq_o)
  );

  // packets ----------------------------------------------------------------------------------
  logic discard, wgt_start, wgt_busy, wgt_done, wgt_err, rx_wgt_err;
  logic act_start, act_busy, act_done, act_err, rx_act_err;
  logic [7:0] wgt_code, act_code, rx_wgt_code, rx_act_code;
  logic [31:0] wgt_pos, act_pos;
  logic wgt_valid, act_valid;
  logic [31:0] wgt_left, act_left;
  logic [DataWidth-1:0] wgt_data, act_data;

  lac_packet_rx #(
    .DataWidth(DataWidth),
    .Magic(WGT_MAGIC),
    .CheckCount(1'b0),
    .ErrHeader(ERR_WGT_HEADER),
    .ErrShort(ERR_WGT_SHORT),
    .ErrLong(ERR_WGT_LONG)
  ) u_wgt (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clr_i        (soft_rst),
    .pass_i       (start),
    .start_i      (wgt_start),
    .discard_i    (discard),
    .forget_i     (forget),
    .count_i      (32'd0),
    .busy_o       (wgt_busy),
    .packets_o    (wgt_packets),
    .done_o       (wgt_done),
    .err_valid_o  (rx_wgt_err),
    .err_code_o   (rx_wgt_code),
    .err_pos_o    (),
    .s_axis_tdata (s_axis_wgt_tdata),
    .s_axis_tvalid(s_axis_wgt_tvalid),
    .s_axis_tready(s_axis_wgt_tready),
    .s_axis_tlast (s_axis_wgt_tlast),
    .pay_valid_o  (wgt_valid),
    .pay_ready_i  (wgt_ready_i),
    .pay_data_o   (wgt_data),
    .pay_left_o   (wgt_left),
    .pay_beat_o   (wgt_pos)
  );

  lac_packet_rx #(
    .DataWidth(DataWidth),
    .Magic(ACT_MAGIC),
    .PerWord(ActPerWord),
    .WordsPer(ActWordsPer),
    .CheckCount(1'b1),
    .ErrHeader(ERR_ACT_HEADER),
    .ErrShort(ERR_ACT_SHORT),
    .ErrLong(ERR_ACT_LONG)
  ) u_act (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clr_i        (soft_rst),
    .pass_i       (start),
    .start_i      (act_start),
    .discard_i    (discard),
    .forget_i     (forget),
    .count_i      (core_i.act_count),
    .busy_o       (act_busy),
    .packets_o    (act_packets),
    .done_o       (act_done),
    .err_valid_o  (rx_act_err),
    .err_code_o   (rx_act_code),
    .err_pos_o    (),
    .s_axis_tdata (s_axis_act_tdata),
    .s_axis_tvalid(s_axis_act_tvalid),
    .s_axis_tready(s_axis_act_tready),
    .s_axis_tlast (s_axis_act_tlast),
    .pay_valid_o  (act_valid),
    .pay_ready_i  (act_ready_i),
    .pay_data_o   (act_data),
    .pay_left_o   (act_left),
    .pay_beat_o   (act_pos)
  );

  assign wgt_o = {wgt_valid, rx_wgt_err, wgt_left, wgt_data};
  assign act_o = {act_valid, rx_act_err, act_left, act_data};

  // Framing first, then what the core finds in the word; an error counts before an end.
  assign wgt_err = rx_wgt_err | core_i.wgt_err;
  assign wgt_code = rx_wgt_err ? rx_wgt_code : core_i.wgt_code;
  assign act_err = rx_act_err | core_i.act_err;
  assign act_code = rx_act_err ? rx_act_code : core_i.act_code;

  // pass -------------------------------------------------------------------------------------
  logic clr, check_start, run_start, out_start, out_done, swap, progress;

  lac_phases #(
    .WgtInCompute(WgtInCompute)
  ) u_phases (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .start_i      (start),
    .soft_rst_i   (soft_rst),
    .mode_i       (cfg_o[4:0]),
    .watchdog_i   (watchdog),
    .busy_o       (busy),
    .done_o       (done),
    .err_valid_o  (err_valid),
    .err_code_o   (err_code),
    .err_pos_o    (err_pos),
    .phase_o      (phase),
    .progress_i   (progress),
    .clr_o        (clr),
    .check_start_o(check_start),
    .check_done_i (core_i.check_done),
    .check_bad_i  (core_i.check_bad),
    .check_idx_i  (core_i.check_idx),
    .wgt_start_o  (wgt_start),
    .wgt_busy_i   (wgt_busy),
    .wgt_done_i   (wgt_done),
    .wgt_err_i    (wgt_err),
    .wgt_code_i   (wgt_code),
    .wgt_pos_i    (wgt_pos),
    .act_start_o  (act_start),
    .act_busy_i   (act_busy),
    .act_done_i   (act_done),
    .act_err_i    (act_err),
    .act_code_i   (act_code),
    .act_pos_i    (act_pos),
    .discard_o    (discard),
    .run_start_o  (run_start),
    .run_done_i   (core_i.done),
    .run_err_i    (core_i.err),
    .run_code_i   (core_i.err_code),
    .run_pos_i    (core_i.err_pos),
    .out_start_o  (out_start),
    .out_done_i   (out_done),
    .swap_o       (swap)
  );

  assign pass_o = {clr, check_start, wgt_start, act_start, run_start, out_start, swap, phase};
  assign progress = (s_axis_wgt_tvalid & s_axis_wgt_tready)
                  | (s_axis_act_tvalid & s_axis_act_tready)
                  | (m_axis_out_tvalid & m_axis_out_tready) | core_i.progress;

  // results ----------------------------------------------------------------------------------
  lac_result_tx #(
    .DataWidth(DataWidth)
  ) u_result (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .clr_i            (clr),
    .done_o           (out_done),
    .in_valid_i       (result_i.valid),
    .in_ready_o       (result_ready_o),
    .in_data_i        (result_i.data),
    .in_last_i        (result_i.last),
    .m_axis_out_tdata (m_axis_out_tdata),
    .m_axis_out_tvalid(m_axis_out_tvalid),
    .m_axis_out_tready(m_axis_out_tready),
    .m_axis_out_tlast (m_axis_out_tlast),
    .m_axis_out_tuser (m_axis_out_tuser)
  );

  // counters ---------------------------------------------------------------------------------
  // Bits of an event above IncWidth are 0: MaxEvents holds.
  logic unused_events;
  assign unused_events = ^events_i;

  logic computes, held_out;
  logic [NumCounters*IncWidth-1:0] inc;
  logic [IncWidth-1:0] useful, padding, empty, sync, bank;

  assign computes = phase == 4'(PHASE_COMPUTE);
  assign held_out = busy & m_axis_out_tvalid & ~m_axis_out_tready;
  assign useful   = computes ? IncWidth'(events_i.mac_useful) : '0;
  assign padding  = computes ? IncWidth'(events_i.slot_padding) : '0;
  assign empty    = computes ? IncWidth'(events_i.slot_empty) : '0;
  assign sync     = computes ? IncWidth'(events_i.stall_sync) : '0;
  assign bank     = computes ? IncWidth'(events_i.stall_bank) : '0;

  // The slots that no account names are counted a cycle behind the accounts: these are of Compute,
  // and its last cycle is that of its end.
  logic                  computes_q;
  logic [5*IncWidth-1:0] accounts_q;
  logic [  IncWidth-1:0] accounted;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) computes_q <= 1'b0;
    else computes_q <= computes;
  end

  always_ff @(posedge clk_i) accounts_q <= {useful, padding, empty, sync, bank};

  assign accounted = accounts_q[0 +: IncWidth] + accounts_q[IncWidth +: IncWidth]
                   + accounts_q[2*IncWidth +: IncWidth] + accounts_q[3*IncWidth +: IncWidth]
                   + accounts_q[4*IncWidth +: IncWidth];

  assign inc[CNT_CYCLES*IncWidth+:IncWidth] = IncWidth'(busy);
  assign inc[CNT_CYCLES_WGT*IncWidth+:IncWidth] = IncWidth'(phase == 4'(PHASE_WGT));
  assign inc[CNT_CYCLES_ACT*IncWidth+:IncWidth] = IncWidth'(phase == 4'(PHASE_ACT));
  assign inc[CNT_CYCLES_COMPUTE*IncWidth+:IncWidth] = IncWidth'(computes);
  assign inc[CNT_CYCLES_OUTPUT*IncWidth+:IncWidth] = IncWidth'(phase == 4'(PHASE_OUTPUT));
  assign inc[CNT_MAC_USEFUL*IncWidth+:IncWidth] = useful;
  assign inc[CNT_MAC_SLOTS*IncWidth+:IncWidth] = computes ? IncWidth'(NumSlots) : '0;
  assign inc[CNT_STALL_INPUT*IncWidth +: IncWidth] =
      computes_q ? IncWidth'(NumSlots) - accounted : '0;
  assign inc[CNT_STALL_OUTPUT*IncWidth+:IncWidth] = IncWidth'(held_out);
  assign inc[CNT_STALL_QUEUE_FULL*IncWidth+:IncWidth] = IncWidth'(events_i.stall_queue_full);
  assign inc[CNT_STALL_SYNC*IncWidth+:IncWidth] = sync;
  assign inc[CNT_STALL_BANK*IncWidth+:IncWidth] = bank;
  assign inc[CNT_SLOT_PADDING*IncWidth+:IncWidth] = padding;
  assign inc[CNT_SLOT_EMPTY*IncWidth+:IncWidth] = empty;
  assign inc[CNT_WGT_READS*IncWidth+:IncWidth] = IncWidth'(events_i.wgt_reads);
  assign inc[CNT_WGT_WRITES*IncWidth+:IncWidth] = IncWidth'(events_i.wgt_writes);
  assign inc[CNT_IDX_READS*IncWidth+:IncWidth] = IncWidth'(events_i.idx_reads);
  assign inc[CNT_IDX_WRITES*IncWidth+:IncWidth] = IncWidth'(events_i.idx_writes);
  assign inc[CNT_ACT_READS*IncWidth+:IncWidth] = IncWidth'(events_i.act_reads);
  assign inc[CNT_ACT_WRITES*IncWidth+:IncWidth] = IncWidth'(events_i.act_writes);
  assign inc[CNT_PSUM_READS*IncWidth+:IncWidth] = IncWidth'(events_i.psum_reads);
  assign inc[CNT_PSUM_WRITES*IncWidth+:IncWidth] = IncWidth'(events_i.psum_writes);
  assign inc[CNT_BROADCASTS*IncWidth+:IncWidth] = IncWidth'(events_i.broadcasts);
  assign inc[CNT_BYPASS_HITS*IncWidth+:IncWidth] = IncWidth'(events_i.bypass_hits);
  for (genvar c = 0; c < NumCounters - NUM_COUNTERS; c++) begin : gen_own
    assign inc[(NUM_COUNTERS + c)*IncWidth +: IncWidth] =
        IncWidth'(events_i.own[c*EventWidth +: EventWidth]);
  end

  lac_perf #(
    .NumCounters(NumCounters),
    .IncWidth(IncWidth)
  ) u_perf (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clr_i  (start),
    .inc_i  (inc),
    .count_o(perf[NumCounters*32-1:0])
  );

  if (NumCounters < NUM_PERF) begin : gen_rest
    assign perf[NUM_PERF*32-1:NumCounters*32] = '0;
  end

  // rules ------------------------------------------------------------------------------------
  `LAC_STREAM_CLR(wgt_o.valid, wgt_ready_i, {wgt_o.data, wgt_o.left}, clr)
  `LAC_STREAM_CLR(act_o.valid, act_ready_i, {act_o.data, act_o.left}, clr)
  `LAC_STREAM_CLR(result_i.valid, result_ready_o, {result_i.data, result_i.last}, clr)
  `LAC_STREAM(m_axis_out_tvalid, m_axis_out_tready, {m_axis_out_tdata, m_axis_out_tlast,
                                                     m_axis_out_tuser})
  `LAC_ASSERT(start_idle, !start || !busy, "a start while busy")
  `LAC_ASSERT(cfg_stable, !busy || $stable(cfg_o), "CFG changes in a pass")
  `LAC_ASSERT(counts_final, irq_o |=> $stable(perf), "a counter moves behind the interrupt")
  `LAC_ASSERT(wgt_err_of_word, !core_i.wgt_err || (wgt_o.valid && wgt_ready_i),
              "an error of a weight word that is not taken")
  `LAC_ASSERT(act_err_of_word, !core_i.act_err || (act_o.valid && act_ready_i),
              "an error of an activation word that is not taken")
  `LAC_ASSERT(one_account,
              32'(useful) + 32'(padding) + 32'(empty) + 32'(sync) + 32'(bank) <= 32'(NumSlots),
              "more accounts than slots")
  `LAC_ASSERT(
      results_in_pass,
      !result_i.valid || !result_ready_o || phase == 4'(PHASE_COMPUTE) || phase == 4'(PHASE_OUTPUT),
      "a result outside Compute and Output")

endmodule
