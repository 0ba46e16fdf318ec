// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_out: output stage of every format decoder.
//
// Purpose: turns the steps of a decoder into beats. Holds one beat back, because whether its last
//   non-zero ends a line or the tile is known only with what follows.
//
//   step, from registers --> | held beat | --> | output register | --> out
//
// A step hands over one of: nothing (no `ready` needed), a beat (`beat_valid_i`, at least one
// lane), or the end of the tile (`end_valid_i` with error code and position), never both at once.
// end, err 0: the held beat leaves with `last`, or an empty beat if none is held.
// end, err != 0: the held beat is dropped and an empty beat with `last` and the error leaves.
// Lanes that are not in use are 0; so is the position without an error.
// Example, one lane, line = row: beats (row 0) (row 0) (row 2), end
//   out: (row 0, eol 0) (row 0, eol 1) (row 2, eol 1, last 1).
//
// Streams: beat/end with ready_o, which depends on out_ready_i combinationally; out_* from
// registers. While ready_o is low the decoder makes no step; behind a blocked output there is room
// for two. A step stays until ready_o.
// Latency: a beat leaves when the next beat or the end has come: handed over in cycle t, what it
// lets go is at the output in cycle t+1. As the end is handed over in the cycle after the last
// beat, and steps come through one register or more (lac_fmt_stages), the last beat is there 3
// cycles or more after the last step. Throughput one beat per cycle.
// Lanes in use from lane 0.
// Parameters:
//   NumLanes    1..16
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   LineWidth   1..32
// Model: models/formats/base.py (Tile). Source: common practice.

`include "lac_assert.svh"

module lac_fmt_out
  import lac_fmt_pkg::*;
#(
  parameter  int NumLanes   = 1,
  parameter  int ValueWidth = 8,
  parameter  int TileRows   = 256,
  parameter  int TileCols   = 256,
  parameter  int LineWidth  = 8,
  localparam int RowWidth   = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth   = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  // steps
  output logic                           ready_o,
  input  logic                           beat_valid_i,
  input  logic [           NumLanes-1:0] beat_keep_i,
  input  logic [NumLanes*ValueWidth-1:0] beat_value_i,
  input  logic [  NumLanes*RowWidth-1:0] beat_row_i,
  input  logic [  NumLanes*ColWidth-1:0] beat_col_i,
  input  logic [ NumLanes*LineWidth-1:0] beat_line_i,   // line of each lane, for eol
  input  logic                           end_valid_i,
  input  logic [           ErrWidth-1:0] end_err_i,
  input  logic [           PosWidth-1:0] end_pos_i,
  // beats
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

  `LAC_PARAM(lac_fmt_out, NumLanes, 1, 16)
  `LAC_PARAM(lac_fmt_out, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_out, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_out, TileCols, 1, 4096)
  `LAC_PARAM(lac_fmt_out, LineWidth, 1, 32)

  localparam int DataWidth = NumLanes * (ValueWidth + RowWidth + ColWidth);

  // Held beat: eol of all lanes but the last one in use, whose line is kept instead.
  logic h_valid_q;
  logic [NumLanes-1:0] h_keep_q, h_eol_q, h_top_q;
  logic [DataWidth-1:0] h_data_q;
  logic [LineWidth-1:0] h_line_q;

  logic s_valid, s_go, o_free, o_load, h_load, fault, h_ends;

  assign o_free = !out_valid_o || out_ready_i;
  assign s_valid = beat_valid_i || end_valid_i;
  assign s_go = s_valid && (o_free || (beat_valid_i && !h_valid_q));
  assign ready_o = !s_valid || s_go;
  assign h_load = s_go && beat_valid_i;
  assign o_load = s_go && (h_valid_q || end_valid_i);
  assign fault = end_valid_i && end_err_i != ErrNone;
  assign h_ends = end_valid_i || beat_line_i[LineWidth-1:0] != h_line_q;

  // Lines inside the beat: lane l ends its line if lane l+1 is in use and on another one.
  logic [NumLanes-1:0] s_eol, s_top;
  for (genvar l = 0; l < NumLanes; l++) begin : gen_eol
    if (l + 1 < NumLanes) begin : gen_inner
      assign s_top[l] = beat_keep_i[l] && !beat_keep_i[l+1];
      assign s_eol[l] = beat_keep_i[l+1] && beat_line_i[l*LineWidth+:LineWidth] !=
                        beat_line_i[(l+1)*LineWidth+:LineWidth];
    end else begin : gen_outer
      assign s_top[l] = beat_keep_i[l];
      assign s_eol[l] = 1'b0;
    end
  end
  // Line of the last lane in use.
  logic [LineWidth-1:0] line_of[NumLanes+1];
  assign line_of[0] = '0;
  for (genvar l = 0; l < NumLanes; l++) begin : gen_line
    assign line_of[l+1] = line_of[l] | (s_top[l] ? beat_line_i[l*LineWidth+:LineWidth] : '0);
  end

  // What leaves; lanes that are not in use are 0.
  logic [ NumLanes-1:0] o_keep;
  logic [DataWidth-1:0] o_mask;
  assign o_keep = h_valid_q && !fault ? h_keep_q : '0;
  for (genvar l = 0; l < NumLanes; l++) begin : gen_mask
    assign o_mask[l*ValueWidth+:ValueWidth] = {ValueWidth{o_keep[l]}};
    assign o_mask[NumLanes*ValueWidth+l*RowWidth+:RowWidth] = {RowWidth{o_keep[l]}};
    assign o_mask[NumLanes*(ValueWidth+RowWidth)+l*ColWidth+:ColWidth] = {ColWidth{o_keep[l]}};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      h_valid_q   <= 1'b0;
      out_valid_o <= 1'b0;
    end else begin
      if (h_load) h_valid_q <= 1'b1;
      else if (s_go) h_valid_q <= 1'b0;
      if (o_load) out_valid_o <= 1'b1;
      else if (out_ready_i) out_valid_o <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (h_load) begin
      h_keep_q <= beat_keep_i;
      h_data_q <= {beat_col_i, beat_row_i, beat_value_i};
      h_eol_q  <= s_eol;
      h_top_q  <= s_top;
      h_line_q <= line_of[NumLanes];
    end
    if (o_load) begin
      out_keep_o <= o_keep;
      out_eol_o <= o_keep & (h_eol_q | (h_ends ? h_top_q : '0));
      {out_col_o, out_row_o, out_value_o} <= h_data_q & o_mask;
      out_last_o <= end_valid_i;
      out_err_o <= end_valid_i ? end_err_i : ErrNone;
      out_pos_o <= fault ? end_pos_i : '0;
    end
  end

  `LAC_STREAM(out_valid_o, out_ready_i, {out_keep_o, out_value_o, out_row_o, out_col_o, out_eol_o,
                                         out_last_o, out_err_o, out_pos_o})
  `LAC_ASSERT(beat_or_end, !(beat_valid_i && end_valid_i), "a beat and the end in one step")
  `LAC_ASSERT(
      lanes_from_0,
      !beat_valid_i || (beat_keep_i[0] && (beat_keep_i & (beat_keep_i + NumLanes'(1))) == '0),
      "lanes with holes, or none")

  `LAC_ASSERT(empty_is_last, !out_valid_o || out_keep_o != '0 || out_last_o, "an empty beat")
  `LAC_ASSERT(out_from_0, !out_valid_o || (out_keep_o & (out_keep_o + NumLanes'(1))) == '0,
              "lanes with holes go out")
  `LAC_ASSERT(eol_in_use, !out_valid_o || (out_eol_o & ~out_keep_o) == '0,
              "a line ends in a lane that is not in use")
  `LAC_ASSERT(err_is_end, !out_valid_o || out_err_o == ErrNone || (out_last_o && out_keep_o == '0),
              "an error with values, or before the end")
  `LAC_ASSERT(pos_of_err, !out_valid_o || out_err_o != ErrNone || out_pos_o == '0,
              "a position without an error")

  for (genvar l = 0; l < NumLanes; l++) begin : gen_inside
    `LAC_ASSERT(inside_tile,
                !(out_valid_o && out_keep_o[l])
                || (32'(out_row_o[l*RowWidth+:RowWidth]) < 32'(TileRows)
                    && 32'(out_col_o[l*ColWidth+:ColWidth]) < 32'(TileCols)),
                "a value outside the tile")
  end

  `LAC_ASSERT(end_empties, !$past(s_go && end_valid_i) || !h_valid_q,
              "a beat is held behind the end")

endmodule
