// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_stages: registers between the steps of a decoder and lac_fmt_out.
//
// Purpose: a step is a beat, the end of the tile with its error, or nothing. The end goes along
//   here; what belongs to a beat is kept by the user, who loads stage k when en_o[k] is high.
//
//   step --> | stage 0 | --> ... --> | stage Stages - 1 | --> lac_fmt_out
//
// ready_o depends on ready_i combinationally.
// Latency Stages cycles. Throughput one step per cycle.
// Parameters:
//   Stages  1..2
// Model: none of its own. Source: common practice.

`include "lac_assert.svh"

module lac_fmt_stages
  import lac_fmt_pkg::*;
#(
  parameter int Stages = 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // steps
  output logic                ready_o,
  input  logic                beat_valid_i,
  input  logic                end_valid_i,
  input  logic [ErrWidth-1:0] end_err_i,
  input  logic [PosWidth-1:0] end_pos_i,
  // the same, some cycles later
  input  logic                ready_i,
  output logic                beat_valid_o,
  output logic                end_valid_o,
  output logic [ErrWidth-1:0] end_err_o,
  output logic [PosWidth-1:0] end_pos_o,
  output logic [  Stages-1:0] en_o
);

  `LAC_PARAM(lac_fmt_stages, Stages, 1, 2)

  localparam int EndWidth = 1 + ErrWidth + PosWidth;

  logic valid;
  logic [EndWidth-1:0] stage[Stages+1];  // whether it is an end, error, position

  lac_pipe #(
    .Stages(Stages)
  ) u_pipe (
    .clk_i,
    .rst_ni,
    .clr_i      (1'b0),
    .in_valid_i (beat_valid_i || end_valid_i),
    .in_ready_o (ready_o),
    .out_valid_o(valid),
    .out_ready_i(ready_i),
    .en_o
  );

  assign stage[0] = {end_valid_i, end_err_i, end_pos_i};
  for (genvar k = 0; k < Stages; k++) begin : gen_stage
    logic [EndWidth-1:0] stage_q;
    always_ff @(posedge clk_i) begin
      if (en_o[k]) stage_q <= stage[k];
    end
    assign stage[k+1] = stage_q;
  end
  assign {end_err_o, end_pos_o} = stage[Stages][EndWidth-2:0];
  assign beat_valid_o = valid && !stage[Stages][EndWidth-1];
  assign end_valid_o = valid && stage[Stages][EndWidth-1];

  `LAC_ASSERT(beat_or_end, !(beat_valid_i && end_valid_i), "a beat and the end in one step")
  `LAC_ASSERT(one_out, !(beat_valid_o && end_valid_o), "a beat and the end come out together")
  `LAC_ASSERT(out_held, !$past((beat_valid_o || end_valid_o) && !ready_i) || $stable
              ({beat_valid_o, end_valid_o, end_err_o, end_pos_o}), "a step changed while it waits")

endmodule
