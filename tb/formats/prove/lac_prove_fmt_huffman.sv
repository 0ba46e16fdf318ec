// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_fmt_huffman: the limits of a Huffman decoder do not fall, whatever lengths come.
//
// Shown apart, since it is all arithmetic: the proof of the decoder takes it as known, and its tables
// for anything. A limit is the sum space so far, cut to 17 bits. It does not fall because a tile with
// a sum past 2^16 is at fault before its first code. What holds in between:
//   - full_q, the sums as they were before the cut, rise, and the latest is that of all lengths so
//     far; none is past 2^16 unless that one is;
//   - the sum of i lengths is at most 2^32 - 2^(32-i): it fits its 32 bits;
//   - it is 0 as long as there are no codes, where no symbol comes in which a fault would be found.

`include "lac_prove_fmt_inside.svh"

module lac_prove_fmt_huffman
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth  = 32,
  parameter int ValueWidth = 4,
  parameter int TileRows   = 2,
  parameter int TileCols   = 3,
  parameter int RunWidth   = 0
) (
  input logic                 clk_i,
  input logic                 rst_ni,
  input logic                 in_valid_i,
  input logic [WordWidth-1:0] in_data_i,
  input logic                 in_last_i,
  input logic                 out_ready_i
);

  localparam int Lengths = 16;
  localparam logic [31:0] Room = 32'd65536;  // numbers of 16 bits
  localparam logic [1:0] StLengths = 2'd0, StSymbols = 2'd1, StCodes = 2'd2;

  logic in_ready;

  lac_fmt_huffman_dec #(
    .WordWidth (WordWidth),
    .ValueWidth(ValueWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols),
    .RunWidth  (RunWidth)
  ) u_dut (
    `LAC_PROVE_INSIDE_PORTS
  );
  `LAC_PROVE_INSIDE(u_dut.body)

  logic [31:0] full_q[Lengths];
  logic [Lengths-1:0] loaded;

  `LAC_ASSERT(state_range, !begun_q || u_dut.state_q <= StCodes, "a state that there is not")
  `LAC_ASSERT(shift_range, !begun_q || u_dut.state_q != StLengths || u_dut.shift_q < 5'd16,
              "a length past 16")
  for (genvar i = 0; i < Lengths; i++) begin : gen_limit
    assign loaded[i] = begun_q
                     && (u_dut.state_q != StLengths || u_dut.shift_q < 5'(Lengths - 1 - i));
    always_ff @(posedge clk_i) begin
      if (u_dut.load_length && u_dut.shift_q == 5'(Lengths - 1 - i)) full_q[i] <= u_dut.space;
    end
    `LAC_ASSERT(sum_fits,
                !begun_q || u_dut.state_q != StLengths || u_dut.shift_q != 5'(Lengths - 1 - i)
                || u_dut.space_q <= ~(32'hFFFF_FFFF >> i),
                "a sum too large for the lengths so far")
    `LAC_ASSERT(codes_fit,
                !begun_q || u_dut.state_q != StLengths || u_dut.shift_q != 5'(Lengths - 1 - i)
                || u_dut.codes_q <= 32'(i << 16),
                "more codes than the lengths so far can have")
    `LAC_ASSERT(cut, !loaded[i] || u_dut.limit_q[i] == full_q[i][16:0], "another limit")
    `LAC_ASSERT(so_far, !loaded[i] || u_dut.space_q > Room || full_q[i] <= Room,
                "a sum past that of all")
    if (i > 0) begin : gen_rise
      `LAC_ASSERT(latest,
                  !begun_q || u_dut.state_q != StLengths || u_dut.shift_q != 5'(Lengths - 1 - i)
                  || full_q[i-1] == u_dut.space_q,
                  "another sum than that of all lengths so far")
      `LAC_ASSERT(sums_rise, !loaded[i] || full_q[i-1] <= full_q[i], "sums fall")
      `LAC_ASSERT(limits_rise,
                  !u_dut.body || u_dut.state_q != StCodes || u_dut.limit_q[i-1] <= u_dut.limit_q[i],
                  "limits fall")
    end
  end
  `LAC_ASSERT(none_is_none,
              !begun_q || u_dut.state_q != StLengths || u_dut.codes_q != '0 || u_dut.space_q == '0,
              "room taken by no code")
  `LAC_ASSERT(judged,
              !begun_q || u_dut.state_q != StSymbols || u_dut.too_many_q || u_dut.space_q <= Room,
              "too many codes, and not said")
  `LAC_ASSERT(all_fit, !begun_q || u_dut.state_q != StCodes || u_dut.space_q <= Room,
              "codes behind lengths that are at fault")
  // Of the first lengths: codes are behind all sixteen, and the other proof reaches them.
  `LAC_COVER(cover_rise,
             loaded[2] && full_q[0] != '0 && full_q[1] == full_q[0] && full_q[2] != full_q[1])
  `LAC_COVER(cover_too_many, loaded[1] && u_dut.space_q > Room)

endmodule
