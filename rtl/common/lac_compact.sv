// SPDX-License-Identifier: Apache-2.0
//
// lac_compact: moves the kept elements of a vector together, from lane 0, in order.
//
// Purpose: from slots with holes to lanes without.
// Example, NumIn 6, NumOut 4: keep 10_1101, data f e d c b a
//   -> out keep 1111, data f d c a (lane 0 is a), index 5 3 2 0.
//
//   keep --> clog2(NumIn) moves of the index (lac_compact_move) --> mux per lane
//
// Combinational. An element goes down by the number of holes below it: stage k moves it by 2^k if
// bit k of that number is set, which is the parity of those holes that stage k-1 has left, found by
// a parallel prefix. Two elements never meet. What moves is the number of the slot, bit by bit
// (a slice holds one bit of all numbers); the data is fetched with it at the end. Kept elements
// that find no lane are cut off. Lanes that are not in use are 0.
// Parameters:
//   NumIn   1..256
//   NumOut  1..NumIn
//   Width   1..1024
// Model: boolean indexing in the bench. Source: H. S. Warren, "Hacker's Delight", 7-4 (compress).

`include "lac_assert.svh"

module lac_compact #(
  parameter int NumIn = 8,
  parameter int NumOut = 4,
  parameter int Width = 8,
  localparam int IndexWidth = `LAC_INDEX_BITS(NumIn)
) (
  input  logic [            NumIn-1:0] keep_i,
  input  logic [      NumIn*Width-1:0] data_i,
  output logic [           NumOut-1:0] keep_o,
  output logic [     NumOut*Width-1:0] data_o,
  output logic [NumOut*IndexWidth-1:0] index_o  // slot that each lane came from
);

  `LAC_PARAM(lac_compact, NumIn, 1, 256)
  `LAC_PARAM(lac_compact, NumOut, 1, NumIn)
  `LAC_PARAM(lac_compact, Width, 1, 1024)

  localparam int Levels = NumIn > 1 ? $clog2(NumIn) : 0;
  localparam int NumSlices = IndexWidth + 1;

  // Slice b < IndexWidth: bit b of the number of every slot; the last slice: kept.
  logic [NumSlices*NumIn-1:0] loose, tight;
  for (genvar b = 0; b < IndexWidth; b++) begin : gen_slice
    logic [NumIn-1:0] number;
    for (genvar i = 0; i < NumIn; i++) begin : gen_number
      assign number[i] = ((i >> b) & 1) == 1;
    end
    assign loose[b*NumIn+:NumIn] = keep_i & number;
  end
  assign loose[IndexWidth*NumIn+:NumIn] = keep_i;

  for (genvar k = 0; k < Levels; k++) begin : gen_move
    logic [NumSlices*NumIn-1:0] from, to;
    logic [NumIn-1:0] holes, left;

    if (k == 0) begin : gen_first
      assign from  = loose;
      assign holes = ~keep_i;  // that they count for their own places does not matter
    end else begin : gen_next
      assign from  = gen_move[k-1].to;
      assign holes = gen_move[k-1].left;
    end
    lac_compact_move #(
      .NumIn(NumIn),
      .NumSlices(NumSlices),
      .Level(k)
    ) u_move (
      .slices_i(from),
      .holes_i (holes),
      .slices_o(to),
      .holes_o (left)
    );
    if (k == Levels - 1) begin : gen_end
      logic unused_left;
      assign unused_left = ^left;
      assign tight = to;
    end
  end
  if (Levels == 0) begin : gen_still
    assign tight = loose;
  end

  for (genvar l = 0; l < NumOut; l++) begin : gen_lane
    logic [IndexWidth-1:0] index;
    for (genvar b = 0; b < IndexWidth; b++) begin : gen_bit
      assign index[b] = tight[b*NumIn+l];
    end
    assign keep_o[l] = tight[IndexWidth*NumIn+l];
    assign index_o[l*IndexWidth+:IndexWidth] = index;
    assign data_o[l*Width+:Width] = keep_o[l] ? data_i[index*Width+:Width] : '0;
  end

endmodule
