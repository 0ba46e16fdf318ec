// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_periodic_dec: decoder of periodic patterns: each row has its values at the positions of
// one of a few patterns, which take turns and may have any number of positions up to Kss.
//
// Example, 3x4 tile, Kss 2: period 2, patterns of 2 at 0 2 and of 1 at 3, values 5 6 / 7 / 8 9
//   -> 5 at (0,0); 6 at (0,2) eol; 7 at (1,3) eol; 8 at (2,0); 9 at (2,2) eol, last.
//
//   in --> lac_fmt_shell: window --+--> period --> | number of patterns |
//                                  +--> sizes ------> | table | --> values of the row
//                                  +--> positions --> | table | --> column --> lac_fmt_shell: out
//                                  +--> values ------------------------------>
//
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 3 cycles after the last step. Throughput: the period, one
//   size, one position, one value (zero or not) or one row without values per cycle.
// The table has min(TileRows, 255) patterns: those that no row can have are checked, not stored.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1
//   Kss         1..TileCols
// Errors: ErrHeader, ErrShort, ErrLong, ErrIndex, ErrOrder, ErrPadding, ErrCount.
// Model: models/formats/periodic.py. Source: README.md of this folder (PPS: Kundu et al.,
//   "Pre-Defined Sparsity for Low-Complexity Convolutional Neural Networks", IEEE TC 2020).

`include "lac_assert.svh"

module lac_fmt_periodic_dec
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth = 64,
  parameter int ValueWidth = 8,
  parameter int TileRows = 8,
  parameter int TileCols = 16,
  parameter int NumLanes = 1,
  parameter int Kss = 8,
  localparam int RowWidth = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth = `LAC_INDEX_BITS(TileCols)
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

  `LAC_PARAM_RULE(lac_fmt_periodic_dec, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_periodic_dec, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_periodic_dec, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_periodic_dec, TileCols, 1, 4096)
  `LAC_PARAM(lac_fmt_periodic_dec, NumLanes, 1, 1)
  `LAC_PARAM(lac_fmt_periodic_dec, Kss, 1, TileCols)

  localparam int PeriodWidth = 8;
  localparam int MaxPatterns = TileRows < 2 ** PeriodWidth ? TileRows : 2 ** PeriodWidth - 1;
  localparam int TableDepth = MaxPatterns * Kss;
  localparam int AddrWidth = `LAC_INDEX_BITS(TableDepth);
  localparam int PatternWidth = `LAC_INDEX_BITS(MaxPatterns);
  localparam int SizeWidth = `LAC_INDEX_BITS(Kss + 1);
  localparam int WindowWords = 1;
  localparam int WindowWidth = WordWidth;
  localparam int LevelWidth = $clog2(WindowWidth + 1);

  logic [PosWidth-1:0] head_count, count, fault_pos, short_pos;
  logic [WindowWidth-1:0] bits;
  logic [LevelWidth-1:0] level, take;
  logic [ErrWidth-1:0] fault;
  logic start, done, there, go, beat;
  logic [ValueWidth-1:0] value;
  logic [  RowWidth-1:0] row;
  logic [  ColWidth-1:0] col;

  typedef enum logic [1:0] {
    StPeriod,
    StSize,
    StTable,
    StValues
  } state_e;
  state_e state_q;

  logic [PeriodWidth-1:0] period, period_q, next;
  logic [PeriodWidth-1:0] pattern_q;  // of the size, the position or the value
  logic [SizeWidth-1:0] slot_q;  // within the pattern
  logic [PosWidth-1:0] index_q;  // position in the table, then value
  logic [AddrWidth-1:0] addr_q;
  logic [RowWidth-1:0] row_q;
  logic end_q;  // all rows are through
  logic [ColWidth-1:0] table_q[TableDepth];
  logic [SizeWidth-1:0] sizes_q[MaxPatterns];
  logic [SizeWidth-1:0] size, size_q;  // size_q: of the pattern at work
  logic [SizeWidth-1:0] next_size;
  logic [ColWidth-1:0] position, before_q;
  logic last_slot, last_pattern, through, wraps, stored, empty;
  logic unused_bits;

  assign unused_bits = ^bits;
  assign period = bits[PeriodWidth-1:0];
  assign size = bits[SizeWidth-1:0];
  assign position = bits[ColWidth-1:0];
  assign value = bits[ValueWidth-1:0];
  assign empty = state_q == StSize ? size == '0 : state_q == StValues && size_q == '0;
  assign last_slot = slot_q == size_q - SizeWidth'(1);
  assign last_pattern = pattern_q == period_q - PeriodWidth'(1);
  assign next = last_pattern ? '0 : pattern_q + PeriodWidth'(1);
  assign next_size = sizes_q[PatternWidth'(next)];
  assign through = empty || (state_q != StSize && last_slot);  // with the pattern
  assign wraps = through && last_pattern;
  assign stored = 32'(pattern_q) < 32'(MaxPatterns);

  assign row = row_q;
  assign col = table_q[addr_q];
  assign beat = state_q == StValues && !empty && value != '0;
  assign done = state_q == StValues && end_q && index_q == count;
  assign short_pos = state_q == StValues ? index_q : '0;
  assign fault_pos = index_q;

  logic period_there, size_there, position_there, outside, falls;
  assign period_there = level >= LevelWidth'(PeriodWidth);
  assign size_there = level >= LevelWidth'(SizeWidth);
  assign position_there = level >= LevelWidth'(ColWidth);
  assign outside = 32'(position) >= 32'(TileCols);
  assign falls = slot_q != '0 && position <= before_q;

  always_comb begin
    case (state_q)
      StPeriod: begin
        there = period_there;
        take  = LevelWidth'(PeriodWidth);
        fault = period_there && period == '0 ? ErrHeader : ErrNone;
      end
      StSize: begin
        there = size_there;
        take  = LevelWidth'(SizeWidth);
        fault = size_there && 32'(size) > 32'(Kss) ? ErrIndex : ErrNone;
      end
      StTable: begin
        there = position_there;
        take  = LevelWidth'(ColWidth);
        fault = !position_there ? ErrNone : outside ? ErrIndex : falls ? ErrOrder : ErrNone;
      end
      default: begin
        there = empty || level >= LevelWidth'(ValueWidth);
        take  = empty ? '0 : LevelWidth'(ValueWidth);
        fault = end_q || (!empty && index_q == count) ? ErrCount : ErrNone;
      end
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (start) begin
      state_q   <= StPeriod;
      pattern_q <= '0;
      slot_q    <= '0;
      index_q   <= '0;
      addr_q    <= '0;
      row_q     <= '0;
      end_q     <= 1'b0;
    end else if (go && state_q == StPeriod) begin
      state_q  <= StSize;
      period_q <= period;
    end else if (go) begin
      if (through) pattern_q <= next;
      if (through) size_q <= next_size;
      if (state_q == StSize) begin
        // The only pattern is not in the table yet.
        if (!wraps || period_q == PeriodWidth'(1)) size_q <= size;
        if (!empty) state_q <= StTable;
      end else if (!empty) begin
        slot_q  <= last_slot ? '0 : slot_q + SizeWidth'(1);
        addr_q  <= addr_q + AddrWidth'(1);
        index_q <= index_q + PosWidth'(1);
        if (state_q == StTable && last_slot) state_q <= StSize;
      end
      if (wraps) addr_q <= '0;
      if (state_q == StValues) begin
        if (through) row_q <= row_q + RowWidth'(1);
        if (through && row_q == RowWidth'(TileRows - 1)) end_q <= 1'b1;
      end else if (wraps) begin
        state_q <= StValues;
        index_q <= '0;
      end
    end
    if (go && state_q == StTable) before_q <= position;
    if (go && state_q == StTable && stored) table_q[addr_q] <= position;
    if (go && state_q == StSize && stored) sizes_q[PatternWidth'(pattern_q)] <= size;
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
    .count_ok_i  (head_count <= PosWidth'(TileRows * Kss)),
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

  `LAC_COVER(cover_second_turn, go && state_q == StValues && wraps)
  `LAC_ASSERT(slot_range, !go || state_q < StTable || empty || slot_q < size_q,
              "a slot past the pattern")
  `LAC_ASSERT(pattern_range, !go || state_q == StPeriod || pattern_q < period_q,
              "a pattern past the period")
  `LAC_ASSERT(addr_range, !go || state_q != StValues || 32'(addr_q) < 32'(TableDepth),
              "a position past the table")
  `LAC_ASSERT(rows_range, !go || !end_q, "a row past the tile")
  `LAC_ASSERT(index_range, !go || state_q != StValues || empty || index_q < count,
              "a value past the count")

endmodule
