// SPDX-License-Identifier: Apache-2.0
//
// lac_compact_pipe: lac_compact with registers inside, for long vectors.
//
// Purpose: moves the kept elements of a vector together, from lane 0, in order, one vector per cycle.
// Example, NumIn 6, NumOut 4: keep 10_1101, data f e d c b a
//   -> Stages cycles later keep 1111, data f d c a (lane 0 is a), index 5 3 2 0.
//
//   in --> move by 1 --> move by 2 --> ... --> move by 2^(clog2(NumIn) - 1) --> lanes 0..NumOut - 1
//
// Here the data itself is moved, with its slot's number: clog2(NumIn) multiplexers of two inputs per
// bit and slot instead of one of NumIn inputs per bit and lane, which is less from about NumOut =
// clog2(NumIn) lanes on, and is cut by registers at any place. The Stages registers stand behind
// moves, as evenly as it goes, one of them behind the last. Kept elements that find no lane are cut
// off. Lanes that are not in use are 0.
// Streams: in_*, out_*; out_valid_o comes from a register, in_ready_o through one gate per stage from
// out_ready_i (lac_pipe).
// clr_i: empties it at the next edge; a vector offered or taken in that cycle is lost.
// Latency Stages cycles. Throughput 1 vector per cycle. Data is not reset.
// Parameters:
//   NumIn   2..256
//   NumOut  1..NumIn
//   Width   1..256
//   Stages  1..$clog2(NumIn)
// Model: boolean indexing in the bench. Source: H. S. Warren, "Hacker's Delight", 7-4 (compress).

`include "lac_assert.svh"

module lac_compact_pipe #(
  parameter int NumIn = 32,
  parameter int NumOut = 8,
  parameter int Width = 16,
  parameter int Stages = 2,
  localparam int IndexWidth = $clog2(NumIn)
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic                         clr_i,
  input  logic                         in_valid_i,
  output logic                         in_ready_o,
  input  logic [            NumIn-1:0] in_keep_i,
  input  logic [      NumIn*Width-1:0] in_data_i,
  output logic                         out_valid_o,
  input  logic                         out_ready_i,
  output logic [           NumOut-1:0] out_keep_o,
  output logic [     NumOut*Width-1:0] out_data_o,
  output logic [NumOut*IndexWidth-1:0] out_index_o   // slot that each lane came from
);

  `LAC_PARAM(lac_compact_pipe, NumIn, 2, 256)
  `LAC_PARAM(lac_compact_pipe, NumOut, 1, NumIn)
  `LAC_PARAM(lac_compact_pipe, Width, 1, 256)
  `LAC_PARAM(lac_compact_pipe, Stages, 1, $clog2(NumIn))

  localparam int Levels = IndexWidth;
  localparam int ItemWidth = Width + IndexWidth;
  localparam int NumSlices = ItemWidth + 1;
  localparam int Total = NumSlices * NumIn;

  logic [Stages-1:0] en;

  lac_pipe #(
    .Stages(Stages)
  ) u_pipe (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i,
    .in_ready_o,
    .out_valid_o,
    .out_ready_i,
    .en_o(en)
  );

  // Slice b: bit b of all items, where an item is {number of the slot, data}; the last slice: kept.
  // (Loops in processes: as a net per bit they take Icarus a minute to elaborate.)
  logic [Total-1:0] loose, tight;
  always_comb begin
    loose = '0;
    for (int i = 0; i < NumIn; i++) begin
      for (int b = 0; b < Width; b++) loose[b*NumIn+i] = in_keep_i[i] & in_data_i[i*Width+b];
      for (int b = 0; b < IndexWidth; b++)
      loose[(Width+b)*NumIn+i] = in_keep_i[i] & (((i >> b) & 1) == 1);
      loose[ItemWidth*NumIn+i] = in_keep_i[i];
    end
  end

  for (genvar k = 0; k < Levels; k++) begin : gen_move
    logic [Total-1:0] from, moved, to;
    logic [NumIn-1:0] holes, left, to_holes;

    if (k == 0) begin : gen_first
      assign from  = loose;
      assign holes = ~in_keep_i;
    end else begin : gen_next
      assign from  = gen_move[k-1].to;
      assign holes = gen_move[k-1].to_holes;
    end
    lac_compact_move #(
      .NumIn(NumIn),
      .NumSlices(NumSlices),
      .Level(k)
    ) u_move (
      .slices_i(from),
      .holes_i (holes),
      .slices_o(moved),
      .holes_o (left)
    );
    // Registers behind move k: (k + 1) * Stages / Levels of them stand up to here.
    if ((k + 1) * Stages / Levels != k * Stages / Levels) begin : gen_register
      always_ff @(posedge clk_i) begin
        if (en[(k+1)*Stages/Levels-1]) begin
          to       <= moved;
          to_holes <= left;
        end
      end
    end else begin : gen_through
      assign to = moved;
      assign to_holes = left;
    end
    if (k == Levels - 1) begin : gen_end
      logic unused_holes;
      assign unused_holes = ^to_holes;
      assign tight = to;
    end
  end

  always_comb begin
    for (int l = 0; l < NumOut; l++) begin
      for (int b = 0; b < Width; b++) out_data_o[l*Width+b] = tight[b*NumIn+l];
      for (int b = 0; b < IndexWidth; b++) out_index_o[l*IndexWidth+b] = tight[(Width+b)*NumIn+l];
      out_keep_o[l] = tight[ItemWidth*NumIn+l];
    end
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_keep_i, in_data_i}, clr_i)
  `LAC_STREAM_CLR(out_valid_o, out_ready_i, {out_keep_o, out_data_o, out_index_o}, clr_i)
  `LAC_ASSERT(from_lane_0, !out_valid_o || ((out_keep_o + NumOut'(1)) & out_keep_o) == '0,
              "a hole between the lanes in use")
  `LAC_COVER(cover_none, in_valid_i && in_ready_o && in_keep_i == '0)
  `LAC_COVER(cover_all, in_valid_i && in_ready_o && in_keep_i == '1)

endmodule
