// SPDX-License-Identifier: Apache-2.0
//
// Bench of lac_scnn_act_load: the loader behind its packet receiver.
// Simulation only.

`include "lac_assert.svh"

module lac_tb_scnn_act_load
  import lac_socket_pkg::*;
#(
  parameter  int NumPe      = 64,
  parameter  int I          = 4,
  parameter  int AccWidth   = 24,
  parameter  int IaramRows  = 1024,
  parameter  int CountWidth = 8,
  parameter  int MaxC       = 1024,
  parameter  int CarryDepth = 2048,
  localparam int AddrWidth  = `LAC_INDEX_BITS(IaramRows),
  localparam int WinWidth   = `LAC_INDEX_BITS(MaxC / 8),
  localparam int CarryWidth = `LAC_INDEX_BITS(CarryDepth),
  localparam int CntBits    = AddrWidth + 1 + 8 * CountWidth
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clr_i,
  input  logic                  pass_i,
  input  logic                  start_i,
  input  logic                  discard_i,
  input  logic                  forget_i,
  output logic                  busy_o,
  output logic [          15:0] packets_o,
  output logic                  done_o,
  output logic                  err_valid_o,
  output logic [           7:0] err_code_o,
  output logic [          31:0] err_pos_o,
  input  logic [          31:0] count_i,
  input  logic [          15:0] channels_i,
  input  logic [          63:0] s_axis_act_tdata,
  input  logic                  s_axis_act_tvalid,
  output logic                  s_axis_act_tready,
  input  logic                  s_axis_act_tlast,
  output logic [     NumPe-1:0] row_wr_en_o,
  output logic [ AddrWidth-1:0] row_addr_o,
  output logic [      I*20-1:0] row_data_o,
  output logic [     NumPe-1:0] cnt_wr_en_o,
  output logic [  WinWidth-1:0] cnt_addr_o,
  output logic [   CntBits-1:0] cnt_data_o,
  output logic [     NumPe-1:0] carry_wr_en_o,
  output logic [CarryWidth-1:0] carry_addr_o,
  output logic [  AccWidth-1:0] carry_data_o
);

  lac_word_t word;
  logic clr, ready, err;
  logic [7:0] code;

  lac_tb_load_rx #(
    .Act(1'b1)
  ) u_rx (
    .clk_i,
    .rst_ni,
    .clr_i,
    .pass_i,
    .start_i,
    .discard_i,
    .forget_i,
    .count_i(count_i),
    .busy_o,
    .packets_o,
    .done_o,
    .err_valid_o,
    .err_code_o,
    .err_pos_o,
    .s_axis_tdata(s_axis_act_tdata),
    .s_axis_tvalid(s_axis_act_tvalid),
    .s_axis_tready(s_axis_act_tready),
    .s_axis_tlast(s_axis_act_tlast),
    .load_clr_o(clr),
    .word_o(word),
    .word_ready_i(ready),
    .word_err_i(err),
    .word_code_i(code)
  );

  lac_scnn_act_load #(
    .NumPe(NumPe),
    .I(I),
    .AccWidth(AccWidth),
    .IaramRows(IaramRows),
    .CountWidth(CountWidth),
    .MaxC(MaxC),
    .CarryDepth(CarryDepth)
  ) u_load (
    .clk_i,
    .rst_ni,
    .clr_i      (clr),
    .start_i,
    .channels_i,
    .pay_valid_i(word.valid),
    .pay_ready_o(ready),
    .pay_data_i (word.data),
    .pay_left_i (word.left),
    .err_o      (err),
    .err_code_o (code),
    .row_wr_en_o,
    .row_addr_o,
    .row_data_o,
    .cnt_wr_en_o,
    .cnt_addr_o,
    .cnt_data_o,
    .carry_wr_en_o,
    .carry_addr_o,
    .carry_data_o
  );

endmodule
