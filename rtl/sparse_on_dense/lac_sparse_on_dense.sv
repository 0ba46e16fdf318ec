// SPDX-License-Identifier: Apache-2.0
//
// Sparse-on-Dense: the dense systolic array behind decompression units.
//
//   s_axil, s_axis_act -> engine of rtl/dense -> m_axis_out
//                           ^ shadow weights, one bus per unit   ^ biases
//   s_axis_wgt -> weight loader -> feed: banks -> units (reader, decoder, rows)
//
// Weights stay compressed (CSC, bitmap or N:M) in NumUnits banks; each unit decodes its rows of the
// next tile while the pixels of this one stream by.
// Function, formats, registers, parameters and cycles: README.md beside this file; socket:
// docs/socket.md. Throughput: Rows * Cols multiplies per cycle. Counters: all of them exact.
// Parameters:
//   Rows       4..32, 4, 8, 16 or 32
//   Cols       4..32, 4, 8, 16 or 32
//   DataWidth  64
//   ActWidth   8..16, 8 or 16
//   WgtWidth   8..16, 8 or 16
//   AccWidth   ActWidth + 1..48
//   ActDepth   1..16777216
//   WgtDepth   1..16777216
//   AccDepth   1..16777216
//   BiasDepth  1..16777216
//   BiasWidth  2..32, at most AccWidth
//   WgtFormat  0..2
//   NumUnits   1..16, a power of two, at most Rows
//   NumLanes   1..16, 1, 4 or 16, with WgtFormat 0 only 1
//   GroupN     1..16, with WgtFormat 2 at most GroupM
//   GroupM     1..16, with WgtFormat 2 a divisor of Cols
// Source: Yoon, Ryu, Kim, "Sparse-on-Dense", arXiv 2604.26587. Model: models/sparse_on_dense.

`include "lac_assert.svh"

module lac_sparse_on_dense import lac_pkg::*; #(
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
  parameter int WgtFormat = 0,
  parameter int NumUnits  = 4,
  parameter int NumLanes  = 1,
  parameter int GroupN    = 2,
  parameter int GroupM    = 4
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  output logic                 irq_o,
  input  logic [11:0]          s_axil_awaddr,
  input  logic [2:0]           s_axil_awprot,
  input  logic                 s_axil_awvalid,
  output logic                 s_axil_awready,
  input  logic [31:0]          s_axil_wdata,
  input  logic [3:0]           s_axil_wstrb,
  input  logic                 s_axil_wvalid,
  output logic                 s_axil_wready,
  output logic [1:0]           s_axil_bresp,
  output logic                 s_axil_bvalid,
  input  logic                 s_axil_bready,
  input  logic [11:0]          s_axil_araddr,
  input  logic [2:0]           s_axil_arprot,
  input  logic                 s_axil_arvalid,
  output logic                 s_axil_arready,
  output logic [31:0]          s_axil_rdata,
  output logic [1:0]           s_axil_rresp,
  output logic                 s_axil_rvalid,
  input  logic                 s_axil_rready,
  input  logic [DataWidth-1:0] s_axis_wgt_tdata,
  input  logic                 s_axis_wgt_tvalid,
  output logic                 s_axis_wgt_tready,
  input  logic                 s_axis_wgt_tlast,
  input  logic [DataWidth-1:0] s_axis_act_tdata,
  input  logic                 s_axis_act_tvalid,
  output logic                 s_axis_act_tready,
  input  logic                 s_axis_act_tlast,
  output logic [DataWidth-1:0] m_axis_out_tdata,
  output logic                 m_axis_out_tvalid,
  input  logic                 m_axis_out_tready,
  output logic                 m_axis_out_tlast,
  output logic                 m_axis_out_tuser
);

  `LAC_PARAM_RULE(lac_sparse_on_dense, Rows, 4, 32,
    Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32,
    "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_sparse_on_dense, Cols, 4, 32,
    Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32,
    "4, 8, 16 or 32")
  `LAC_PARAM(lac_sparse_on_dense, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_sparse_on_dense, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_sparse_on_dense, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_sparse_on_dense, AccWidth, ActWidth + 1, 48)
  `LAC_PARAM(lac_sparse_on_dense, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_sparse_on_dense, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_sparse_on_dense, AccDepth, 1, 16777216)
  `LAC_PARAM(lac_sparse_on_dense, BiasDepth, 1, 16777216)
  `LAC_PARAM_RULE(lac_sparse_on_dense, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")
  `LAC_PARAM(lac_sparse_on_dense, WgtFormat, 0, 2)
  `LAC_PARAM_RULE(lac_sparse_on_dense, NumUnits, 1, 16,
    (NumUnits & (NumUnits - 1)) == 0 && NumUnits <= Rows,
    "a power of two, at most Rows")
  `LAC_PARAM_RULE(lac_sparse_on_dense, NumLanes, 1, 16,
    NumLanes == 1 || (WgtFormat != 0 && (NumLanes == 4 || NumLanes == 16)),
    "1, 4 or 16, with WgtFormat 0 only 1")
  `LAC_PARAM_RULE(lac_sparse_on_dense, GroupN, 1, 16,
    WgtFormat != 2 || GroupN <= GroupM,
    "with WgtFormat 2 at most GroupM")
  `LAC_PARAM_RULE(lac_sparse_on_dense, GroupM, 1, 16,
    WgtFormat != 2 || Cols % GroupM == 0,
    "with WgtFormat 2 a divisor of Cols")

  localparam int SizeWidth     = 25;  // of lac_array_geom
  localparam int WordWidth     = 64;  // of a bank
  localparam int FmtNm         = 2;
  localparam int WgtAddrWidth  = WgtDepth > 1 ? $clog2(WgtDepth) : 1;
  localparam int BiasAddrWidth = BiasDepth > 1 ? $clog2(BiasDepth) : 1;
  localparam int IncWidth      = $clog2(Rows * Cols + 1);
  localparam int NumWidth      = $clog2(NumUnits + 1);
  localparam int CapN          = WgtFormat == FmtNm ? GroupN - 1 : 0;
  localparam int CapM          = WgtFormat == FmtNm ? GroupM - 1 : 0;
  localparam logic [31:0] Cap6 =
      {4'(CapM), 4'(CapN), 8'(NumLanes), 8'(WgtFormat), 8'(NumUnits)};

  logic                      soft_rst, clr, run_start, tile, ready;
  logic                      pass, wgt_start, discard, forget, wgt_busy, wgt_done, wgt_err;
  logic [15:0]               wgt_packets;
  logic [7:0]                wgt_code;
  logic [31:0]               wgt_pos, feed_pos;
  logic [WgtAddrWidth-1:0]   wgt_base;
  logic [SizeWidth-1:0]      tiles;
  logic [NumUnits-1:0]       wr_wgt;
  logic                      wr_bias, feed_progress, feed_err;
  logic [23:0]               wr_addr;
  logic [WordWidth:0]        wr_wgt_data;
  logic [Cols*BiasWidth-1:0] wr_bias_data;
  logic [Rows-1:0]           wgt_row;
  logic [NumUnits*Cols-1:0]  wgt_col;
  logic [NumUnits*Cols*WgtWidth-1:0] wgt;
  logic [NumWidth-1:0]       reads;

  // The bus is as wide as the deepest buffer may be.
  logic unused_addr;
  assign unused_addr = ^wr_addr;

  lac_sod_wgt_load #(
    .Cols(Cols), .DataWidth(DataWidth), .WgtDepth(WgtDepth), .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth), .NumUnits(NumUnits)
  ) u_wgt_load (
    .clk_i             (clk_i),
    .rst_ni            (rst_ni),
    .clr_i             (soft_rst),
    .pass_i            (pass),
    .start_i           (wgt_start),
    .discard_i         (discard),
    .forget_i          (forget),
    .busy_o            (wgt_busy),
    .packets_o         (wgt_packets),
    .done_o            (wgt_done),
    .err_valid_o       (wgt_err),
    .err_code_o        (wgt_code),
    .err_pos_o         (wgt_pos),
    .s_axis_wgt_tdata  (s_axis_wgt_tdata),
    .s_axis_wgt_tvalid (s_axis_wgt_tvalid),
    .s_axis_wgt_tready (s_axis_wgt_tready),
    .s_axis_wgt_tlast  (s_axis_wgt_tlast),
    .wr_wgt_o          (wr_wgt),
    .wr_bias_o         (wr_bias),
    .wr_addr_o         (wr_addr),
    .wr_wgt_data_o     (wr_wgt_data),
    .wr_bias_data_o    (wr_bias_data)
  );

  lac_sod_feed #(
    .Rows(Rows), .Cols(Cols), .WgtWidth(WgtWidth), .WgtDepth(WgtDepth), .WgtFormat(WgtFormat),
    .NumUnits(NumUnits), .NumLanes(NumLanes), .GroupN(GroupN), .GroupM(GroupM),
    .SizeWidth(SizeWidth)
  ) u_feed (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .clr_i      (clr),
    .start_i    (run_start),
    .wgt_base_i (wgt_base),
    .tiles_i    (tiles),
    .wr_en_i    (wr_wgt),
    .wr_addr_i  (WgtAddrWidth'(wr_addr)),
    .wr_data_i  (wr_wgt_data),
    .tile_i     (tile),
    .ready_o    (ready),
    .row_o      (wgt_row),
    .col_o      (wgt_col),
    .wgt_o      (wgt),
    .reads_o    (reads),
    .progress_o (feed_progress),
    .err_o      (feed_err),
    .err_pos_o  (feed_pos)
  );

  lac_array_engine #(
    .DesignId(3), .Cap6(Cap6), .Compressed(1'b1), .NumFeeds(NumUnits),
    .Rows(Rows), .Cols(Cols), .DataWidth(DataWidth), .ActWidth(ActWidth), .WgtWidth(WgtWidth),
    .AccWidth(AccWidth), .ActDepth(ActDepth), .WgtDepth(WgtDepth), .AccDepth(AccDepth),
    .BiasDepth(BiasDepth), .BiasWidth(BiasWidth)
  ) u_engine (
    .clk_i             (clk_i),
    .rst_ni            (rst_ni),
    .irq_o             (irq_o),
    .s_axil_awaddr     (s_axil_awaddr),
    .s_axil_awprot     (s_axil_awprot),
    .s_axil_awvalid    (s_axil_awvalid),
    .s_axil_awready    (s_axil_awready),
    .s_axil_wdata      (s_axil_wdata),
    .s_axil_wstrb      (s_axil_wstrb),
    .s_axil_wvalid     (s_axil_wvalid),
    .s_axil_wready     (s_axil_wready),
    .s_axil_bresp      (s_axil_bresp),
    .s_axil_bvalid     (s_axil_bvalid),
    .s_axil_bready     (s_axil_bready),
    .s_axil_araddr     (s_axil_araddr),
    .s_axil_arprot     (s_axil_arprot),
    .s_axil_arvalid    (s_axil_arvalid),
    .s_axil_arready    (s_axil_arready),
    .s_axil_rdata      (s_axil_rdata),
    .s_axil_rresp      (s_axil_rresp),
    .s_axil_rvalid     (s_axil_rvalid),
    .s_axil_rready     (s_axil_rready),
    .s_axis_act_tdata  (s_axis_act_tdata),
    .s_axis_act_tvalid (s_axis_act_tvalid),
    .s_axis_act_tready (s_axis_act_tready),
    .s_axis_act_tlast  (s_axis_act_tlast),
    .m_axis_out_tdata  (m_axis_out_tdata),
    .m_axis_out_tvalid (m_axis_out_tvalid),
    .m_axis_out_tready (m_axis_out_tready),
    .m_axis_out_tlast  (m_axis_out_tlast),
    .m_axis_out_tuser  (m_axis_out_tuser),
    .soft_rst_o        (soft_rst),
    .pass_o            (pass),
    .wgt_start_o       (wgt_start),
    .discard_o         (discard),
    .forget_o          (forget),
    .wgt_busy_i        (wgt_busy),
    .wgt_packets_i     (wgt_packets),
    .wgt_done_i        (wgt_done),
    .wgt_err_i         (wgt_err),
    .wgt_code_i        (wgt_code),
    .wgt_pos_i         (wgt_pos),
    .bias_wr_en_i      (wr_bias),
    .bias_wr_addr_i    (BiasAddrWidth'(wr_addr)),
    .bias_wr_data_i    (wr_bias_data),
    .clr_o             (clr),
    .run_start_o       (run_start),
    .wgt_base_o        (wgt_base),
    .tiles_o           (tiles),
    .tile_o            (tile),
    .ready_i           (ready),
    .wgt_row_i         (wgt_row),
    .wgt_col_i         (wgt_col),
    .wgt_i             (wgt),
    .feed_err_i        (feed_err),
    .feed_code_i       (8'(ERR_WGT_FORMAT)),
    .feed_pos_i        (feed_pos),
    .progress_i        (feed_progress | (s_axis_wgt_tvalid & s_axis_wgt_tready)),
    .wgt_reads_i       (IncWidth'(reads)),
    .wgt_write_i       (|wr_wgt)
  );

  `LAC_STREAM(m_axis_out_tvalid, m_axis_out_tready,
              {m_axis_out_tdata, m_axis_out_tlast, m_axis_out_tuser})

endmodule
