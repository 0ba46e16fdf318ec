// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_compact: lane l of lac_compact has the l-th kept slot, and nothing else.

`include "lac_prove.svh"

module lac_prove_compact #(
  parameter int NumIn = 8,
  parameter int NumOut = 4,
  parameter int Width = 3,
  localparam int IndexWidth = `LAC_INDEX_BITS(NumIn)
) (
  input logic                   clk_i,
  input logic                   rst_ni,
  input logic [      NumIn-1:0] keep_i,
  input logic [NumIn*Width-1:0] data_i
);

  logic [NumOut-1:0] keep, keep_d;
  logic [NumOut*Width-1:0] data, data_d;
  logic [NumOut*IndexWidth-1:0] index, index_d;
  int at;

  lac_compact #(
    .NumIn (NumIn),
    .NumOut(NumOut),
    .Width (Width)
  ) u_dut (
    .keep_i,
    .data_i,
    .keep_o (keep),
    .data_o (data),
    .index_o(index)
  );

  always_comb begin
    keep_d = '0;
    data_d = '0;
    index_d = '0;
    at = 0;
    for (int i = 0; i < NumIn; i++) begin
      if (keep_i[i]) begin
        if (at < NumOut) begin
          keep_d[at] = 1'b1;
          data_d[at*Width+:Width] = data_i[i*Width+:Width];
          index_d[at*IndexWidth+:IndexWidth] = IndexWidth'(i);
        end
        at = at + 1;
      end
    end
  end

  `LAC_PROVE_RESET
  `LAC_ASSERT(same_keep, keep == keep_d, "other lanes in use")
  `LAC_ASSERT(same_data, data == data_d, "other elements in the lanes")
  `LAC_ASSERT(same_index, index == index_d, "other slots told")
  `LAC_COVER(cover_more_than_lanes, $countones(keep_i) > NumOut)
  `LAC_COVER(cover_holes, keep == '1 && !keep_i[0])

endmodule
