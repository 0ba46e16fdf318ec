// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_csr_dec: decoder of compressed sparse rows: pointers, then value and column of each entry.
//
// Example, 3x4 tile: pointers 0 2 2 3, entries (value, col) 5,1  7,3  9,0
//   -> 5 at (0,1); 7 at (0,3) eol; row 1 takes a cycle; 9 at (2,0) eol, last.
//
//   in --> lac_fmt_shell: window --+--> lac_fmt_ptr: row ------+--> lac_fmt_shell: out
//                                  +--> entry, order in row ---+
//
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 3 cycles after the last step. Throughput: a group of
//   pointers, an entry or an empty row per cycle; empty rows behind the last entry take none.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1
//   PtrWidth    1..32
// Errors: ErrHeader, ErrShort, ErrLong, ErrIndex, ErrOrder, ErrPlaceholder (value 0), ErrPointer,
//   ErrPadding.
// Model: models/formats/csr.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_csr_dec
  import lac_fmt_pkg::*;
#(
  parameter  int WordWidth  = 64,
  parameter  int ValueWidth = 8,
  parameter  int TileRows   = 8,
  parameter  int TileCols   = 16,
  parameter  int NumLanes   = 1,
  parameter  int PtrWidth   = 16,
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

  `LAC_PARAM_RULE(lac_fmt_csr_dec, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_csr_dec, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_csr_dec, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_csr_dec, TileCols, 1, 4096)
  `LAC_PARAM(lac_fmt_csr_dec, NumLanes, 1, 1)
  `LAC_PARAM(lac_fmt_csr_dec, PtrWidth, 1, 32)

  localparam int EntryWidth = ValueWidth + ColWidth;
  localparam int WindowWords = EntryWidth > WordWidth ? 2 : 1;
  localparam int WindowWidth = WindowWords * WordWidth;
  localparam int LevelWidth = $clog2(WindowWidth + 1);

  logic [PosWidth-1:0] head_count, fault_pos, short_pos;
  logic [WindowWidth-1:0] bits;
  logic [LevelWidth-1:0] level, take;
  logic [ErrWidth-1:0] fault;
  logic start, done, there, go, beat;
  logic [ValueWidth-1:0] value;
  logic [  RowWidth-1:0] row;
  logic [  ColWidth-1:0] col;

  logic load, load_there, load_bad, empty, line_last, walk_done;
  logic [PosWidth-1:0] load_pos, index;
  logic [LevelWidth-1:0] load_take;
  logic new_line_q;  // the next entry is the first one of its row
  logic [ColWidth-1:0] col_q;  // of the entry before
  logic entry_there;
  logic [ErrWidth-1:0] entry_fault;

  lac_fmt_ptr #(
    .WordWidth  (WordWidth),
    .Lines      (TileRows),
    .PtrWidth   (PtrWidth),
    .WindowWidth(WindowWidth)
  ) u_ptr (
    .clk_i,
    .rst_ni,
    .start_i     (start),
    .count_i     (head_count),
    .bits_i      (bits),
    .level_i     (level),
    .load_o      (load),
    .load_there_o(load_there),
    .load_bad_o  (load_bad),
    .load_pos_o  (load_pos),
    .load_take_o (load_take),
    .load_step_i (go && load),
    .done_o      (walk_done),
    .empty_o     (empty),
    .line_o      (row),
    .line_last_o (line_last),
    .index_o     (index),
    .entry_i     (go && !load && !empty),
    .skip_i      (go && !load && empty)
  );

  assign {col, value} = bits[EntryWidth-1:0];
  assign entry_there = level >= LevelWidth'(EntryWidth);
  assign entry_fault = !entry_there ? ErrNone : 32'(col) >= 32'(TileCols) ? ErrIndex
                     : !new_line_q && col <= col_q ? ErrOrder
                     : value == '0 ? ErrPlaceholder : ErrNone;
  assign beat = !load && !empty;

  assign done = !load && walk_done;
  assign short_pos = load ? '0 : index;
  always_comb begin
    if (load) begin
      there     = load_there;
      take      = load_take;
      fault     = load_bad ? ErrPointer : ErrNone;
      fault_pos = load_pos;
    end else begin
      there     = empty || entry_there;
      take      = empty ? '0 : LevelWidth'(EntryWidth);
      fault     = empty ? ErrNone : entry_fault;
      fault_pos = index;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start) new_line_q <= 1'b1;
    else if (go && !load) new_line_q <= empty || line_last;
    if (go) col_q <= col;
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
    .count_o     (),
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

  `LAC_COVER(cover_empty_row, go && !load && empty)

endmodule
