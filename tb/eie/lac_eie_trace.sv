// Copyright Lacuna contributors.
// SPDX-License-Identifier: Apache-2.0
//
// Tracer of EIE for the pictures of the report: what every PE did, and how full its queue was.
// Simulation only; instantiated by lac_tb_top, looks into u_dut by hierarchical names.
//
// Off unless +trace_file=path is given. +trace_step=N: cycles between samples of the queues
// (default 16); +trace_passes=N: passes that are traced, from the first (default: all).
//
// File, one record per line, read by tb/common/player.py:
//   start <pass> <cycle>                      START was taken
//   queue <cycle> <level of PE 0> <PE 1> ...  sampled in the compute phase
//   pe <index> <macs> <zeros> <empties> <cycles with an empty queue> <cycles with a full queue>
//   stop <pass> <cycle>                       after one "pe" line per PE
// Cycles count from the reset. Slots are those of the counters mac_useful, slot_padding, slot_empty.

module lac_eie_trace #(
  // Those of lac_eie; only NumPe, QueueDepth are used.
  parameter int NumPe        = 64,
  parameter int DataWidth    = 64,
  parameter int ActWidth     = 16,
  parameter int WgtWidth     = 16,
  parameter int AccWidth     = 40,
  parameter int CodeWidth    = 4,
  parameter int IdxWidth     = 4,
  parameter int QueueDepth   = 8,
  parameter int DescDepth    = 2,
  parameter int SpmatWidth   = 64,
  parameter int SpmatDepth   = 16384,
  parameter int PtrDepth     = 16384,
  parameter int PtrWidth     = 18,
  parameter int ActRegs      = 64,
  parameter int ActDepth     = 1024,
  parameter int BiasDepth    = 256,
  parameter int BiasWidth    = 32,
  parameter int NumCodebooks = 4
) ();

  localparam logic [3:0] PhaseCompute = 4'd3;

  string       file_name;
  integer      fd, step, limit;
  logic        on;
  logic        busy_q;
  logic [31:0] pass_q;
  logic [31:0] level [NumPe];
  logic [NumPe-1:0] mac, zero, empty;
  logic [31:0] macs [NumPe];
  logic [31:0] zeros [NumPe];
  logic [31:0] empties [NumPe];
  logic [31:0] drained [NumPe];
  logic [31:0] full [NumPe];

  for (genvar p = 0; p < NumPe; p++) begin : gen_probe
    assign level[p] = 32'(lac_tb_top.u_dut.gen_pe[p].u_pe.queue_level);
    assign mac[p]   = lac_tb_top.u_dut.gen_pe[p].u_pe.ev_mac_o;
    assign zero[p]  = lac_tb_top.u_dut.gen_pe[p].u_pe.ev_zero_o;
    assign empty[p] = lac_tb_top.u_dut.gen_pe[p].u_pe.ev_empty_o;
  end

  initial begin
    fd    = 0;
    step  = 16;
    limit = 0;
    if ($value$plusargs("trace_file=%s", file_name)) begin
      fd = $fopen(file_name, "w");
      if (fd == 0) $fatal(1, "cannot open %s", file_name);
    end
    if (!$value$plusargs("trace_step=%d", step)) step = 16;
    if (!$value$plusargs("trace_passes=%d", limit)) limit = 0;
  end

  assign on = fd != 0 && (limit == 0 || pass_q < 32'(limit));

  // Blocking: the sums are read and written here alone, between two clock edges.
  /* verilator lint_off BLKSEQ */
  always @(posedge lac_tb_top.clk_i) begin
    if (!lac_tb_top.rst_ni) begin
      busy_q <= 1'b0;
      pass_q <= '0;
    end else if (on) begin
      busy_q <= lac_tb_top.u_dut.busy;
      if (lac_tb_top.u_dut.busy && !busy_q) begin
        $fwrite(fd, "start %0d %0d\n", pass_q, lac_tb_top.cycles_o);
        for (int p = 0; p < NumPe; p++) begin
          macs[p]    = '0;
          zeros[p]   = '0;
          empties[p] = '0;
          drained[p] = '0;
          full[p]    = '0;
        end
      end
      if (lac_tb_top.u_dut.phase == PhaseCompute) begin
        for (int p = 0; p < NumPe; p++) begin
          macs[p]    = macs[p] + 32'(mac[p]);
          zeros[p]   = zeros[p] + 32'(zero[p]);
          empties[p] = empties[p] + 32'(empty[p]);
          drained[p] = drained[p] + 32'(level[p] == '0);
          full[p]    = full[p] + 32'(level[p] == 32'(QueueDepth));
        end
        if (lac_tb_top.cycles_o % 64'(step) == '0) begin
          $fwrite(fd, "queue %0d", lac_tb_top.cycles_o);
          for (int p = 0; p < NumPe; p++) $fwrite(fd, " %0d", level[p]);
          $fwrite(fd, "\n");
        end
      end
      if (!lac_tb_top.u_dut.busy && busy_q) begin
        for (int p = 0; p < NumPe; p++)
          $fwrite(fd, "pe %0d %0d %0d %0d %0d %0d\n", p, macs[p], zeros[p], empties[p], drained[p],
                  full[p]);
        $fwrite(fd, "stop %0d %0d\n", pass_q, lac_tb_top.cycles_o);
        $fflush(fd);
        pass_q <= pass_q + 32'd1;
      end
    end
  end
  /* verilator lint_on BLKSEQ */

endmodule
