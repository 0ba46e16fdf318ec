// SPDX-License-Identifier: Apache-2.0
//
// Bench of lac_eie_wgt_load: the loader behind its packet receiver.
// Simulation only.

module lac_tb_eie_wgt_load
  import lac_socket_pkg::*;
#(
  parameter  int NumPe        = 64,
  parameter  int DataWidth    = 64,
  parameter  int WgtWidth     = 16,
  parameter  int CodeWidth    = 4,
  parameter  int SpmatWidth   = 64,
  parameter  int SpmatDepth   = 16384,
  parameter  int PtrDepth     = 16384,
  parameter  int PtrWidth     = 18,
  parameter  int BiasDepth    = 256,
  parameter  int BiasWidth    = 32,
  parameter  int NumCodebooks = 4,
  localparam int NumWords     = (SpmatWidth + DataWidth - 1) / DataWidth,  // per weight row
  localparam int BusWidth     = NumWords * DataWidth
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    clr_i,
  input  logic                    pass_i,
  input  logic                    start_i,
  input  logic                    discard_i,
  input  logic                    forget_i,
  output logic                    busy_o,
  output logic [            15:0] packets_o,
  output logic                    done_o,
  output logic                    err_valid_o,
  output logic [             7:0] err_code_o,
  output logic [            31:0] err_pos_o,
  output logic [NumCodebooks-1:0] book_loaded_o,
  input  logic [   DataWidth-1:0] s_axis_wgt_tdata,
  input  logic                    s_axis_wgt_tvalid,
  output logic                    s_axis_wgt_tready,
  input  logic                    s_axis_wgt_tlast,
  // write bus: one enable per memory; codebooks go to every PE
  output logic                    wr_book_o,
  output logic                    wr_ptr_o,
  output logic                    wr_spmat_o,
  output logic                    wr_bias_o,
  output logic [            11:0] wr_pe_o,
  output logic [            23:0] wr_addr_o,          // group of 4 codes, pointer pair, row, bias
  output logic [             3:0] wr_sel_o,           // codebook number
  output logic [    BusWidth-1:0] wr_data_o
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

  lac_eie_wgt_load #(
    .NumPe(NumPe),
    .DataWidth(DataWidth),
    .WgtWidth(WgtWidth),
    .CodeWidth(CodeWidth),
    .SpmatWidth(SpmatWidth),
    .SpmatDepth(SpmatDepth),
    .PtrDepth(PtrDepth),
    .PtrWidth(PtrWidth),
    .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth),
    .NumCodebooks(NumCodebooks)
  ) u_load (
    .clk_i,
    .rst_ni,
    .clr_i      (clr),
    .start_i,
    .pay_valid_i(word.valid),
    .pay_ready_o(ready),
    .pay_data_i (word.data),
    .pay_left_i (word.left),
    .word_bad_i (word.bad),
    .err_o      (err),
    .err_code_o (code),
    .book_loaded_o,
    .wr_book_o,
    .wr_ptr_o,
    .wr_spmat_o,
    .wr_bias_o,
    .wr_pe_o,
    .wr_addr_o,
    .wr_sel_o,
    .wr_data_o
  );

endmodule
