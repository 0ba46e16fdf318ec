// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_csc_dec: decoder of compressed sparse columns with relative index: pointers, then value
// and number of zeros in front of it for each entry.
//
// Example, 8x2 tile, IdxWidth 2: pointers 0 3 4, entries (value, run) 5,1  0,3  7,0 / 9,2
//   -> 5 at (1,0); placeholder (4 zeros); 7 at (6,0) eol; 9 at (2,1) eol, last.
//
//   in --> lac_fmt_shell: window --+--> lac_fmt_ptr: column ----------+--> lac_fmt_shell: out
//                                  +--> entry, row = next row + run --+
//
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 3 cycles after the last step. Throughput: a group of
//   pointers, an entry (placeholders too) or an empty column per cycle; empty columns behind the
//   last entry take none.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1
//   IdxWidth    1..16
//   PtrWidth    1..32
// Errors: ErrHeader, ErrShort, ErrLong, ErrIndex, ErrPlaceholder, ErrPointer, ErrPadding.
// Model: models/formats/csc.py. Source: Han et al., "EIE", ISCA 2016, section III.B.

`include "lac_assert.svh"

module lac_fmt_csc_dec
  import lac_fmt_pkg::*;
#(
  parameter  int WordWidth  = 64,
  parameter  int ValueWidth = 8,
  parameter  int TileRows   = 8,
  parameter  int TileCols   = 16,
  parameter  int NumLanes   = 1,
  parameter  int IdxWidth   = 4,
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

  `LAC_PARAM_RULE(lac_fmt_csc_dec, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_csc_dec, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_csc_dec, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_csc_dec, TileCols, 1, 4096)
  `LAC_PARAM(lac_fmt_csc_dec, NumLanes, 1, 1)
  `LAC_PARAM(lac_fmt_csc_dec, IdxWidth, 1, 16)
  `LAC_PARAM(lac_fmt_csc_dec, PtrWidth, 1, 32)

  localparam int EntryWidth = ValueWidth + IdxWidth;
  localparam int WindowWords = EntryWidth > WordWidth ? 2 : 1;
  localparam int WindowWidth = WindowWords * WordWidth;
  localparam int LevelWidth = $clog2(WindowWidth + 1);
  localparam int NextWidth = $clog2(TileRows + 2 ** IdxWidth + 1);

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
  logic [  IdxWidth-1:0] run;
  logic [NextWidth-1:0] next_q, here;  // row behind the entry before; row of this one
  logic entry_there;
  logic [ErrWidth-1:0] entry_fault;

  lac_fmt_ptr #(
    .WordWidth  (WordWidth),
    .Lines      (TileCols),
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
    .line_o      (col),
    .line_last_o (line_last),
    .index_o     (index),
    .entry_i     (go && !load && !empty),
    .skip_i      (go && !load && empty)
  );

  assign {run, value} = bits[EntryWidth-1:0];
  assign here = next_q + NextWidth'(run);
  assign row = RowWidth'(here);  // cut off only where it is a fault
  assign entry_there = level >= LevelWidth'(EntryWidth);
  assign entry_fault = !entry_there ? ErrNone : here >= NextWidth'(TileRows) ? ErrIndex
                     : value == '0 && (!(&run) || line_last) ? ErrPlaceholder : ErrNone;
  assign beat = !load && !empty && value != '0;

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
    if (start) next_q <= '0;
    else if (go && !load) next_q <= empty || line_last ? '0 : here + NextWidth'(1);
  end

  lac_fmt_shell #(
    .WordWidth  (WordWidth),
    .WindowWords(WindowWords),
    .ValueWidth (ValueWidth),
    .TileRows   (TileRows),
    .TileCols   (TileCols),
    .LineWidth  (ColWidth)
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
    .line_i      (col)
  );

  `LAC_COVER(cover_empty_column, go && !load && empty)
  `LAC_COVER(cover_placeholder, go && !load && !empty && value == '0)
  `LAC_ASSERT(next_range, !go || load || empty || next_q < NextWidth'(TileRows),
              "an entry behind the last row")

endmodule
