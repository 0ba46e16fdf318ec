// SPDX-License-Identifier: Apache-2.0
//
// Bench of lac_cse_act_load: the loader behind its packet receiver.
// Simulation only.

`include "lac_assert.svh"

module lac_tb_cse_act_load
  import lac_socket_pkg::*;
#(
  parameter  int Window    = 128,
  parameter  int ActDepth  = 1024,
  localparam int NumParts  = Window / 4,
  localparam int AddrWidth = `LAC_INDEX_BITS(ActDepth)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clr_i,
  input  logic                 pass_i,
  input  logic                 start_i,
  input  logic                 discard_i,
  input  logic                 forget_i,
  input  logic [         31:0] count_i,
  output logic                 busy_o,
  output logic [         15:0] packets_o,
  output logic                 done_o,
  output logic                 err_valid_o,
  output logic [          7:0] err_code_o,
  output logic [         31:0] err_pos_o,
  input  logic [         63:0] s_axis_act_tdata,
  input  logic                 s_axis_act_tvalid,
  output logic                 s_axis_act_tready,
  input  logic                 s_axis_act_tlast,
  output logic [ NumParts-1:0] wr_part_o,
  output logic                 wr_ends_o,
  output logic [AddrWidth-1:0] wr_addr_o,
  output logic [         63:0] wr_data_o,
  output logic [   Window-1:0] wr_flags_o
);

  lac_word_t word;
  logic clr;

  lac_tb_load_rx #(
    .Act     (1'b1),
    .WordsPer(Window / 4)
  ) u_rx (
    .clk_i,
    .rst_ni,
    .clr_i,
    .pass_i,
    .start_i,
    .discard_i,
    .forget_i,
    .count_i,
    .busy_o,
    .packets_o,
    .done_o,
    .err_valid_o,
    .err_code_o,
    .err_pos_o,
    .s_axis_tdata (s_axis_act_tdata),
    .s_axis_tvalid(s_axis_act_tvalid),
    .s_axis_tready(s_axis_act_tready),
    .s_axis_tlast (s_axis_act_tlast),
    .load_clr_o   (clr),
    .word_o       (word),
    .word_ready_i (1'b1),
    .word_err_i   (1'b0),
    .word_code_i  (8'd0)
  );

  lac_cse_act_load #(
    .Window  (Window),
    .ActDepth(ActDepth)
  ) u_load (
    .clk_i,
    .rst_ni,
    .clr_i      (clr),
    .start_i,
    .pay_valid_i(word.valid),
    .pay_data_i (word.data),
    .wr_part_o,
    .wr_ends_o,
    .wr_addr_o,
    .wr_data_o,
    .wr_flags_o
  );

endmodule
