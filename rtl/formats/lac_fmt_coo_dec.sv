// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_coo_dec: decoder of the coordinate format: a list of value, column and row.
//
// Example, 2x4 tile: entries (value, col, row) 5,1,0  7,3,0  9,0,1
//   -> 5 at (0,1); 7 at (0,3) eol; 9 at (1,0) eol, last.
//
//   in --> lac_fmt_shell: window --> entry, compared with the one before --> lac_fmt_shell: out
//
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 3 cycles after the last step. Throughput: an entry a cycle.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1
// Errors: ErrHeader, ErrShort, ErrLong, ErrIndex, ErrOrder, ErrPlaceholder (value 0), ErrPadding.
// Model: models/formats/coo.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_coo_dec
  import lac_fmt_pkg::*;
#(
  parameter  int WordWidth  = 64,
  parameter  int ValueWidth = 8,
  parameter  int TileRows   = 8,
  parameter  int TileCols   = 16,
  parameter  int NumLanes   = 1,
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

  `LAC_PARAM_RULE(lac_fmt_coo_dec, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_coo_dec, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_coo_dec, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_coo_dec, TileCols, 1, 4096)
  `LAC_PARAM(lac_fmt_coo_dec, NumLanes, 1, 1)

  localparam int EntryWidth = ValueWidth + ColWidth + RowWidth;
  localparam int WindowWords = EntryWidth > WordWidth ? 2 : 1;
  localparam int WindowWidth = WindowWords * WordWidth;
  localparam int LevelWidth = $clog2(WindowWidth + 1);

  logic [PosWidth-1:0] head_count, count, fault_pos, short_pos;
  logic [WindowWidth-1:0] bits;
  logic [LevelWidth-1:0] level, take;
  logic [ErrWidth-1:0] fault;
  logic start, done, there, go, beat;
  logic [ValueWidth-1:0] value;
  logic [  RowWidth-1:0] row;
  logic [  ColWidth-1:0] col;

  logic [  PosWidth-1:0] index_q;
  logic [  RowWidth-1:0] row_q;  // of the entry before
  logic [  ColWidth-1:0] col_q;
  logic outside, falls;
  logic unused_bits;

  assign {row, col, value} = bits[EntryWidth-1:0];
  assign unused_bits = ^bits;
  assign done = index_q == count;
  assign there = level >= LevelWidth'(EntryWidth);
  assign take = LevelWidth'(EntryWidth);
  assign beat = 1'b1;
  assign short_pos = index_q;
  assign fault_pos = index_q;

  assign outside = 32'(row) >= 32'(TileRows) || 32'(col) >= 32'(TileCols);
  assign falls = index_q != '0 && {row, col} <= {row_q, col_q};
  assign fault = !there ? ErrNone : outside ? ErrIndex : falls ? ErrOrder
               : value == '0 ? ErrPlaceholder : ErrNone;

  always_ff @(posedge clk_i) begin
    if (start) index_q <= '0;
    else if (go) index_q <= index_q + PosWidth'(1);
    if (go) {row_q, col_q} <= {row, col};
  end

  lac_fmt_shell #(
    .WordWidth  (WordWidth),
    .WindowWords(WindowWords),
    .ValueWidth (ValueWidth),
    .TileRows   (TileRows),
    .TileCols   (TileCols),
    .LineWidth  (RowWidth)
  ) u_shell (
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
    .out_pos_o,
    .head_count_o(head_count),
    .count_ok_i  (head_count <= PosWidth'(TileRows * TileCols)),
    .start_o     (start),
    .count_o     (count),
    .bits_o      (bits),
    .level_o     (level),
    .done_i      (done),
    .fault_i     (fault),
    .fault_pos_i (fault_pos),
    .there_i     (there),
    .short_pos_i (short_pos),
    .take_i      (take),
    .go_o        (go),
    .beat_i      (beat),
    .value_i     (value),
    .row_i       (row),
    .col_i       (col),
    .line_i      (row)
  );

  `LAC_ASSERT(index_range, !go || index_q < count, "an entry past the count")

endmodule
