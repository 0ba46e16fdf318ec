// SPDX-License-Identifier: Apache-2.0
//
// Bench of bit strings: lac_cse_wgt_load with its decoder, behind its packet receiver.
// Simulation only.

module lac_tb_cse_huffman
  import lac_pkg::*, lac_socket_pkg::*;
#(
  parameter  int Pes       = 4,
  parameter  int CodeRow   = 64,
  parameter  int ListDepth = 256,
  parameter  int HufLanes  = 16,
  localparam int Window    = 64
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           clr_i,
  input  logic           pass_i,
  input  logic           start_i,
  input  logic           discard_i,
  input  logic           forget_i,
  input  logic           huffman_i,
  output logic           busy_o,
  output logic [   15:0] packets_o,
  output logic           done_o,
  output logic           err_valid_o,
  output logic [    7:0] err_code_o,
  output logic [   31:0] err_pos_o,
  input  logic [   63:0] s_axis_wgt_tdata,
  input  logic           s_axis_wgt_tvalid,
  output logic           s_axis_wgt_tready,
  input  logic           s_axis_wgt_tlast,
  output logic [Pes-1:0] wr_codes_o,
  output logic           wr_book_o,
  output logic [   15:0] wr_addr_o,
  output logic [    4:0] wr_part_o,
  output logic           wr_ends_o,
  output logic [   63:0] wr_data_o,
  output logic           wr_both_o,
  output logic [   63:0] wr_high_o
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
    .count_i      (32'd0),
    .busy_o,
    .packets_o,
    .done_o,
    .err_valid_o,
    .err_code_o,
    .err_pos_o,
    .s_axis_tdata (s_axis_wgt_tdata),
    .s_axis_tvalid(s_axis_wgt_tvalid),
    .s_axis_tready(s_axis_wgt_tready),
    .s_axis_tlast (s_axis_wgt_tlast),
    .load_clr_o   (clr),
    .word_o       (word),
    .word_ready_i (ready),
    .word_err_i   (err),
    .word_code_i  (code)
  );

  lac_cse_wgt_load #(
    .Cores    (1),
    .Pes      (Pes),
    .Lanes    (2),
    .Window   (Window),
    .CodeRow  (CodeRow),
    .ListDepth(ListDepth),
    .HufLanes (HufLanes)
  ) u_load (
    .clk_i,
    .rst_ni,
    .mem_cfg_i     ('0),
    .clr_i         (clr),
    .start_i,
    .huffman_i,
    .pay_valid_i   (word.valid),
    .pay_ready_o   (ready),
    .pay_data_i    (word.data),
    .pay_left_i    (word.left),
    .err_o         (err),
    .err_code_o    (code),
    .step_o        (),
    .wr_list_o     (),
    .wr_book_o,
    .wr_codes_o,
    .wr_mask_o     (),
    .wr_bias_low_o (),
    .wr_bias_high_o(),
    .wr_addr_o,
    .wr_part_o,
    .wr_ends_o,
    .wr_data_o,
    .wr_both_o,
    .wr_high_o
  );

endmodule
