// SPDX-License-Identifier: Apache-2.0
//
// Unpack of Cambricon-SE: activations with their zeros, on the way in.
//
//   words of 4 units: mask, values that are not 0 -> values by their mask -> words of 4 neurons
//
// A mask unit stands for Each neurons (16, or a window that has less). Units wait inside, up to 8; the last
// word is taken no earlier than its last neuron leaves, so that the packet ends with it.
// Example: units 1001 7 9 0000 (Each 4): neurons 7 0 0 9, then 0 0 0 0.
// Errors, of the word that is at fault: a value of 0 behind a mask bit, a mask bit past Each, or anything behind
// the last value (ErrValue); the packet ends before (ErrShort), or a word later (ErrLong).
// Streams: in; out, which always is taken. Latency: word to its first neurons 2 cycles. Throughput: 4 neurons
// per cycle, but for a cycle for each mask.
// Parameters:
//   Each      8..16, 8 or 16
//   ErrShort  0..255
//   ErrLong   0..255
//   ErrValue  0..255
// Model: models/cambricon_se/packets.py, unpacked.

`include "lac_assert.svh"

module lac_cse_unpack #(
  parameter int Each     = 16,
  parameter int ErrShort = 7,
  parameter int ErrLong  = 8,
  parameter int ErrValue = 32
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clr_i,
  input  logic        start_i,
  input  logic [20:0] masks_i,      // of the packet
  input  logic        in_valid_i,
  output logic        in_ready_o,
  input  logic [63:0] in_data_i,
  input  logic        in_last_i,
  output logic        err_o,
  output logic [ 7:0] err_code_o,
  output logic        out_valid_o,
  output logic [63:0] out_data_o
);

  `LAC_PARAM_RULE(lac_cse_unpack, Each, 8, 16, Each == 8 || Each == 16, "8 or 16")
  `LAC_PARAM(lac_cse_unpack, ErrShort, 0, 255)
  `LAC_PARAM(lac_cse_unpack, ErrLong, 0, 255)
  `LAC_PARAM(lac_cse_unpack, ErrValue, 0, 255)

  localparam logic [1:0] LastQuad = 2'(Each / 4 - 1);

  logic [20:0] masks_q, left_q;  // masks to come at the door; to be begun inside
  logic [4:0] values_q, values_d;  // of the mask that came last
  logic [127:0] units_q;
  logic [3:0] level_q, rest;  // units inside; behind the step of this cycle
  logic copied_q, fault_q, room, copy, fault, word_bad, needless, ends, complete, last_step;

  // Whether more masks come than 0..4, which is all that a word can begin: found for the next word whatever
  // this one begins, so that the chain of its units waits for no comparison and no difference.
  logic [4:0] more_q, more_first;
  logic [8:0] above;
  logic [4:0][20:0] fewer;
  logic [2:0] begun;  // masks of this word
  for (genvar n = 0; n < 9; n++) begin : gen_above
    assign above[n] = masks_q > 21'(n);
  end
  for (genvar n = 0; n < 5; n++) begin : gen_fewer
    assign fewer[n]      = masks_q - 21'(n);
    assign more_first[n] = masks_i > 21'(n);
  end

  logic [7:0] fault_code, fault_code_q;

  // the word at the door: what each unit is ------------------------------------------------------------
  // A unit is at the place of a mask if one before has as many values as lie between them. Behind the last mask
  // all units are such places, since they are 0.
  logic [3:0] place, is_mask, bad, ends_at;
  logic [3:0][4:0] after;  // values to come behind the word, if the last place is this one
  for (genvar u = 0; u < 4; u++) begin : gen_unit
    logic [15:0] mine;
    logic [4:0] number;
    logic [3-u:0] gap;  // the mask has so many values, and the next place is in this word
    logic [2:0] masks;  // places in units before
    logic past;

    assign mine   = in_data_i[u*16+:16];
    assign number = 5'($countones(mine));
    for (genvar n = 0; n < 4 - u; n++) begin : gen_gap
      assign gap[n] = number == 5'(n);
    end
    if (u == 0) begin : gen_first
      assign place[u] = values_q == '0;
      assign masks    = '0;
    end else begin : gen_next
      logic [u-1:0] reaches;
      for (genvar i = 0; i < u; i++) begin : gen_before
        assign reaches[i] = place[i] & gen_unit[i].gap[u-i-1];
      end
      assign place[u] = (values_q == 5'(u)) | (|reaches);
      assign masks    = 3'($countones(place[u-1:0]));
    end
    if (Each < 16) begin : gen_past
      assign past = |mine[15:Each];
    end else begin : gen_none_past
      assign past = 1'b0;
    end
    assign is_mask[u] = place[u] & more_q[masks];
    assign bad[u]     = !place[u] ? mine == '0 : is_mask[u] ? past : mine != '0;
    assign after[u]   = number - 5'(3 - u);
    assign ends_at[u] = gap[3-u];
  end
  always_comb begin
    values_d = values_q - 5'd4;
    ends     = values_q == 5'd4;
    for (int u = 0; u < 4; u++) begin
      if (place[u]) begin
        values_d = after[u];
        ends     = ends_at[u];
      end
    end
  end
  assign begun      = 3'($countones(is_mask));
  assign needless   = (values_q == '0) & ~more_q[0];
  assign complete   = ends & ~more_q[begun];
  assign word_bad   = |bad;
  assign fault      = needless | word_bad | (in_last_i & ~complete);
  assign fault_code = needless ? 8'(ErrLong) : word_bad ? 8'(ErrValue) : 8'(ErrShort);

  // It is copied when there is room, and taken then, but for the last one. That one waits, so its
  // error may come a cycle later, and ready waits for no check.
  assign room       = rest <= 4'd4;
  assign copy       = in_valid_i & room & ~copied_q;
  assign in_ready_o = copied_q ? last_step | fault_q : room & ~in_last_i;
  assign err_o      = copied_q ? fault_q : copy & fault & ~in_last_i;
  assign err_code_o = copied_q ? fault_code_q : fault_code;

  // inside: a mask, or four neurons, in a cycle ---------------------------------------------------------
  logic in_mask_q, step_mask, step_quad;
  logic [15:0] mask_q;
  logic [ 1:0] quad_q;
  logic [ 3:0] bits;
  logic [ 2:0] need;
  logic [127:0] shifted, incoming;

  assign bits        = mask_q[3:0];
  assign need        = in_mask_q ? 3'($countones(bits)) : 3'd1;
  assign step_mask   = ~in_mask_q & (left_q != '0) & (level_q != '0);
  assign step_quad   = in_mask_q & (level_q >= 4'(need));
  // Behind a last word without fault all units are inside: it steps.
  assign last_step   = (quad_q == LastQuad) & (left_q == '0);
  assign rest        = step_mask | step_quad ? level_q - 4'(need) : level_q;
  assign shifted     = step_mask | step_quad ? units_q >> {need, 4'd0} : units_q;
  assign incoming    = copy ? 128'(in_data_i) << {rest[2:0], 4'd0} : '0;
  assign out_valid_o = step_quad;

  // Values in order, to the places of the mask.
  for (genvar i = 0; i < 4; i++) begin : gen_value
    logic [1:0] rank;
    if (i == 0) begin : gen_first
      assign rank = '0;
    end else begin : gen_next
      assign rank = 2'($countones(bits[i-1:0]));
    end
    assign out_data_o[i*16+:16] = bits[i] ? units_q[32'(rank)*16+:16] : '0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      level_q   <= '0;
      copied_q  <= 1'b0;
      fault_q   <= 1'b0;
      in_mask_q <= 1'b0;
      masks_q   <= '0;
      more_q    <= '0;
      left_q    <= '0;
      values_q  <= '0;
    end else if (clr_i || start_i) begin
      level_q   <= '0;
      copied_q  <= 1'b0;
      fault_q   <= 1'b0;
      in_mask_q <= 1'b0;
      masks_q   <= masks_i;
      more_q    <= more_first;
      left_q    <= masks_i;
      values_q  <= '0;
    end else begin
      level_q <= rest + (copy ? 4'd4 : 4'd0);
      if (copy) begin
        copied_q <= in_last_i;
        fault_q  <= in_last_i & fault;
        masks_q  <= fewer[begun];
        more_q   <= above[4'(begun)+:5];
        values_q <= values_d;
      end else if (last_step || fault_q) begin
        copied_q <= 1'b0;
        fault_q  <= 1'b0;
      end
      if (step_mask) begin
        in_mask_q <= 1'b1;
        left_q    <= left_q - 21'd1;
      end else if (step_quad && quad_q == LastQuad) begin
        in_mask_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    units_q <= shifted | incoming;
    if (copy) fault_code_q <= fault_code;
    if (step_mask) begin
      mask_q <= units_q[15:0];
      quad_q <= '0;
    end else if (step_quad) begin
      mask_q <= mask_q >> 4;
      quad_q <= quad_q + 2'd1;
    end
    if (start_i || clr_i) units_q <= '0;
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_data_i, in_last_i}, clr_i)
  `LAC_ASSERT(level_range, level_q <= 4'd8, "more units than there is room for")
  `LAC_ASSERT(last_waits, !copied_q || in_valid_i || clr_i, "the last word goes before it is taken")
  `LAC_ASSERT(last_steps, !(copied_q && last_step) || fault_q || step_quad,
              "the last word goes without a step")
  `LAC_ASSERT(err_of_word, !err_o || in_ready_o, "an error of a word that is not taken")
  `LAC_ASSERT(more_right,
              more_q == {masks_q > 4, masks_q > 3, masks_q > 2, masks_q > 1, masks_q > 0},
              "the comparisons are of another number of masks")
  `LAC_ASSERT(none_ahead, left_q >= masks_q, "a mask is begun that has not come")
  `LAC_COVER(cover_waits, in_valid_i && !in_ready_o && !copied_q)

endmodule
