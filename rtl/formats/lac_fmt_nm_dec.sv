// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_nm_dec: decoder of N:M structured sparsity: GroupN slots of value and position per group
// of GroupM columns.
//
// Example, 2:4, 1 x 8 tile: slots (value, pos) 5,1 7,3 | 0,0 9,2 -> 5 at (0,1), 7 at (0,3), 9 at
//   (0,6) eol, last.
//
//   in --> lac_fmt_slots: window --> scan, positions rise? --> lac_fmt_slots: lanes --> out
//
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 4 cycles after the last step. Throughput: a step takes
//   up to WordWidth/SlotWidth slots, up to and including the NumLanes-th non-zero.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1..16, 1, 4 or 16
//   GroupN      1..GroupM
//   GroupM      1..16, a divisor of TileCols
// Errors: ErrHeader, ErrShort, ErrLong, ErrIndex (position past the group), ErrOrder, ErrPadding.
// Model: models/formats/nm.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_nm_dec
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth = 64,
  parameter int ValueWidth = 8,
  parameter int TileRows = 8,
  parameter int TileCols = 16,
  parameter int NumLanes = 4,
  parameter int GroupN = 2,
  parameter int GroupM = 4,
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

  `LAC_PARAM_RULE(lac_fmt_nm_dec, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_nm_dec, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_nm_dec, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_nm_dec, TileCols, 1, 4096)
  `LAC_PARAM_RULE(lac_fmt_nm_dec, NumLanes, 1, 16,
                  NumLanes == 1 || NumLanes == 4 || NumLanes == 16, "1, 4 or 16")
  `LAC_PARAM(lac_fmt_nm_dec, GroupN, 1, GroupM)
  `LAC_PARAM_RULE(lac_fmt_nm_dec, GroupM, 1, 16, TileCols % GroupM == 0, "a divisor of TileCols")

  localparam int PlaceWidth = `LAC_INDEX_BITS(GroupM);
  localparam int SlotWidth = ValueWidth + PlaceWidth;
  localparam int NumSlots = SlotWidth > WordWidth ? 1 : WordWidth / SlotWidth;
  localparam int WindowWords = SlotWidth > WordWidth ? 2 : 1;
  localparam int WindowWidth = WindowWords * WordWidth;
  localparam int LevelWidth = $clog2(WindowWidth + 1);
  localparam int SlotsWidth = NumSlots * SlotWidth;
  localparam int NumWidth = $clog2(NumSlots + 1);
  localparam int SlotIndexWidth = `LAC_INDEX_BITS(NumSlots);
  // Slots are walked like the elements of a tile of RowSlots columns.
  localparam int RowSlots = TileCols / GroupM * GroupN;
  localparam int SlotColWidth = `LAC_INDEX_BITS(RowSlots);
  localparam int PhaseWidth = `LAC_INDEX_BITS(GroupN);
  localparam int PhaseSumWidth = $clog2(GroupN + NumSlots + 1);
  localparam int Total = TileRows * RowSlots;
  localparam int DoneWidth = $clog2(Total + 1);

  logic [PosWidth-1:0] head_count, fault_pos;
  logic [WindowWidth-1:0] bits;
  logic [LevelWidth-1:0] level, take;
  logic [ErrWidth-1:0] fault;
  logic start, done, there, go;

  logic [DoneWidth-1:0] index_q, left_q;  // slots done and to do
  logic [RowWidth-1:0] row_q, row_d;  // slot 0 of the window
  logic [SlotColWidth-1:0] col_q, col_d;
  logic [PhaseWidth-1:0] phase_q;  // its number in its group
  logic [PlaceWidth-1:0] place_q;  // position of the slot before

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
    .NumLanes  (NumLanes),
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

  // Positions: in the group, and above that of the slot before unless the group begins.
  logic [NumSlots-1:0] past, falls;
  logic [PlaceWidth-1:0] place[NumSlots+1];
  assign place[0] = place_q;
  for (genvar i = 0; i < NumSlots; i++) begin : gen_check
    logic [PhaseSumWidth-1:0] phase;
    assign phase = (PhaseSumWidth'(phase_q) + PhaseSumWidth'(i)) % PhaseSumWidth'(GroupN);
    assign place[i+1] = slots[i*SlotWidth+ValueWidth+:PlaceWidth];
    assign past[i] = taken[i] && 32'(place[i+1]) >= 32'(GroupM);
    assign falls[i] = taken[i] && phase != '0 && place[i+1] <= place[i];
  end

  // The first slot at fault.
  logic [DoneWidth+ErrWidth-1:0] first[NumSlots+1];
  assign first[NumSlots] = '0;
  for (genvar i = 0; i < NumSlots; i++) begin : gen_first
    assign first[i] = past[i] ? {DoneWidth'(i), ErrIndex}
                    : falls[i] ? {DoneWidth'(i), ErrOrder} : first[i+1];
  end
  assign fault = first[0][ErrWidth-1:0];
  assign fault_pos = PosWidth'(index_q + first[0][ErrWidth+:DoneWidth]);

  lac_fmt_walk #(
    .Rows   (TileRows),
    .Cols   (RowSlots),
    .MaxStep(NumSlots)
  ) u_next (
    .row_i (row_q),
    .col_i (col_q),
    .step_i(num),
    .row_o (row_d),
    .col_o (col_d)
  );

  logic [PhaseWidth-1:0] phase_d;
  assign phase_d = PhaseWidth'(
      (PhaseSumWidth'(phase_q) + PhaseSumWidth'(num)) % PhaseSumWidth'(GroupN));

  always_ff @(posedge clk_i) begin
    if (start) begin
      index_q <= '0;
      left_q  <= DoneWidth'(Total);
      row_q   <= '0;
      col_q   <= '0;
      phase_q <= '0;
      place_q <= '0;
    end else if (go) begin
      index_q <= index_q + DoneWidth'(num);
      left_q  <= left_q - DoneWidth'(num);
      row_q   <= row_d;
      col_q   <= col_d;
      phase_q <= phase_d;
      place_q <= place[num];
    end
  end

  // Lanes.
  logic [NumLanes*SlotWidth-1:0] lane_data;
  logic [NumLanes*SlotIndexWidth-1:0] lane_slot;
  logic [RowWidth+SlotColWidth-1:0] lane_base;
  logic [NumLanes*ValueWidth-1:0] lane_value;
  logic [NumLanes*RowWidth-1:0] lane_row, lane_line;
  logic [NumLanes*ColWidth-1:0] lane_col;
  assign lane_line = lane_row;

  for (genvar l = 0; l < NumLanes; l++) begin : gen_lane
    logic [SlotColWidth-1:0] slot_col;
    lac_fmt_walk #(
      .Rows   (TileRows),
      .Cols   (RowSlots),
      .MaxStep(NumSlots)
    ) u_walk (
      .row_i (lane_base[SlotColWidth+:RowWidth]),
      .col_i (lane_base[SlotColWidth-1:0]),
      .step_i(NumWidth'(lane_slot[l*SlotIndexWidth+:SlotIndexWidth])),
      .row_o (lane_row[l*RowWidth+:RowWidth]),
      .col_o (slot_col)
    );
    // Below TileCols, as the position has been checked.
    assign lane_col[l*ColWidth+:ColWidth] = ColWidth'(
        32'(slot_col) / GroupN * GroupM + 32'(lane_data[l*SlotWidth+ValueWidth+:PlaceWidth]));
    assign lane_value[l*ValueWidth+:ValueWidth] = lane_data[l*SlotWidth+:ValueWidth];
  end

  lac_fmt_slots #(
    .WordWidth  (WordWidth),
    .WindowWords(WindowWords),
    .NumSlots   (NumSlots),
    .NumLanes   (NumLanes),
    .DataWidth  (SlotWidth),
    .BaseWidth  (RowWidth + SlotColWidth),
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
    .count_ok_i  (head_count == PosWidth'(Total)),
    .start_o     (start),
    .count_o     (),
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
    .slot_base_i ({row_q, col_q}),
    .lane_data_o (lane_data),
    .lane_slot_o (lane_slot),
    .lane_base_o (lane_base),
    .lane_value_i(lane_value),
    .lane_row_i  (lane_row),
    .lane_col_i  (lane_col),
    .lane_line_i (lane_line)
  );

  `LAC_COVER(cover_filler, go && taken != kept)
  `LAC_ASSERT(left_range, !go || 32'(num) <= 32'(left_q), "slots past the last")
  `LAC_ASSERT(phase_range, !go || 32'(phase_q) < 32'(GroupN), "a slot past the group")
  `LAC_ASSERT(kept_taken, (kept & ~taken) == '0, "a non-zero outside the step")

endmodule
