// SPDX-License-Identifier: Apache-2.0
//
// Bench of lac_scnn_wgt_load: the loader behind its packet receiver.
// Simulation only.

module lac_tb_scnn_wgt_load
  import lac_socket_pkg::*;
#(
  parameter  int RowWords  = 6,
  parameter  int LinWidth  = 8,
  parameter  int AccWidth  = 24,
  parameter  int BiasWidth = 24,
  parameter  int MaxTaps   = 128,
  parameter  int WgtDepth  = 8192,
  parameter  int BiasDepth = 1024,
  localparam int BusWidth  = RowWords * 64
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clr_i,
  input  logic                pass_i,
  input  logic                start_i,
  input  logic                discard_i,
  input  logic                forget_i,
  output logic                busy_o,
  output logic [        15:0] packets_o,
  output logic                done_o,
  output logic                err_valid_o,
  output logic [         7:0] err_code_o,
  output logic [        31:0] err_pos_o,
  input  logic [        63:0] s_axis_wgt_tdata,
  input  logic                s_axis_wgt_tvalid,
  output logic                s_axis_wgt_tready,
  input  logic                s_axis_wgt_tlast,
  output logic [         3:0] wr_off_o,
  output logic                wr_bias_o,
  output logic                wr_row_o,
  output logic [        23:0] wr_addr_o,
  output logic [BusWidth-1:0] wr_data_o
);

  lac_word_t word;
  logic clr, ready, err;
  logic [7:0] code;

  lac_tb_load_rx #(
    .Act(1'b0)
  ) u_rx (
    .clk_i,
    .rst_ni,
    .clr_i,
    .pass_i,
    .start_i,
    .discard_i,
    .forget_i,
    .count_i(32'd0),
    .busy_o,
    .packets_o,
    .done_o,
    .err_valid_o,
    .err_code_o,
    .err_pos_o,
    .s_axis_tdata(s_axis_wgt_tdata),
    .s_axis_tvalid(s_axis_wgt_tvalid),
    .s_axis_tready(s_axis_wgt_tready),
    .s_axis_tlast(s_axis_wgt_tlast),
    .load_clr_o(clr),
    .word_o(word),
    .word_ready_i(ready),
    .word_err_i(err),
    .word_code_i(code)
  );

  lac_scnn_wgt_load #(
    .RowWords (RowWords),
    .LinWidth (LinWidth),
    .AccWidth (AccWidth),
    .BiasWidth(BiasWidth),
    .MaxTaps  (MaxTaps),
    .WgtDepth (WgtDepth),
    .BiasDepth(BiasDepth)
  ) u_load (
    .clk_i,
    .rst_ni,
    .clr_i      (clr),
    .start_i,
    .pay_valid_i(word.valid),
    .pay_ready_o(ready),
    .pay_data_i (word.data),
    .pay_left_i (word.left),
    .err_o      (err),
    .err_code_o (code),
    .wr_off_o,
    .wr_bias_o,
    .wr_row_o,
    .wr_addr_o,
    .wr_data_o
  );

endmodule
