// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_plain: decoder of the dense, bitmap or run-length format, by number.
//
//   in --> lac_fmt_bits --> lac_fmt_inner --> lac_fmt_out --> out
//
// Purpose: all of lac_fmt_dense_dec, lac_fmt_bitmap_dec and lac_fmt_rle_dec but their names.
// Inner: 0 dense, 1 bitmap, 2 run length (lac_fmt_pkg); RunWidth is for run length alone.
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 4 cycles after the last step. Throughput: that of the
//   format.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1..16, 1, 4 or 16, with Inner 2 only 1
//   Inner       0..2
//   RunWidth    1..16
// Model: models/formats. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_plain
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth = 64,
  parameter int ValueWidth = 8,
  parameter int TileRows = 8,
  parameter int TileCols = 16,
  parameter int NumLanes = 1,
  parameter int Inner = 0,
  parameter int RunWidth = 4,
  localparam int RowWidth = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           in_valid_i,
  output logic                           in_ready_o,
  input  logic [          WordWidth-1:0] in_data_i,
  input  logic                           in_last_i,
  output logic                           out_valid_o,
  input  logic                           out_ready_i,
  output logic [           NumLanes-1:0] out_keep_o,
  output logic [NumLanes*ValueWidth-1:0] out_value_o,
  output logic [  NumLanes*RowWidth-1:0] out_row_o,
  output logic [  NumLanes*ColWidth-1:0] out_col_o,
  output logic [           NumLanes-1:0] out_eol_o,
  output logic                           out_last_o,
  output logic [           ErrWidth-1:0] out_err_o,
  output logic [           PosWidth-1:0] out_pos_o
);

  `LAC_PARAM_RULE(lac_fmt_plain, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_plain, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_plain, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_plain, TileCols, 1, 4096)
  `LAC_PARAM_RULE(lac_fmt_plain, NumLanes, 1, 16,
                  NumLanes == 1 || (Inner != 2 && (NumLanes == 4 || NumLanes == 16)),
                  "1, 4 or 16, with Inner 2 only 1")
  `LAC_PARAM(lac_fmt_plain, Inner, 0, 2)
  `LAC_PARAM(lac_fmt_plain, RunWidth, 1, 16)

  localparam int WindowWords = inner_words(Inner, ValueWidth + RunWidth, WordWidth);
  localparam int WindowWidth = WindowWords * WordWidth;
  localparam int LevelWidth = $clog2(WindowWidth + 1);

  logic head_valid, head_bad, body, last, step, stop;
  logic [PosWidth-1:0] head_count;
  logic [WindowWidth-1:0] bits;
  logic [LevelWidth-1:0] level, take;
  logic [ErrWidth-1:0] tail_err;

  lac_fmt_bits #(
    .WordWidth  (WordWidth),
    .WindowWords(WindowWords)
  ) u_bits (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .in_last_i,
    .head_valid_o(head_valid),
    .head_count_o(head_count),
    .head_bad_o(head_bad),
    .body_o(body),
    .bits_o(bits),
    .level_o(level),
    .last_o(last),
    .tail_err_o(tail_err),
    .step_i(step),
    .take_i(take),
    .stop_i(stop)
  );

  logic ready, beat_valid, end_valid;
  logic [NumLanes-1:0] beat_keep;
  logic [NumLanes*ValueWidth-1:0] beat_value;
  logic [NumLanes*RowWidth-1:0] beat_row;
  logic [NumLanes*ColWidth-1:0] beat_col;
  logic [ErrWidth-1:0] end_err;
  logic [PosWidth-1:0] end_pos;

  lac_fmt_inner #(
    .WordWidth (WordWidth),
    .ValueWidth(ValueWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols),
    .NumLanes  (NumLanes),
    .Inner     (Inner),
    .RunWidth  (RunWidth)
  ) u_core (
    .clk_i,
    .rst_ni,
    .head_valid_i(head_valid),
    .head_count_i(head_count),
    .head_bad_i(head_bad),
    .body_i(body),
    .bits_i(bits),
    .level_i(level),
    .last_i(last),
    .tail_err_i(tail_err),
    .step_o(step),
    .take_o(take),
    .stop_o(stop),
    .ready_i(ready),
    .beat_valid_o(beat_valid),
    .beat_keep_o(beat_keep),
    .beat_value_o(beat_value),
    .beat_row_o(beat_row),
    .beat_col_o(beat_col),
    .end_valid_o(end_valid),
    .end_err_o(end_err),
    .end_pos_o(end_pos)
  );

  lac_fmt_out #(
    .NumLanes  (NumLanes),
    .ValueWidth(ValueWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols),
    .LineWidth (RowWidth)
  ) u_out (
    .clk_i,
    .rst_ni,
    .ready_o(ready),
    .beat_valid_i(beat_valid),
    .beat_keep_i(beat_keep),
    .beat_value_i(beat_value),
    .beat_row_i(beat_row),
    .beat_col_i(beat_col),
    .beat_line_i(beat_row),
    .end_valid_i(end_valid),
    .end_err_i(end_err),
    .end_pos_i(end_pos),
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

  `LAC_STREAM(in_valid_i, in_ready_o, {in_last_i, in_data_i})
  `LAC_STREAM(out_valid_o, out_ready_i, {out_keep_o, out_value_o, out_row_o, out_col_o, out_eol_o,
                                         out_last_o, out_err_o, out_pos_o})

endmodule
