// SPDX-License-Identifier: Apache-2.0
//
// Bench of lac_eie_out: the results through their transmitter.
// Simulation only.

module lac_tb_eie_out
  import lac_pkg::*;
#(
  parameter int NumPe     = 64,
  parameter int DataWidth = 64,
  parameter int ActWidth  = 16,
  parameter int RowWidth  = 10
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      clr_i,
  input  logic                      start_i,
  input  logic [              31:0] out_len_i,
  output logic                      done_o,             // pulse: the last word was accepted
  output logic                      row_rd_en_o,
  output logic [      RowWidth-1:0] row_rd_addr_o,
  output logic                      row_word_o,
  output logic                      row_load_o,
  input  logic [NumPe*ActWidth-1:0] scan_data_i,
  output logic [     DataWidth-1:0] m_axis_out_tdata,
  output logic                      m_axis_out_tvalid,
  input  logic                      m_axis_out_tready,
  output logic                      m_axis_out_tlast,
  output logic                      m_axis_out_tuser
);

  logic result_valid, result_ready, result_last;
  logic [DataWidth-1:0] result_data;

  lac_eie_out #(
    .NumPe(NumPe),
    .DataWidth(DataWidth),
    .ActWidth(ActWidth),
    .RowWidth(RowWidth)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clr_i,
    .start_i,
    .out_len_i,
    .row_rd_en_o,
    .row_rd_addr_o,
    .row_word_o,
    .row_load_o,
    .scan_data_i,
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
