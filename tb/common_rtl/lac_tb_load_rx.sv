// SPDX-License-Identifier: Apache-2.0
//
// Front of every loader's bench: the packet receiver, and which error of a packet counts.
//
// As in lac_socket: framing first, then what the loader finds in the word; the first error ends the
// packet, whose rest is thrown away while the loader is cleared.
// Simulation only.

module lac_tb_load_rx
  import lac_pkg::*, lac_socket_pkg::*;
#(
  parameter bit Act      = 0,  // an activation packet, whose count must be count_i; else of weights
  parameter int PerWord  = 1,
  parameter int WordsPer = 1
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clr_i,
  input  logic             pass_i,
  input  logic             start_i,
  input  logic             discard_i,
  input  logic             forget_i,
  input  logic      [31:0] count_i,
  output logic             busy_o,
  output logic      [15:0] packets_o,
  output logic             done_o,
  output logic             err_valid_o,
  output logic      [ 7:0] err_code_o,
  output logic      [31:0] err_pos_o,
  input  logic      [63:0] s_axis_tdata,
  input  logic             s_axis_tvalid,
  output logic             s_axis_tready,
  input  logic             s_axis_tlast,
  // loader
  output logic             load_clr_o,
  output lac_word_t        word_o,
  input  logic             word_ready_i,
  input  logic             word_err_i,     // the word that is taken is at fault
  input  logic      [ 7:0] word_code_i
);

  logic failed_q, dropped;  // an error came; the rest of its packet is thrown away
  logic rx_done, rx_err;
  logic [7:0] rx_code;

  assign dropped     = discard_i | (failed_q & ~start_i);
  assign load_clr_o  = clr_i | dropped;
  assign word_o.bad  = rx_err;
  assign err_valid_o = (rx_err | word_err_i) & ~failed_q;
  assign err_code_o  = rx_err ? rx_code : word_code_i;
  assign done_o      = rx_done & ~word_err_i & ~failed_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) failed_q <= 1'b0;
    else failed_q <= (failed_q | err_valid_o) & ~clr_i & ~start_i;
  end

  lac_packet_rx #(
    .Magic(Act ? ACT_MAGIC : WGT_MAGIC),
    .PerWord(PerWord),
    .WordsPer(WordsPer),
    .CheckCount(Act),
    .ErrHeader(Act ? ERR_ACT_HEADER : ERR_WGT_HEADER),
    .ErrShort(Act ? ERR_ACT_SHORT : ERR_WGT_SHORT),
    .ErrLong(Act ? ERR_ACT_LONG : ERR_WGT_LONG)
  ) u_rx (
    .clk_i,
    .rst_ni,
    .clr_i,
    .pass_i,
    .start_i,
    .discard_i  (dropped),
    .forget_i,
    .count_i,
    .busy_o,
    .packets_o,
    .done_o     (rx_done),
    .err_valid_o(rx_err),
    .err_code_o (rx_code),
    .err_pos_o  (),
    .s_axis_tdata,
    .s_axis_tvalid,
    .s_axis_tready,
    .s_axis_tlast,
    .pay_valid_o(word_o.valid),
    .pay_ready_i(word_ready_i),
    .pay_data_o (word_o.data),
    .pay_left_o (word_o.left),
    .pay_beat_o (err_pos_o)
  );

endmodule
