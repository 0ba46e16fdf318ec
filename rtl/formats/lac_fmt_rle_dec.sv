// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_rle_dec: decoder of the run-length format: each entry is a value and the zeros before it.
//
// Example, 2x4 tile, RunWidth 2, entries (value, run): 5,1  0,3  7,0
//   -> 5 at (0,1) eol; placeholder, stands for 4 zeros; 7 at (1,2) eol, last.
//
//   in --> lac_fmt_bits --> lac_fmt_rle_core --> lac_fmt_out --> out   (lac_fmt_plain)
//
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 4 cycles after the last step. Throughput: an entry per
//   cycle, placeholders too.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1
//   RunWidth    1..16
// Errors: ErrHeader, ErrShort, ErrLong, ErrIndex, ErrPlaceholder, ErrPadding.
// Model: models/formats/rle.py. Source: Parashar et al., "SCNN", ISCA 2017, section IV.

`include "lac_assert.svh"

module lac_fmt_rle_dec
  import lac_fmt_pkg::*;
#(
  parameter  int WordWidth  = 64,
  parameter  int ValueWidth = 8,
  parameter  int TileRows   = 8,
  parameter  int TileCols   = 16,
  parameter  int NumLanes   = 1,
  parameter  int RunWidth   = 4,
  localparam int RowWidth   = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth   = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  in_valid_i,
  output logic                  in_ready_o,
  input  logic [ WordWidth-1:0] in_data_i,
  input  logic                  in_last_i,
  output logic                  out_valid_o,
  input  logic                  out_ready_i,
  output logic                  out_keep_o,
  output logic [ValueWidth-1:0] out_value_o,
  output logic [  RowWidth-1:0] out_row_o,
  output logic [  ColWidth-1:0] out_col_o,
  output logic                  out_eol_o,
  output logic                  out_last_o,
  output logic [  ErrWidth-1:0] out_err_o,
  output logic [  PosWidth-1:0] out_pos_o
);

  `LAC_PARAM_RULE(lac_fmt_rle_dec, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_rle_dec, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_rle_dec, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_rle_dec, TileCols, 1, 4096)
  `LAC_PARAM(lac_fmt_rle_dec, NumLanes, 1, 1)
  `LAC_PARAM(lac_fmt_rle_dec, RunWidth, 1, 16)

  lac_fmt_plain #(
    .WordWidth (WordWidth),
    .ValueWidth(ValueWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols),
    .NumLanes  (NumLanes),
    .Inner     (InnerRle),
    .RunWidth  (RunWidth)
  ) u_plain (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .in_last_i,
    .out_valid_o,
    .out_ready_i,
    .out_keep_o,
    .out_value_o,
    .out_row_o,
    .out_col_o,
    .out_eol_o,
    .out_last_o,
    .out_err_o,
    .out_pos_o
  );

endmodule
