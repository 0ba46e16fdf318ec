// SPDX-License-Identifier: Apache-2.0
//
// lac_tb_fmt_logic: lac_fmt_count, lac_fmt_shift and lac_compact_move in several sizes.
//
// Purpose: what has no clock, in one build. Results are side by side, 64 bits each; the moves
//   follow each other as in lac_compact, and the slices behind each are shown.

module lac_tb_fmt_logic (
  input logic [255:0] bits_i,
  input logic [11:0] amount_i,
  input logic [20:0] data_i,  // a bit of each element
  output logic [8*64-1:0] count_o,
  output logic [6*64-1:0] shift_o,
  output logic [3*64-1:0] few_o,  // NumIn 6: data, keep and holes behind each move
  output logic [5*64-1:0] many_o  // NumIn 21
);

  for (genvar c = 0; c < 8; c++) begin : gen_count
    localparam int Width = c == 0 ? 1 : c == 1 ? 7 : c == 2 ? 8 : c == 3 ? 9 : c == 4 ? 23 :
                           c == 5 ? 64 : c == 6 ? 100 : 256;
    logic [$clog2(Width+1)-1:0] ones;
    lac_fmt_count #(
      .Width(Width)
    ) u_count (
      .bits_i(bits_i[Width-1:0]),
      .ones_o(ones)
    );
    assign count_o[c*64+:64] = 64'(ones);
  end

  for (genvar c = 0; c < 6; c++) begin : gen_shift
    localparam int From = c == 0 ? 1 : c == 1 ? 8 : c == 2 ? 37 : c == 3 ? 128 : c == 4 ? 256 : 100;
    localparam int OutWidth = c == 0 ? 1 : c == 1 ? 4 : c == 2 ? 37 : c == 3 ? 64 : c == 4 ? 5 : 1;
    localparam int Steps = c == 0 ? 1 : c == 1 ? 2 : c == 2 ? 6 : c == 3 ? 7 : c == 4 ? 12 : 7;
    logic [OutWidth-1:0] out;
    lac_fmt_shift #(
      .InWidth(From),
      .OutWidth(OutWidth),
      .AmountWidth(Steps)
    ) u_shift (
      .in_i    (bits_i[From-1:0]),
      .amount_i(amount_i[Steps-1:0]),
      .out_o   (out)
    );
    assign shift_o[c*64+:64] = 64'(out);
  end

  for (genvar n = 0; n < 2; n++) begin : gen_compact
    localparam int NumIn = n == 0 ? 6 : 21;
    localparam int Levels = $clog2(NumIn);
    for (genvar k = 0; k < Levels; k++) begin : gen_level
      logic [2*NumIn-1:0] from, slices;
      logic [NumIn-1:0] holes_from, holes;
      if (k == 0) begin : gen_first
        assign from       = {bits_i[NumIn-1:0], data_i[NumIn-1:0] & bits_i[NumIn-1:0]};
        assign holes_from = ~bits_i[NumIn-1:0];
      end else begin : gen_next
        assign from       = gen_level[k-1].slices;
        assign holes_from = gen_level[k-1].holes;
      end
      lac_compact_move #(
        .NumIn(NumIn),
        .NumSlices(2),
        .Level(k)
      ) u_move (
        .slices_i(from),
        .holes_i (holes_from),
        .slices_o(slices),
        .holes_o (holes)
      );
      if (n == 0) begin : gen_few
        assign few_o[k*64+:64] = 64'({holes, slices});
      end else begin : gen_many
        assign many_o[k*64+:64] = 64'({holes, slices});
      end
    end
  end

endmodule
