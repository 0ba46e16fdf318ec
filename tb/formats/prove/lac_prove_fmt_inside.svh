// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_fmt_inside: what proofs of the inside of one decoder have in common.
//
//   `LAC_PROVE_INSIDE_PORTS        ports of a decoder whose output nobody looks at
//   `LAC_PROVE_INSIDE(payload)     any words come; begun_q: there was a tile, before which registers
//                                  may be anything; `payload` says that the decoder is behind a header
//
// Takes clk_i, rst_ni, in_valid_i, in_ready, in_data_i, in_last_i, out_ready_i and the decoder u_dut.

`ifndef LAC_PROVE_FMT_INSIDE_SVH
`define LAC_PROVE_FMT_INSIDE_SVH

`include "lac_prove.svh"

`define LAC_PROVE_INSIDE_PORTS \
    .clk_i, \
    .rst_ni, \
    .in_valid_i, \
    .in_ready_o (in_ready), \
    .in_data_i, \
    .in_last_i, \
    .out_valid_o(), \
    .out_ready_i, \
    .out_keep_o (), \
    .out_value_o(), \
    .out_row_o  (), \
    .out_col_o  (), \
    .out_eol_o  (), \
    .out_last_o (), \
    .out_err_o  (), \
    .out_pos_o  ()

`define LAC_PROVE_INSIDE(payload) \
  logic begun_q; \
  always_ff @(posedge clk_i or negedge rst_ni) begin \
    if (!rst_ni) begun_q <= 1'b0; \
    else if (u_dut.start) begun_q <= 1'b1; \
  end \
  `LAC_PROVE_RESET \
  `LAC_ASSUME_STREAM(in_valid_i, in_ready, {in_last_i, in_data_i}) \
  `LAC_ASSERT(body_begun, !(payload) || begun_q, "payload without a start")

`endif
