// SPDX-License-Identifier: Apache-2.0
//
// Bench of lac_eie_wgt_load: the loader behind its packet receiver.
// Simulation only.

module lac_tb_eie_wgt_load
  import lac_pkg::*;
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

  logic rx_done, rx_err, err, pay_valid, pay_ready;
  logic [7:0] rx_code, code;
  logic [31:0] pay_left;
  logic [63:0] pay_data;

  lac_packet_rx #(
    .Magic(WGT_MAGIC),
    .PerWord(1),
    .CheckCount(1'b0),
    .ErrHeader(ERR_WGT_HEADER),
    .ErrShort(ERR_WGT_SHORT),
    .ErrLong(ERR_WGT_LONG)
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
    .done_o       (rx_done),
    .err_valid_o  (rx_err),
    .err_code_o   (rx_code),
    .err_pos_o    (),
    .s_axis_tdata (s_axis_wgt_tdata),
    .s_axis_tvalid(s_axis_wgt_tvalid),
    .s_axis_tready(s_axis_wgt_tready),
    .s_axis_tlast (s_axis_wgt_tlast),
    .pay_valid_o  (pay_valid),
    .pay_ready_i  (pay_ready),
    .pay_data_o   (pay_data),
    .pay_left_o   (pay_left),
    .pay_beat_o   (err_pos_o)
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
    .clr_i      (clr_i | discard_i),
    .start_i,
    .pay_valid_i(pay_valid),
    .pay_ready_o(pay_ready),
    .pay_data_i (pay_data),
    .pay_left_i (pay_left),
    .word_bad_i (rx_err),
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

  // As lac_socket has it: framing first, then what the loader finds in the word.
  assign err_valid_o = rx_err | err;
  assign err_code_o  = rx_err ? rx_code : code;
  assign done_o      = rx_done & ~err;

endmodule
