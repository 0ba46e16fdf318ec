// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_ell_dec: decoder of ELLPACK: every row has the same number of slots of value and column,
// those behind its last non-zero all zero.
//
// Example, 3 x 4 tile, 2 slots per row: slots (value, col) 5,1 7,3 | 0,0 0,0 | 9,0 0,0
//   -> 5 at (0,1), 7 at (0,3) eol, 9 at (2,0) eol, last.
//
//   in --> lac_fmt_slots: window --> scan, order, fillers --> lac_fmt_slots: out
//
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 4 cycles after the last step. Throughput: a step takes
//   up to WordWidth/SlotWidth slots, up to and including the first non-zero.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1
// Errors: ErrHeader, ErrShort, ErrLong, ErrIndex, ErrOrder, ErrPlaceholder (a row goes on behind its
//   first value 0, or a filler has a column), ErrPadding.
// Model: models/formats/ellpack.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_ell_dec
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

  `LAC_PARAM_RULE(lac_fmt_ell_dec, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_ell_dec, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_ell_dec, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_ell_dec, TileCols, 1, 4096)
  `LAC_PARAM(lac_fmt_ell_dec, NumLanes, 1, 1)

  localparam int SlotWidth = ValueWidth + ColWidth;
  localparam int NumSlots = SlotWidth > WordWidth ? 1 : WordWidth / SlotWidth;
  localparam int WindowWords = SlotWidth > WordWidth ? 2 : 1;
  localparam int WindowWidth = WindowWords * WordWidth;
  localparam int LevelWidth = $clog2(WindowWidth + 1);
  localparam int SlotsWidth = NumSlots * SlotWidth;
  localparam int NumWidth = $clog2(NumSlots + 1);
  localparam int SlotIndexWidth = `LAC_INDEX_BITS(NumSlots);
  localparam int DoneWidth = $clog2(TileRows * TileCols + 1);
  localparam int PerRowWidth = $clog2(TileCols + 1);

  logic [PosWidth-1:0] head_count, count, fault_pos;
  logic [WindowWidth-1:0] bits;
  logic [LevelWidth-1:0] level, take;
  logic [ErrWidth-1:0] fault;
  logic start, done, there, go;

  logic [DoneWidth-1:0] index_q, left_q;  // slots done and to do
  logic [RowWidth-1:0] row_q;  // slot 0 of the window
  logic [PerRowWidth-1:0] place_q;  // its number in its row
  logic [ColWidth-1:0] col_q;  // column of the last non-zero
  logic ended_q;  // the slot before was 0: nothing may follow in its row

  logic [NumWidth-1:0] room, num;
  logic [NumSlots-1:0] full, taken, kept;
  logic [SlotsWidth-1:0] slots;
  assign done = left_q == '0;
  assign room = 32'(left_q) > NumSlots ? NumWidth'(NumSlots) : NumWidth'(left_q);

  logic unused_bits;  // the rest of the window holds no whole slot
  assign unused_bits = ^bits;
  assign slots = SlotsWidth'(bits);
  for (genvar i = 0; i < NumSlots; i++) begin : gen_full
    assign full[i] = slots[i*SlotWidth+:ValueWidth] != '0;
  end

  lac_fmt_scan #(
    .NumSlots  (NumSlots),
    .SlotWidth (SlotWidth),
    .NumLanes  (1),
    .LevelWidth(LevelWidth)
  ) u_scan (
    .full_i (full),
    .level_i(level),
    .room_i (room),
    .taken_o(taken),
    .kept_o (kept),
    .num_o  (num),
    .take_o (take)
  );
  assign there = num != '0;

  // Number in the row and row of each slot; past the slots taken, of the next step's first.
  logic [PerRowWidth-1:0] place[NumSlots+1], place_last;
  logic [RowWidth-1:0] row[NumSlots+1];
  assign place_last = PerRowWidth'(count - PosWidth'(1));  // a column number
  assign place[0] = place_q;
  assign row[0] = row_q;
  for (genvar i = 0; i < NumSlots; i++) begin : gen_place
    assign place[i+1] = place[i] == place_last ? '0 : place[i] + PerRowWidth'(1);
    assign row[i+1]   = row[i] + RowWidth'(place[i] == place_last);
  end

  // Faults. A step ends with its first non-zero, so only slot 0 can have one right before it, and
  // any other slot follows a 0: there a non-zero must begin its row.
  logic [DoneWidth+ErrWidth-1:0] first[NumSlots+1];
  assign first[NumSlots] = '0;
  for (genvar i = 0; i < NumSlots; i++) begin : gen_first
    logic [ColWidth-1:0] col;
    logic [ErrWidth-1:0] err;
    logic ended;
    assign col = slots[i*SlotWidth+ValueWidth+:ColWidth];
    if (i == 0) begin : gen_before
      assign ended = ended_q && place[i] != '0;
      assign err = 32'(col) >= 32'(TileCols) ? ErrIndex
                 : kept[i] && !ended && place[i] != '0 && col <= col_q ? ErrOrder
                 : (kept[i] ? ended : col != '0) ? ErrPlaceholder : ErrNone;
    end else begin : gen_zero
      assign ended = place[i] != '0;
      assign err = 32'(col) >= 32'(TileCols) ? ErrIndex
                 : (kept[i] ? ended : col != '0) ? ErrPlaceholder : ErrNone;
    end
    assign first[i] = taken[i] && err != ErrNone ? {DoneWidth'(i), err} : first[i+1];
  end
  assign fault = first[0][ErrWidth-1:0];
  assign fault_pos = PosWidth'(index_q + first[0][ErrWidth+:DoneWidth]);

  logic [ColWidth-1:0] col_last;  // of the last slot taken: the non-zero, if there is one
  assign col_last = ColWidth'(slots >> (32'(num) * SlotWidth - ColWidth));

  always_ff @(posedge clk_i) begin
    if (start) begin
      index_q <= '0;
      left_q  <= DoneWidth'(TileRows) * DoneWidth'(head_count);  // at most TileCols
      row_q   <= '0;
      place_q <= '0;
      ended_q <= 1'b0;
    end else if (go) begin
      index_q <= index_q + DoneWidth'(num);
      left_q  <= left_q - DoneWidth'(num);
      row_q   <= row[num];
      place_q <= place[num];
      ended_q <= kept == '0;
    end
    if (go && kept != '0) col_q <= col_last;
  end

  // The lane: the rows of all slots go along.
  localparam int SlotsRowsWidth = NumSlots * RowWidth;
  logic [SlotsRowsWidth-1:0] rows, lane_base;
  logic [SlotWidth-1:0] lane_data;
  logic [SlotIndexWidth-1:0] lane_slot;
  logic [ValueWidth-1:0] lane_value;
  logic [RowWidth-1:0] lane_row, lane_line;
  logic [ColWidth-1:0] lane_col;
  for (genvar i = 0; i < NumSlots; i++) begin : gen_rows
    assign rows[i*RowWidth+:RowWidth] = row[i];
  end
  assign {lane_col, lane_value} = lane_data;
  assign lane_row = lane_base[lane_slot*RowWidth+:RowWidth];
  assign lane_line = lane_row;

  lac_fmt_slots #(
    .WordWidth  (WordWidth),
    .WindowWords(WindowWords),
    .NumSlots   (NumSlots),
    .NumLanes   (NumLanes),
    .DataWidth  (SlotWidth),
    .BaseWidth  (SlotsRowsWidth),
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
    .count_ok_i  (head_count <= PosWidth'(TileCols)),
    .start_o     (start),
    .count_o     (count),
    .bits_o      (bits),
    .level_o     (level),
    .done_i      (done),
    .fault_i     (fault),
    .fault_pos_i (fault_pos),
    .there_i     (there),
    .short_pos_i (PosWidth'(index_q)),
    .take_i      (take),
    .go_o        (go),
    .slot_keep_i (kept),
    .slot_data_i (slots),
    .slot_base_i (rows),
    .lane_data_o (lane_data),
    .lane_slot_o (lane_slot),
    .lane_base_o (lane_base),
    .lane_value_i(lane_value),
    .lane_row_i  (lane_row),
    .lane_col_i  (lane_col),
    .lane_line_i (lane_line)
  );

  `LAC_COVER(cover_filler, go && taken != kept)
  `LAC_ASSERT(left_range, !go || DoneWidth'(num) <= left_q, "slots past the last")
  `LAC_ASSERT(place_range, !go || place_q <= place_last, "a slot past the row")
  `LAC_ASSERT(kept_taken, (kept & ~taken) == '0, "a non-zero outside the step")

endmodule
