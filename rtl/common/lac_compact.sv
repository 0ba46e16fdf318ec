// SPDX-License-Identifier: Apache-2.0
//
// lac_compact: moves the kept elements of a vector together, from lane 0, in order.
//
// Purpose: from slots with holes to lanes without.
// Example, NumIn 6, NumOut 4: keep 10_1101, data f e d c b a
//   -> out keep 1111, data f d c a (lane 0 is a); total 4.
//
//   keep --> prefix sum --> holes below each element --> clog2(NumIn) shift stages --> lanes
//
// Combinational. Element i has to go down by the number of holes below it; stage k moves it by 2^k
// if bit k of that number is set. Two elements never meet: the order of elements and of their
// distances is the same. Elements past lane NumOut-1 are cut off; total_o counts them too. Lanes
// that are not in use are 0.
// Parameters: NumIn >= 1; 1 <= NumOut <= NumIn; Width >= 1.
// Model: boolean indexing in the bench. Source: H. S. Warren, "Hacker's Delight", 7-4 (compress).

`include "lac_assert.svh"

module lac_compact #(
    parameter int NumIn = 8,
    parameter int NumOut = 4,
    parameter int Width = 8,
    localparam int CountWidth = $clog2(NumIn + 1)
) (
    input  logic [       NumIn-1:0] keep_i,
    input  logic [ NumIn*Width-1:0] data_i,
    output logic [      NumOut-1:0] keep_o,
    output logic [NumOut*Width-1:0] data_o,
    output logic [  CountWidth-1:0] total_o
);

  localparam int Stages = NumIn > 1 ? $clog2(NumIn) : 0;

  `LAC_ASSERT_INIT(NumIn >= 1, "NumIn must be at least 1")
  `LAC_ASSERT_INIT(NumOut >= 1 && NumOut <= NumIn, "NumOut must be 1..NumIn")
  `LAC_ASSERT_INIT(Width >= 1, "Width must be at least 1")

  logic [NumIn*CountWidth-1:0] rank;

  lac_prefix_sum #(
      .Width(NumIn)
  ) u_rank (
      .in_i(keep_i),
      .rank_o(rank),
      .total_o
  );

  // Stage k: elements that still have to move by multiples of 2^k.
  logic [NumIn-1:0] keep[Stages+1];
  logic [NumIn*Width-1:0] data[Stages+1];
  logic [NumIn*CountWidth-1:0] way[Stages+1];
  for (genvar k = 0; k <= Stages; k++) begin : gen_stage
    for (genvar i = 0; i < NumIn; i++) begin : gen_lane
      if (k == 0) begin : gen_in
        assign keep[k][i] = keep_i[i];
        assign data[k][i*Width+:Width] = keep_i[i] ? data_i[i*Width+:Width] : '0;
        assign way[k][i*CountWidth+:CountWidth] = CountWidth'(i) - rank[i*CountWidth+:CountWidth];
      end else begin : gen_move
        localparam int From = i + (1 << (k - 1));
        logic stays;
        assign stays = keep[k-1][i] && !way[k-1][i*CountWidth+k-1];
        if (From < NumIn) begin : gen_from
          logic comes;
          assign comes = keep[k-1][From] && way[k-1][From*CountWidth+k-1];
          assign keep[k][i] = stays || comes;
          assign data[k][i*Width+:Width] = comes ? data[k-1][From*Width+:Width]
                                      : stays ? data[k-1][i*Width+:Width] : '0;
          assign way[k][i*CountWidth+:CountWidth] =
              comes ? way[k-1][From*CountWidth+:CountWidth]
                    : way[k-1][i*CountWidth+:CountWidth];
        end else begin : gen_top
          assign keep[k][i] = stays;
          assign data[k][i*Width+:Width] = stays ? data[k-1][i*Width+:Width] : '0;
          assign way[k][i*CountWidth+:CountWidth] = way[k-1][i*CountWidth+:CountWidth];
        end
      end
    end
  end

  assign keep_o = NumOut'(keep[Stages]);  // what is past the last lane is cut off
  assign data_o = (NumOut * Width)'(data[Stages]);

endmodule
