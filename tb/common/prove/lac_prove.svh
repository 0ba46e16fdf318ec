// SPDX-License-Identifier: Apache-2.0
//
// lac_prove: macros of the harnesses of `make prove`.
//
// Purpose: what a harness says beside the LAC_ASSERT and LAC_STREAM of the block itself, which are
//   proved with it. Inputs of a harness are free in every cycle, within what it assumes.
//
//   `LAC_PROVE_RESET                           the first cycle is in reset, later ones may be
//   `LAC_ASSUME(expr)                          holds in every cycle out of reset
//   `LAC_ASSUME_STREAM(valid, ready, data)     the source keeps LAC_STREAM
//   `LAC_ASSUME_STREAM_CLR(.., clr)            the source keeps LAC_STREAM_CLR
//   `LAC_CONSTANT(type, name)                  any value, the same in every cycle
//
// "Has been in reset" is `began_q`, which LAC_PROVE_RESET declares.

`ifndef LAC_PROVE_SVH
`define LAC_PROVE_SVH

`include "lac_assert.svh"

`define LAC_PROVE_RESET \
  logic began_q = 1'b0; \
  always_ff @(posedge clk_i) began_q <= 1'b1; \
  always @(posedge clk_i) assume (began_q || !rst_ni);

`define LAC_ASSUME(expr) \
  always @(posedge clk_i) if (rst_ni) assume (expr);

`define LAC_ASSUME_STREAM_CLR(valid, ready, data, clr) \
  always @(posedge clk_i) \
    if (began_q && rst_ni && $past(rst_ni) && $past((valid) && !(ready) && !(clr)) && !(clr)) \
      assume ((valid) && $stable(data));

`define LAC_ASSUME_STREAM(valid, ready, data) `LAC_ASSUME_STREAM_CLR(valid, ready, data, 1'b0)

`define LAC_CONSTANT(kind, name) \
  kind name; \
  always_ff @(posedge clk_i) name <= name;

`endif
