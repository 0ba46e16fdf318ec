// SPDX-License-Identifier: Apache-2.0
//
// Dense: weight-stationary systolic array for convolutions and fully connected layers.
//
//   s_axil, s_axis_wgt, s_axis_act, m_axis_out <--> lac_socket <--> lac_dense_core
//
// Function, formats, registers, parameters and cycles: README.md beside this file; socket:
// docs/socket.md. Throughput: Rows * Cols multiplies per cycle. Counters: all of them exact.
// Parameters: those of lac_dense_core, with its limits.
// Source: weight-stationary systolic arrays (Kung 1982; TPU, ISCA 2017). Model: models/dense.

`include "lac_assert.svh"

module lac_dense
  import lac_pkg::*, lac_socket_pkg::*;
#(
  parameter int Rows      = 16,
  parameter int Cols      = 16,
  parameter int DataWidth = 64,
  parameter int ActWidth  = 16,
  parameter int WgtWidth  = 16,
  parameter int AccWidth  = 48,
  parameter int ActDepth  = 16384,
  parameter int WgtDepth  = 8192,
  parameter int AccDepth  = 4096,
  parameter int BiasDepth = 64,
  parameter int BiasWidth = 32,
  parameter int GroupN    = 1,
  parameter int GroupM    = 1
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic                         scan_mode_i,
  input  lac_mem_cfg_t                 mem_cfg_i,
  output logic                         irq_o,
  input  logic         [         11:0] s_axil_awaddr,
  input  logic         [          2:0] s_axil_awprot,
  input  logic                         s_axil_awvalid,
  output logic                         s_axil_awready,
  input  logic         [         31:0] s_axil_wdata,
  input  logic         [          3:0] s_axil_wstrb,
  input  logic                         s_axil_wvalid,
  output logic                         s_axil_wready,
  output logic         [          1:0] s_axil_bresp,
  output logic                         s_axil_bvalid,
  input  logic                         s_axil_bready,
  input  logic         [         11:0] s_axil_araddr,
  input  logic         [          2:0] s_axil_arprot,
  input  logic                         s_axil_arvalid,
  output logic                         s_axil_arready,
  output logic         [         31:0] s_axil_rdata,
  output logic         [          1:0] s_axil_rresp,
  output logic                         s_axil_rvalid,
  input  logic                         s_axil_rready,
  input  logic         [DataWidth-1:0] s_axis_wgt_tdata,
  input  logic                         s_axis_wgt_tvalid,
  output logic                         s_axis_wgt_tready,
  input  logic                         s_axis_wgt_tlast,
  input  logic         [DataWidth-1:0] s_axis_act_tdata,
  input  logic                         s_axis_act_tvalid,
  output logic                         s_axis_act_tready,
  input  logic                         s_axis_act_tlast,
  output logic         [DataWidth-1:0] m_axis_out_tdata,
  output logic                         m_axis_out_tvalid,
  input  logic                         m_axis_out_tready,
  output logic                         m_axis_out_tlast,
  output logic                         m_axis_out_tuser
);

  localparam int Inputs = GroupN == 2 ? Rows * GroupM / 2 : Rows * GroupM;  // of a buffer word
  localparam int NumWords = (Inputs * ActWidth + DataWidth - 1) / DataWidth;

  logic      [NUM_CAP*32-1:0] cap;
  logic      [NUM_CFG*32-1:0] cfg;
  lac_pass_t                  pass;
  lac_core_t                  core;
  lac_word_t wgt, act;
  lac_result_t result;
  lac_events_t events;
  logic wgt_ready, act_ready, result_ready;

  // No reset is made inside.
  logic unused_scan;
  assign unused_scan = scan_mode_i;

  lac_socket #(
    .DesignId(2),
    .DataWidth(DataWidth),
    .ActWordsPer(NumWords),
    .NumSlots(Rows * Cols),
    .MaxEvents(Rows * Cols)
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

  lac_dense_core #(
    .Rows(Rows),
    .Cols(Cols),
    .DataWidth(DataWidth),
    .ActWidth(ActWidth),
    .WgtWidth(WgtWidth),
    .AccWidth(AccWidth),
    .ActDepth(ActDepth),
    .WgtDepth(WgtDepth),
    .AccDepth(AccDepth),
    .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth),
    .GroupN(GroupN),
    .GroupM(GroupM)
  ) u_core (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .mem_cfg_i     (mem_cfg_i),
    .cap_o         (cap),
    .cfg_i         (cfg),
    .pass_i        (pass),
    .core_o        (core),
    .wgt_i         (wgt),
    .wgt_ready_o   (wgt_ready),
    .act_i         (act),
    .act_ready_o   (act_ready),
    .result_o      (result),
    .result_ready_i(result_ready),
    .events_o      (events)
  );

  `LAC_STREAM(m_axis_out_tvalid, m_axis_out_tready, {m_axis_out_tdata, m_axis_out_tlast,
                                                     m_axis_out_tuser})

endmodule
