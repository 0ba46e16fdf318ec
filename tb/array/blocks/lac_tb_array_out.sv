// SPDX-License-Identifier: Apache-2.0
//
// Bench of lac_array_out: the results through their transmitter.
// Simulation only.

module lac_tb_array_out
  import lac_pkg::*;
#(
  parameter  int Cols       = 16,
  parameter  int DataWidth  = 64,
  parameter  int ActWidth   = 16,
  parameter  int AccWidth   = 48,
  parameter  int AddrWidth  = 12,
  parameter  int SizeWidth  = 25,
  localparam int ShiftWidth = $clog2(AccWidth)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clr_i,
  input  logic                     start_i,
  input  logic [    SizeWidth-1:0] count_i,            // sums of each bank to send
  input  logic [   ShiftWidth-1:0] shift_i,
  input  logic                     relu_i,
  output logic                     done_o,             // pulse: the last word was accepted
  output logic                     rd_en_o,
  output logic [    AddrWidth-1:0] rd_addr_o,
  input  logic [Cols*AccWidth-1:0] acc_i,              // holds until the next read
  output logic [    DataWidth-1:0] m_axis_out_tdata,
  output logic                     m_axis_out_tvalid,
  input  logic                     m_axis_out_tready,
  output logic                     m_axis_out_tlast,
  output logic                     m_axis_out_tuser
);

  logic result_valid, result_ready, result_last;
  logic [DataWidth-1:0] result_data;

  lac_array_out #(
    .Cols(Cols),
    .DataWidth(DataWidth),
    .ActWidth(ActWidth),
    .AccWidth(AccWidth),
    .AddrWidth(AddrWidth),
    .SizeWidth(SizeWidth)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clr_i,
    .start_i,
    .count_i,
    .shift_i,
    .relu_i,
    .rd_en_o,
    .rd_addr_o,
    .acc_i,
    .result_valid_o(result_valid),
    .result_ready_i(result_ready),
    .result_data_o (result_data),
    .result_last_o (result_last)
  );

  lac_result_tx #(
    .DataWidth(DataWidth)
  ) u_tx (
    .clk_i,
    .rst_ni,
    .clr_i,
    .done_o,
    .in_valid_i(result_valid),
    .in_ready_o(result_ready),
    .in_data_i (result_data),
    .in_last_i (result_last),
    .m_axis_out_tdata,
    .m_axis_out_tvalid,
    .m_axis_out_tready,
    .m_axis_out_tlast,
    .m_axis_out_tuser
  );

endmodule
