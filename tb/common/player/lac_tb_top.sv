// Copyright Lacuna contributors.
// SPDX-License-Identifier: Apache-2.0
//
// Full-size bench: any accelerator of the socket with its streams fed from files. Simulation only.
//
//          host, or Python before and after it
//                     | registers, irq
//   player wgt ─► +---------+
//                 | LAC_DUT | ─► sink ─► +out_file
//   player act ─► +---------+
//
// Python sets up, starts the host and sleeps, so the simulation runs at the speed of the RTL.
// Macros: LAC_DUT the accelerator, LAC_DUT_PARAMS its parameters as in `.NumPe(64),.DescDepth(2)`;
// LAC_TRACE_MODULE, if set, the design's tracer, instantiated as u_trace with the same parameters
// and without ports: it looks into u_dut by hierarchical names.
// Plusargs: those of lac_tb_player (wgt_, act_), lac_tb_sink (out_) and lac_tb_host (host_).

`ifndef LAC_DUT_PARAMS
`define LAC_DUT_PARAMS .DataWidth(64)
`endif

module lac_tb_top
  import lac_pkg::*;
(
  input logic clk_i,
  input logic rst_ni,

  // Time steps (ps) of half a clock cycle that main.cpp of a Verilator build makes; 0: none.
  input logic [31:0] half_period_i,

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

  output logic irq_o,

  input  logic        host_go_i,
  output logic        host_done_o,
  output logic [ 2:0] host_stop_o,
  output logic [31:0] host_steps_o,
  output logic [31:0] host_passes_o,
  output logic [31:0] host_seen_o,

  // What a timeout message needs: which stream waits for whom.
  output logic [31:0] wgt_packets_o,
  output logic [31:0] act_packets_o,
  output logic [31:0] out_packets_o,
  output logic [31:0] out_words_o,
  output logic        wgt_held_o,
  output logic        act_held_o,
  output logic        out_held_o,
  output logic        wgt_eof_o,
  output logic        act_eof_o,
  output logic [63:0] cycles_o        // clock cycles since reset
);

  lac_mem_cfg_t mem_cfg;
  assign mem_cfg = '0;

  logic [63:0] wgt_tdata, act_tdata, out_tdata;
  logic wgt_tvalid, act_tvalid, out_tvalid;
  logic wgt_tready, act_tready, out_tready;
  logic wgt_tlast, act_tlast, out_tlast, out_tuser;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) cycles_o <= '0;
    else cycles_o <= cycles_o + 64'd1;
  end

  logic [11:0] host_awaddr, host_araddr;
  logic [31:0] host_wdata;
  logic host_awvalid, host_wvalid, host_bready, host_arvalid, host_rready, host_busy;

  logic unused;
  assign unused = ^half_period_i;

  lac_tb_host u_host (
    .clk_i,
    .rst_ni,
    .go_i     (host_go_i),
    .busy_o   (host_busy),
    .done_o   (host_done_o),
    .stop_o   (host_stop_o),
    .steps_o  (host_steps_o),
    .passes_o (host_passes_o),
    .seen_o   (host_seen_o),
    .irq_i    (irq_o),
    .awaddr_o (host_awaddr),
    .awvalid_o(host_awvalid),
    .awready_i(s_axil_awready),
    .wdata_o  (host_wdata),
    .wvalid_o (host_wvalid),
    .wready_i (s_axil_wready),
    .bresp_i  (s_axil_bresp),
    .bvalid_i (s_axil_bvalid),
    .bready_o (host_bready),
    .araddr_o (host_araddr),
    .arvalid_o(host_arvalid),
    .arready_i(s_axil_arready),
    .rdata_i  (s_axil_rdata),
    .rresp_i  (s_axil_rresp),
    .rvalid_i (s_axil_rvalid),
    .rready_o (host_rready)
  );

  lac_tb_player #(
    .FileArg ("wgt_file=%s"),
    .StallArg("wgt_stall=%d"),
    .SeedArg ("wgt_seed=%d")
  ) u_wgt (
    .clk_i,
    .rst_ni,
    .tdata_o  (wgt_tdata),
    .tvalid_o (wgt_tvalid),
    .tready_i (wgt_tready),
    .tlast_o  (wgt_tlast),
    .packets_o(wgt_packets_o),
    .held_o   (wgt_held_o),
    .eof_o    (wgt_eof_o)
  );

  lac_tb_player #(
    .FileArg ("act_file=%s"),
    .StallArg("act_stall=%d"),
    .SeedArg ("act_seed=%d")
  ) u_act (
    .clk_i,
    .rst_ni,
    .tdata_o  (act_tdata),
    .tvalid_o (act_tvalid),
    .tready_i (act_tready),
    .tlast_o  (act_tlast),
    .packets_o(act_packets_o),
    .held_o   (act_held_o),
    .eof_o    (act_eof_o)
  );

  // verilog_format: off: it knows no module named by a macro
  `LAC_DUT #(
  `LAC_DUT_PARAMS
  ) u_dut (
    .clk_i,
    .rst_ni,
    .scan_mode_i(1'b0),
    .mem_cfg_i(mem_cfg),
    .irq_o,
    .s_axil_awaddr(host_busy ? host_awaddr : s_axil_awaddr),
    .s_axil_awprot,
    .s_axil_awvalid(host_busy ? host_awvalid : s_axil_awvalid),
    .s_axil_awready,
    .s_axil_wdata(host_busy ? host_wdata : s_axil_wdata),
    .s_axil_wstrb(host_busy ? 4'hF : s_axil_wstrb),
    .s_axil_wvalid(host_busy ? host_wvalid : s_axil_wvalid),
    .s_axil_wready,
    .s_axil_bresp,
    .s_axil_bvalid,
    .s_axil_bready(host_busy ? host_bready : s_axil_bready),
    .s_axil_araddr(host_busy ? host_araddr : s_axil_araddr),
    .s_axil_arprot,
    .s_axil_arvalid(host_busy ? host_arvalid : s_axil_arvalid),
    .s_axil_arready,
    .s_axil_rdata,
    .s_axil_rresp,
    .s_axil_rvalid,
    .s_axil_rready(host_busy ? host_rready : s_axil_rready),
    .s_axis_wgt_tdata(wgt_tdata),
    .s_axis_wgt_tvalid(wgt_tvalid),
    .s_axis_wgt_tready(wgt_tready),
    .s_axis_wgt_tlast(wgt_tlast),
    .s_axis_act_tdata(act_tdata),
    .s_axis_act_tvalid(act_tvalid),
    .s_axis_act_tready(act_tready),
    .s_axis_act_tlast(act_tlast),
    .m_axis_out_tdata(out_tdata),
    .m_axis_out_tvalid(out_tvalid),
    .m_axis_out_tready(out_tready),
    .m_axis_out_tlast(out_tlast),
    .m_axis_out_tuser(out_tuser)
  );
  // verilog_format: on

  lac_tb_sink u_out (
    .clk_i,
    .rst_ni,
    .tdata_i  (out_tdata),
    .tvalid_i (out_tvalid),
    .tready_o (out_tready),
    .tlast_i  (out_tlast),
    .tuser_i  (out_tuser),
    .packets_o(out_packets_o),
    .words_o  (out_words_o),
    .held_o   (out_held_o)
  );

  // verilog_format: off
`ifdef LAC_TRACE_MODULE
  `LAC_TRACE_MODULE #(
    `LAC_DUT_PARAMS
  ) u_trace ();
`endif

endmodule
