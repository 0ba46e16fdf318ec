// SPDX-License-Identifier: Apache-2.0
//
// Bench of lac_scnn_wgt_load: the loader behind its packet receiver.
// Simulation only.

module lac_tb_scnn_wgt_load
  import lac_pkg::*;
#(
  parameter  int RowWords  = 6,
  parameter  int LinWidth  = 8,
  parameter  int AccWidth  = 24,
  parameter  int BiasWidth = 24,
  parameter  int MaxTaps   = 128,
  parameter  int WgtDepth  = 16384,
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

  logic failed_q;  // the rest of the packet is thrown away
  logic rx_done, rx_err, err, pay_valid, pay_ready;
  logic [7:0] rx_code, code;
  logic [31:0] pay_left;
  logic [63:0] pay_data;

  lac_packet_rx #(
    .Magic(WGT_MAGIC),
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
    .discard_i    (discard_i | (failed_q & ~start_i)),
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
    .clr_i      (clr_i | discard_i),
    .start_i,
    .pay_valid_i(pay_valid),
    .pay_ready_o(pay_ready),
    .pay_data_i (pay_data),
    .pay_left_i (pay_left),
    .err_o      (err),
    .err_code_o (code),
    .wr_off_o,
    .wr_bias_o,
    .wr_row_o,
    .wr_addr_o,
    .wr_data_o
  );

  // As lac_socket has it: framing first, then what the loader finds in the word; the first error of
  // a packet ends it.
  assign err_valid_o = (rx_err | err) & ~failed_q;
  assign err_code_o  = rx_err ? rx_code : code;
  assign done_o      = rx_done & ~err & ~failed_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) failed_q <= 1'b0;
    else failed_q <= (failed_q | err_valid_o) & ~clr_i & ~start_i;
  end

endmodule
