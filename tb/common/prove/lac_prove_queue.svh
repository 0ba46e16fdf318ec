// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_queue: lac_prove_queue beside a block of one stream in and one out. For proofs.
//
//   `LAC_PROVE_QUEUE(width, most, popped)   `popped` is the word at the output, of `width` bits; at
//                                           most `most` words are inside
//
// Takes clk_i, rst_ni, clr_i, pick_i, in_valid_i, in_ready, in_data_i, out_valid, out_ready_i;
// assumes that the source keeps its word. Declares what lac_prove_queue says: fill, followed, ahead, data.

`ifndef LAC_PROVE_QUEUE_SVH
`define LAC_PROVE_QUEUE_SVH

`include "lac_prove.svh"

`define LAC_PROVE_QUEUE(width, most, popped) \
  logic followed; \
  logic [(width)-1:0] data; \
  logic [$clog2((most) + 2)-1:0] fill, ahead; \
  lac_prove_queue #( \
    .Width  (width), \
    .MaxFill(most) \
  ) u_queue ( \
    .clk_i, \
    .rst_ni, \
    .clr_i, \
    .pick_i, \
    .push_i     (in_valid_i && in_ready), \
    .push_data_i(in_data_i), \
    .pop_i      (out_valid && out_ready_i), \
    .pop_data_i (popped), \
    .fill_o     (fill), \
    .followed_o (followed), \
    .ahead_o    (ahead), \
    .data_o     (data) \
  ); \
  `LAC_ASSUME_STREAM_CLR(in_valid_i, in_ready, in_data_i, clr_i)

`endif
