// Copyright Lacuna contributors.
// SPDX-License-Identifier: Apache-2.0
//
// Tracer of EIE for the pictures of the report: what every PE did, and how full its queue was.
// Simulation only; instantiated by lac_tb_top, looks into u_dut by hierarchical names.
//
// Off unless +trace_file=path is given. +trace_step=N: cycles between samples of the queues
// (default 16); +trace_passes=N: passes that are traced, from the first (default: all).
//
// File, one record per line, read by tb/common/player/player.py:
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
  parameter int AccWidth     = 32,
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
  parameter int NumCodebooks = 4,
  parameter int FileMem      = 0
) ();

  localparam logic [3:0] PhaseCompute = 4'd3;

  string file_name;
  integer fd, step, limit;
  logic on, starts, computes, sampled_q;
  logic        busy_q;
  logic [31:0] pass_q;
  logic [63:0] cycle_q;
  logic [31:0] level_q  [NumPe];
  logic [31:0] macs_q   [NumPe];
  logic [31:0] zeros_q  [NumPe];
  logic [31:0] empties_q[NumPe];
  logic [31:0] drained_q[NumPe];
  logic [31:0] full_q   [NumPe];

  assign on       = fd != 0 && (limit == 0 || pass_q < 32'(limit));
  assign starts   = on && lac_tb_top.u_dut.u_socket.busy && !busy_q;
  assign computes = on && lac_tb_top.u_dut.u_socket.phase == PhaseCompute;

  // Nothing of this is evaluated while the tracer is off: full-size runs are made at full speed.
  for (genvar p = 0; p < NumPe; p++) begin : gen_probe
    always @(posedge lac_tb_top.clk_i) begin
      if (starts) begin
        macs_q[p]    <= '0;
        zeros_q[p]   <= '0;
        empties_q[p] <= '0;
        drained_q[p] <= '0;
        full_q[p]    <= '0;
      end else if (computes) begin
        macs_q[p] <= macs_q[p] + 32'(lac_tb_top.u_dut.u_core.gen_pe[p].u_pe.ev_mac_o);
        zeros_q[p] <= zeros_q[p] + 32'(lac_tb_top.u_dut.u_core.gen_pe[p].u_pe.ev_zero_o);
        empties_q[p] <= empties_q[p] + 32'(lac_tb_top.u_dut.u_core.gen_pe[p].u_pe.ev_empty_o);
        drained_q[p] <= drained_q[p]
            + 32'(lac_tb_top.u_dut.u_core.gen_pe[p].u_pe.queue_level == '0);
        full_q[p]    <= full_q[p]
            + 32'(32'(lac_tb_top.u_dut.u_core.gen_pe[p].u_pe.queue_level) == 32'(QueueDepth));
        level_q[p] <= 32'(lac_tb_top.u_dut.u_core.gen_pe[p].u_pe.queue_level);
      end
    end
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

  always @(posedge lac_tb_top.clk_i) begin
    if (!lac_tb_top.rst_ni) begin
      busy_q    <= 1'b0;
      sampled_q <= 1'b0;
      pass_q    <= '0;
    end else if (on) begin
      busy_q    <= lac_tb_top.u_dut.u_socket.busy;
      sampled_q <= computes && lac_tb_top.cycles_o % 64'(step) == '0;
      cycle_q   <= lac_tb_top.cycles_o;
      if (starts) $fwrite(fd, "start %0d %0d\n", pass_q, lac_tb_top.cycles_o);
      if (sampled_q) begin
        $fwrite(fd, "queue %0d", cycle_q);
        for (int p = 0; p < NumPe; p++) $fwrite(fd, " %0d", level_q[p]);
        $fwrite(fd, "\n");
      end
      if (!lac_tb_top.u_dut.u_socket.busy && busy_q) begin
        for (int p = 0; p < NumPe; p++)
        $fwrite(
            fd,
            "pe %0d %0d %0d %0d %0d %0d\n",
            p,
            macs_q[p],
            zeros_q[p],
            empties_q[p],
            drained_q[p],
            full_q[p]
        );
        $fwrite(fd, "stop %0d %0d\n", pass_q, lac_tb_top.cycles_o);
        $fflush(fd);
        pass_q <= pass_q + 32'd1;
      end
    end
  end

endmodule
