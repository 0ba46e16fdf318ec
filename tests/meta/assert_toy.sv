// SPDX-License-Identifier: Apache-2.0
//
// assert_toy: every macro of lac_assert.svh on signals that a test moves as it likes.

`include "lac_assert.svh"

module assert_toy (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       ok_i,
  input  logic       valid_i,
  input  logic       ready_i,
  input  logic [7:0] data_i,
  input  logic       clr_i,
  output logic       alive_o
);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) alive_o <= 1'b0;
    else alive_o <= ok_i;
  end

  `LAC_ASSERT(ok_holds, ok_i, "ok fell")
  `LAC_STREAM_CLR(valid_i, ready_i, data_i, clr_i)
  `LAC_COVER(cover_clear, clr_i)

endmodule
