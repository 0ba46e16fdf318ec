// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_steps: the steps of the multipliers of a PE, one a cycle.
//
// Purpose: brings every activation of a row together with every weight of its block: holds some of
//   the activations and walks the whole block, then takes the next ones.
// Example, F 4, I 4, shape 0, a row of 3 activations, block of vectors with 4 and 2 weights (last):
//   two steps, of 12 and 6 products. Shape 1: the activations 0 and 1 with both vectors at once (12
//   products), then activation 2 alone (6).
//
//   row --> activations of this turn --+
//   weight FIFO --> vectors up to last --+--> F*I lanes --> step_*
//
// The multipliers work as F x I (shape 0), 2F x I/2 (1) or 4F x I/4 (2): I >> shape activations
// with up to 1 << shape vectors, which end with the last of the block. Lane m has weight m / (I >>
// shape) and activation m mod (I >> shape) of the turn; it is valid when both are there and none is
// zero. With the last vector the weight FIFO goes back to the start of the block, or, with the last
// activations of the block, frees it. A row END stops everything until go_i, for good if last_i
// comes with it; NULL only takes a cycle. par_o: parity of the group, changes with go_i.
// Streams: row_valid_i, row_pop_o; step_* (step_ready_i goes into row_pop_o, adv_o, rewind_o,
// free_o and the accounts, not into step_valid_o).
// Accounts of a cycle, each of F*I slots: useful, present (with those whose weight or activation is
// zero, which are padding) and taken, all slots, of which those that are not present are empty;
// bank (the step waits), sync (at the end of a group). A cycle without a row
// has none.
// Combinational but for the number of the turn, end_o and par_o. clr_i: at the begin of a group.
// Latency 0 cycles. Throughput 1 step per cycle.
// Parameters:
//   F         2..16, a power of two
//   I         2..16, a power of two, F*I at most 256
//   KWidth    2..6
//   LinWidth  2..16
// Model: tb/scnn/blocks/reference.py. Source: SCNN (ISCA 2017), section IV; the shapes are our own.

`include "lac_assert.svh"

module lac_scnn_steps #(
  parameter  int F         = 4,
  parameter  int I         = 4,
  parameter  int KWidth    = 6,
  parameter  int LinWidth  = 8,
  localparam int MaxVec    = I > 2 ? 4 : 2,
  localparam int Lanes     = F * I,
  localparam int LogI      = $clog2(I),
  localparam int NumWidth  = $clog2(F + 1),
  localparam int VecWidth  = 1 + NumWidth + F + F * (KWidth + LinWidth + 16),
  localparam int ItemWidth = 3 + LogI + I * (1 + LinWidth + 16),
  localparam int EvWidth   = $clog2(F * I + 1)
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       clr_i,
  input  logic [                1:0] shape_i,
  input  logic                       go_i,
  input  logic                       last_i,
  output logic                       end_o,
  output logic                       par_o,
  // activations
  input  logic                       row_valid_i,
  input  logic [      ItemWidth-1:0] row_i,
  output logic                       row_pop_o,
  // weights
  input  logic [MaxVec*VecWidth-1:0] head_i,
  output logic [                2:0] adv_o,
  output logic                       rewind_o,
  output logic                       free_o,
  // steps
  output logic                       step_valid_o,
  input  logic                       step_ready_i,
  output logic [          Lanes-1:0] lane_valid_o,
  output logic [   Lanes*KWidth-1:0] lane_k_o,
  output logic [ Lanes*LinWidth-1:0] lane_off_o,
  output logic [       Lanes*16-1:0] lane_wgt_o,
  output logic [ Lanes*LinWidth-1:0] lane_pos_o,
  output logic [       Lanes*16-1:0] lane_act_o,
  // accounts
  output logic [        EvWidth-1:0] ev_useful_o,
  output logic [        EvWidth-1:0] ev_present_o,
  output logic                       ev_taken_o,
  output logic [        EvWidth-1:0] ev_bank_o,
  output logic [        EvWidth-1:0] ev_sync_o
);

  `LAC_PARAM_RULE(lac_scnn_steps, F, 2, 16, (F & (F - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_steps, I, 2, 16, (I & (I - 1)) == 0 && F * I <= 256,
                  "a power of two, F*I at most 256")
  `LAC_PARAM(lac_scnn_steps, KWidth, 2, 6)
  `LAC_PARAM(lac_scnn_steps, LinWidth, 2, 16)

  localparam logic [1:0] KindRow = 2'd0;
  localparam logic [1:0] KindNull = 2'd1;
  localparam logic [1:0] KindEnd = 2'd2;

  localparam int Shapes = $clog2(MaxVec) + 1;
  localparam int TurnWidth = Shapes - 1;
  localparam int WgtWidth = KWidth + LinWidth + 16;
  localparam logic [EvWidth-1:0] AllSlots = EvWidth'(Lanes);

  // the row ------------------------------------------------------------------------------------
  logic [1:0] kind;
  logic row_last;
  logic [LogI-1:0] rest;
  logic [I-1:0] nz;
  logic [I*LinWidth-1:0] row_pos;
  logic [I*16-1:0] row_act;
  logic at_row, at_null, at_end, issue, step_last, turn_last;
  logic end_q, par_q;
  logic [TurnWidth-1:0] turn_q;

  assign {kind, row_last, rest, nz, row_pos, row_act} = row_i;
  assign at_row = row_valid_i & ~end_q & (kind == KindRow);
  assign at_null = row_valid_i & ~end_q & (kind == KindNull);
  assign at_end = row_valid_i & ~end_q & (kind == KindEnd);
  assign end_o = end_q;
  assign par_o = par_q;

  assign step_valid_o = at_row;
  assign issue = at_row & step_ready_i;
  assign row_pop_o = (issue & step_last & turn_last) | at_null | at_end;
  assign rewind_o = issue & step_last & ~(turn_last & row_last);
  assign free_o = issue & step_last & turn_last & row_last;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      end_q  <= 1'b0;
      par_q  <= 1'b0;
      turn_q <= '0;
    end else if (clr_i) begin
      end_q  <= 1'b0;
      par_q  <= 1'b0;
      turn_q <= '0;
    end else begin
      if (at_end) end_q <= 1'b1;
      else if (go_i) end_q <= last_i;
      if (go_i) par_q <= ~par_q;
      if (issue && step_last) turn_q <= turn_last ? '0 : turn_q + TurnWidth'(1);
    end
  end

  // activations of the turn --------------------------------------------------------------------
  logic [LogI-1:0] turn_mask, turn_base, turn_top;
  logic [I-1:0] present, in_turn;
  logic [LogI:0] turn_num, turn_useful;
  logic [LinWidth-1:0] row_pos_of[I];
  logic [15:0] row_act_of[I];
  logic [I-1:0] sub_nz;
  logic [LinWidth-1:0] sub_pos[I];
  logic [15:0] sub_act[I];

  if (Shapes > 2) begin : gen_three
    assign turn_mask = LogI'(shape_i == 2'd0 ? I - 1 : shape_i == 2'd1 ? I / 2 - 1 : I / 4 - 1);
    assign turn_base = shape_i == 2'd0 ? '0 :
        shape_i == 2'd1 ? LogI'(LogI'(turn_q) << (LogI - 1)) : LogI'(LogI'(turn_q) << (LogI - 2));
  end else begin : gen_two
    assign turn_mask = LogI'(shape_i == 2'd0 ? I - 1 : I / 2 - 1);
    assign turn_base = shape_i == 2'd0 ? '0 : LogI'(LogI'(turn_q) << (LogI - 1));
  end
  assign turn_top  = turn_base | turn_mask;
  assign turn_last = turn_top >= rest;
  assign present   = ~({I{1'b1}} << 1 << rest);

  for (genvar e = 0; e < I; e++) begin : gen_entry
    logic [LogI-1:0] at;
    assign in_turn[e]    = present[e] & ((LogI'(e) & ~turn_mask) == turn_base);
    assign row_pos_of[e] = row_pos[e*LinWidth+:LinWidth];
    assign row_act_of[e] = row_act[e*16+:16];
    // Those of the turn, over and over.
    assign at            = turn_base | (LogI'(e) & turn_mask);
    assign sub_nz[e]     = nz[at];
    assign sub_pos[e]    = row_pos_of[at];
    assign sub_act[e]    = row_act_of[at];
  end
  assign turn_num    = (LogI + 1)'($countones(in_turn));
  assign turn_useful = (LogI + 1)'($countones(in_turn & nz));

  // vectors of the step ------------------------------------------------------------------------
  localparam int CountWidth = $clog2(MaxVec * F + 1);

  logic [MaxVec-1:0] last, used;
  logic [MaxVec*NumWidth-1:0] num;
  logic [MaxVec*F-1:0] wgt_nz;
  logic [WgtWidth-1:0] wgt[MaxVec*F];
  logic [CountWidth-1:0] wgt_num, wgt_useful;

  for (genvar v = 0; v < MaxVec; v++) begin : gen_vec
    logic [NumWidth-1:0] n;
    logic [F-1:0] v_nz;
    logic [F*WgtWidth-1:0] lanes;
    logic v_last, v_used;

    assign {v_last, n, v_nz, lanes} = head_i[v*VecWidth+:VecWidth];
    if (v == 0) begin : gen_first
      assign v_used = 1'b1;
    end else begin : gen_next
      localparam logic [1:0] Needs = v == 1 ? 2'd1 : 2'd2;  // the shape that reaches it
      assign v_used = gen_vec[v-1].v_used & ~gen_vec[v-1].v_last & (shape_i >= Needs);
    end
    assign last[v] = v_last;
    assign used[v] = v_used;
    assign num[v*NumWidth+:NumWidth] = v_used ? n : '0;
    assign wgt_nz[v*F+:F] = v_used ? v_nz : '0;
    for (genvar j = 0; j < F; j++) begin : gen_wgt
      assign wgt[v*F+j] = lanes[j*WgtWidth+:WgtWidth];
    end
  end

  assign step_last = (used & last) != '0;
  assign adv_o     = issue ? 3'($countones(used)) : '0;
  always_comb begin
    wgt_num = '0;
    for (int v = 0; v < MaxVec; v++) wgt_num = wgt_num + CountWidth'(num[v*NumWidth+:NumWidth]);
  end
  assign wgt_useful = CountWidth'($countones(wgt_nz));

  // lanes --------------------------------------------------------------------------------------
  for (genvar m = 0; m < Lanes; m++) begin : gen_lane
    localparam int C = m % I;
    logic [WgtWidth-1:0] word;
    logic word_nz;

    if (Shapes > 2) begin : gen_three
      assign word = shape_i == 2'd0 ? wgt[m/I] : shape_i == 2'd1 ? wgt[2*m/I] : wgt[4*m/I];
      assign word_nz = shape_i == 2'd0 ? wgt_nz[m/I] :
          shape_i == 2'd1 ? wgt_nz[2*m/I] : wgt_nz[4*m/I];
    end else begin : gen_two
      assign word    = shape_i == 2'd0 ? wgt[m/I] : wgt[2*m/I];
      assign word_nz = shape_i == 2'd0 ? wgt_nz[m/I] : wgt_nz[2*m/I];
    end
    assign lane_valid_o[m] = word_nz & sub_nz[C];
    assign {lane_k_o[m*KWidth+:KWidth], lane_off_o[m*LinWidth+:LinWidth],
            lane_wgt_o[m*16+:16]} = word;
    assign lane_pos_o[m*LinWidth+:LinWidth] = sub_pos[C];
    assign lane_act_o[m*16+:16] = sub_act[C];
  end

  // accounts -----------------------------------------------------------------------------------
  logic [EvWidth-1:0] pairs, useful;

  assign pairs = EvWidth'(wgt_num * turn_num);  // at most Lanes
  assign useful = EvWidth'(wgt_useful * turn_useful);
  assign ev_useful_o = issue ? useful : '0;
  assign ev_present_o = issue ? pairs : '0;
  assign ev_taken_o = issue | at_null;
  assign ev_bank_o = at_row & ~step_ready_i ? AllSlots : '0;
  assign ev_sync_o = at_end | end_q ? AllSlots : '0;

  logic [EvWidth:0] accounts;
  assign accounts = (EvWidth + 1)'(ev_taken_o ? AllSlots : '0) + (EvWidth + 1)'(ev_bank_o)
      + (EvWidth + 1)'(ev_sync_o);

  `LAC_STREAM_CLR(row_valid_i, row_pop_o, row_i, clr_i)
  `LAC_STREAM_CLR(step_valid_o, step_ready_i, {lane_valid_o, lane_pos_o, lane_act_o}, clr_i)
  `LAC_ASSERT(go_at_end, !go_i || end_q, "a new group before the end of the one before")
  `LAC_ASSERT(lanes_are_useful, !issue || EvWidth'($countones(lane_valid_o)) == useful,
              "lanes and account differ")
  `LAC_ASSERT(rests_at_end, !end_q || !step_valid_o, "a step behind the end of the group")
  `LAC_ASSERT(all_slots, accounts == '0 || accounts == (EvWidth + 1)'(AllSlots),
              "slots without an account")
  `LAC_ASSERT(one_way, !(rewind_o && free_o), "back and free at once")
  `LAC_ASSERT(turn_range, !at_row || turn_base <= rest, "a turn without activations")
  `LAC_ASSERT(last_moves, !(rewind_o || free_o) || adv_o != '0, "a walk without a vector")
  `LAC_COVER(cover_no_lane, issue && lane_valid_o == '0)
  `LAC_COVER(cover_all_lanes, issue && lane_valid_o == '1)
  `LAC_COVER(cover_turns, issue && step_last && !turn_last)
  `LAC_COVER(cover_next_row, issue && step_last && turn_last && !row_last)
  `LAC_COVER(cover_padding, issue && pairs != useful)
  `LAC_COVER(cover_waits, at_row && !step_ready_i)
  `LAC_COVER(cover_null, at_null)

endmodule
