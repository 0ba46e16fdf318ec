// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_arb: one grant, to who requests, locked until taken; nobody waits for a second round.
//
// All of it is stated in lac_arb; here are the environment, and the round as the header says it.

`include "lac_prove.svh"

module lac_prove_arb #(
  parameter int NumReq = 4,
  localparam int IndexWidth = `LAC_INDEX_BITS(NumReq)
) (
  input logic              clk_i,
  input logic              rst_ni,
  input logic              clr_i,
  input logic [NumReq-1:0] req_i,
  input logic              out_ready_i
);

  logic out_valid;
  logic [NumReq-1:0] grant;
  logic [IndexWidth-1:0] index, start_q, expected;

  lac_arb #(
    .NumReq(NumReq)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .clr_i,
    .req_i,
    .out_valid_o(out_valid),
    .out_ready_i,
    .out_grant_o(grant),
    .out_index_o(index)
  );

  // The round starts behind the one taken last, at one that waits, at 0 to begin with.
  always_comb begin
    expected = '0;
    for (int k = NumReq - 1; k >= 0; k--) begin
      if (req_i[(int'(start_q)+k)%NumReq]) expected = IndexWidth'((int'(start_q) + k) % NumReq);
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) start_q <= '0;
    else if (clr_i) start_q <= '0;
    else if (out_valid) start_q <= out_ready_i ? IndexWidth'((int'(index) + 1) % NumReq) : index;
  end

  `LAC_PROVE_RESET
  for (genvar k = 0; k < NumReq; k++) begin : gen_req
    `LAC_ASSUME_STREAM_CLR(req_i[k], grant[k] && out_ready_i, 1'b0, clr_i)
  end
  `LAC_ASSERT(in_turn, !out_valid || index == expected, "not the next one of the round")
  `LAC_ASSERT(index_of_grant, !out_valid || grant == NumReq'(1) << index, "index of another grant")
  `LAC_ASSERT(start_range, int'(start_q) < NumReq, "a round that starts nowhere")
  // Ties the round to the register. Where nothing is later the round starts at 0.
  `LAC_ASSERT(same_round,
              u_dut.later_q == {NumReq{1'b1}} << start_q || (start_q == '0 && u_dut.later_q == '0),
              "the register holds another round")
  `LAC_COVER(cover_wraps, out_valid && out_ready_i && (NumReq == 1 || index < start_q))

endmodule
