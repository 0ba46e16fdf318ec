// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_fmt_dec: what every decoder of rtl/formats owes, whatever comes in.
//
// LAC_DUT is the decoder, LAC_SIZES its parameters: those of the harness, and its own.
// Any words come, good tiles and bad ones: nothing is assumed of them but that they stay.
//   - a tile gives at most as many elements as it has places, each inside of it, in lanes from 0 on;
//   - it ends with one beat with last, and what is left of its words behind an error is taken;
//   - nothing hangs: while words come and beats are taken, Wait cycles never pass without either.
// LAC_KNOWN: what another proof shows of signals that are free in this one.

`include "lac_prove.svh"

module lac_prove_fmt_dec
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth = 32,
  parameter int ValueWidth = 4,
  parameter int TileRows = 2,
  parameter int TileCols = 3,
  parameter int NumLanes = 1,
  parameter int Wait = 9,
  parameter int Late = 0,
  localparam int RowWidth = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth = `LAC_INDEX_BITS(TileCols)
) (
  input logic                 clk_i,
  input logic                 rst_ni,
  input logic                 in_valid_i,
  input logic [WordWidth-1:0] in_data_i,
  input logic                 in_last_i,
  input logic                 out_ready_i
);

  logic in_ready, out_valid, out_last;
  logic [NumLanes-1:0] keep, eol;
  logic [NumLanes*ValueWidth-1:0] value;
  logic [NumLanes*RowWidth-1:0] row;
  logic [NumLanes*ColWidth-1:0] col;
  logic [ErrWidth-1:0] err;
  logic [PosWidth-1:0] pos;

  `LAC_DUT #(
  `LAC_SIZES
  ) u_dut (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o (in_ready),
    .in_data_i,
    .in_last_i,
    .out_valid_o(out_valid),
    .out_ready_i,
    .out_keep_o (keep),
    .out_value_o(value),
    .out_row_o  (row),
    .out_col_o  (col),
    .out_eol_o  (eol),
    .out_last_o (out_last),
    .out_err_o  (err),
    .out_pos_o  (pos)
  );

  localparam int Elements = TileRows * TileCols;
  localparam int CountWidth = $clog2(Elements + NumLanes + 1);
  localparam int WaitWidth = $clog2(Wait + 1);

  logic in_beat, out_beat, in_tile_q, ends, asked;
  logic [CountWidth-1:0] given_q, given;
  logic [2:0] open_q;  // tiles of which a word has come and the last beat has not left
  logic [WaitWidth-1:0] waits_q;

  assign in_beat = in_valid_i && in_ready;
  assign out_beat = out_valid && out_ready_i;
  assign ends = out_beat && out_last;
  assign given = given_q + CountWidth'($countones(keep));
  // Something to do: a word is there, or a tile of which all words are.
  assign asked = in_valid_i || int'(open_q) > int'(in_tile_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_tile_q <= 1'b0;
      given_q   <= '0;
      open_q    <= '0;
      waits_q   <= '0;
    end else begin
      if (in_beat) in_tile_q <= !in_last_i;
      if (out_beat) given_q <= out_last ? '0 : given;
      open_q  <= open_q + 3'(in_beat && !in_tile_q) - 3'(ends);
      waits_q <= in_beat || out_beat || !out_ready_i || !asked ? '0 : waits_q + WaitWidth'(1);
    end
  end

  `LAC_PROVE_RESET
`ifdef LAC_KNOWN
  `LAC_ASSUME(`LAC_KNOWN)
`endif
  `LAC_ASSUME_STREAM(in_valid_i, in_ready, {in_last_i, in_data_i})
  `LAC_ASSERT(at_most_the_tile, !out_valid || int'(given) <= Elements,
              "more elements than the tile has")
  for (genvar l = 0; l < NumLanes; l++) begin : gen_lane
    `LAC_ASSERT(within_tile,
                !(out_valid && keep[l]) || (int'(row[l*RowWidth+:RowWidth]) < TileRows
                && int'(col[l*ColWidth+:ColWidth]) < TileCols),
                "an element outside of the tile")
    `LAC_ASSERT(no_zero, !(out_valid && keep[l]) || value[l*ValueWidth+:ValueWidth] != '0,
                "a zero comes out")
    if (l > 0) begin : gen_order
      `LAC_ASSERT(no_holes, !(out_valid && keep[l]) || keep[l-1], "a hole in the lanes")
    end
  end
  `LAC_ASSERT(error_last, !out_valid || err == ErrNone || (out_last && keep == '0),
              "an error with elements, or not on the last beat")
  `LAC_ASSERT(error_known, !out_valid || err <= ErrCount, "an error that there is not")
  `LAC_ASSERT(ends_once, !out_valid || open_q != '0, "a beat of no tile")
  `LAC_ASSERT(few_open, open_q != '1, "more tiles under way than there are stages")
  // Good tiles end when all words are taken; others may end before, and their words go on.
  `LAC_ASSERT(good_is_whole, !(out_valid && out_last && err == ErrNone) || open_q > 3'(in_tile_q),
              "a good tile ends before its words do")
  // An error that is found behind the steps (Late) lets them go on: words wait their turn.
  `LAC_ASSERT(drains, !(in_valid_i && open_q == '0 && in_tile_q) || in_ready || Late != 0,
              "words behind an error are not taken")
  `LAC_ASSERT(never_hangs, int'(waits_q) < Wait, "it hangs")
  `LAC_COVER(cover_good, ends && err == ErrNone && given != '0)
  `LAC_COVER(cover_bad, ends && err != ErrNone)
  `LAC_COVER(cover_drained, in_beat && in_tile_q && in_last_i && open_q == '0)
  `LAC_COVER(cover_waits, out_valid && !out_ready_i && in_valid_i && !in_ready)

endmodule
