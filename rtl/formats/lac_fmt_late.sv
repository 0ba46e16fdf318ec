// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_late: entries whose value, place and faults are known some cycles behind their step.
//
// Purpose: where a step only finds out how many bits an entry has, for decoders that would be too
//   slow otherwise. The decoder keeps what it knows of an entry in Stages registers of its own,
//   loads register k when en_o[k] is high, and says of the entry in the last one, entry_o, what
//   lac_fmt_shell asks in the step itself: beat_i, fault_i. Where an entry is at fault, end_pos_i of
//   its own step is the position.
//
//   step --> | stage 0 | --> ... --> | stage Stages - 1 | --> entry_o --> beat, or end by its fault
//
// An entry at fault ends its tile. The steps in front know nothing of it: they go on to the end of
// the tile, and what they make of it is dropped here.
// first_o: what leaves next is the first of its tile. leave_o: what is in the last stage leaves.
// Streams: entry_valid_i and end_valid_i with ready_o, which depends on ready_i combinationally.
// Latency Stages cycles. Throughput one step per cycle.
// Parameters:
//   Stages  1..2
// Model: none of its own. Source: common practice.

`include "lac_assert.svh"

module lac_fmt_late
  import lac_fmt_pkg::*;
#(
  parameter int Stages = 2
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // steps
  output logic                ready_o,
  input  logic                entry_valid_i,
  input  logic                end_valid_i,
  input  logic [ErrWidth-1:0] end_err_i,
  input  logic [PosWidth-1:0] end_pos_i,
  output logic [  Stages-1:0] en_o,
  // the entry in the last stage
  output logic                entry_o,
  output logic                first_o,
  output logic                leave_o,
  input  logic                beat_i,
  input  logic [ErrWidth-1:0] fault_i,
  // beats and ends
  input  logic                ready_i,
  output logic                beat_valid_o,
  output logic                end_valid_o,
  output logic [ErrWidth-1:0] end_err_o,
  output logic [PosWidth-1:0] end_pos_o
);

  `LAC_PARAM(lac_fmt_late, Stages, 1, 2)

  logic entry, tile_end, bad;
  logic [ErrWidth-1:0] err;
  logic drop_q;  // what is left of a tile at fault

  lac_fmt_stages #(
    .Stages(Stages)
  ) u_stages (
    .clk_i,
    .rst_ni,
    .ready_o,
    .beat_valid_i(entry_valid_i),
    .end_valid_i,
    .end_err_i,
    .end_pos_i,
    .ready_i,
    .beat_valid_o(entry),
    .end_valid_o(tile_end),
    .end_err_o(err),
    .end_pos_o,
    .en_o
  );

  assign entry_o = entry;
  assign leave_o = (entry || tile_end) && ready_i;
  assign bad = entry && !drop_q && fault_i != ErrNone;
  assign beat_valid_o = entry && !drop_q && !bad && beat_i;
  assign end_valid_o = bad || (tile_end && !drop_q);
  assign end_err_o = bad ? fault_i : err;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      drop_q  <= 1'b0;
      first_o <= 1'b1;
    end else if (leave_o) begin
      if (bad) drop_q <= 1'b1;
      else if (tile_end) drop_q <= 1'b0;
      first_o <= tile_end;
    end
  end

  `LAC_COVER(cover_late_fault, bad && ready_i)
  `LAC_COVER(cover_dropped, drop_q && leave_o && !tile_end)
  `LAC_ASSERT(one_out, !(beat_valid_o && end_valid_o), "a beat and the end come out together")
  `LAC_ASSERT(drop_in_tile, !(drop_q && first_o),
              "entries are dropped behind the end of their tile")
  `LAC_ASSERT(dropped, !drop_q || !(beat_valid_o || end_valid_o), "what is dropped comes out")

endmodule
