// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_step: what a decoder of one entry per step does in this cycle.
//
// Purpose: the order of judgements that all formats of single entries (or fields) share, between
//   the window of lac_fmt_bits and the end port of lac_fmt_out. In the payload, the first that
//   holds: done_i (all entries used up: the end is judged), fault_i, there_i (the bits of the step
//   have come: go_o), last_i (they never will: ErrShort). Otherwise it waits.
// Example, RLE of 2 entries: header (start_o), wait, entry 0 (go_o), entry 1 (go_o), done_i: step_o
//   with stop_o and end_valid_o, the error is tail_err_i.
//
// Combinational, but for the count. fault_i must be ErrNone unless the bits it is found in have
// come. start_o: the header was good; go_o: the decoder takes its step; neither with end_valid_o.
// Nothing happens while ready_i is low. take_o: take_i, the bits of the step, where it takes them;
// it does not wait for fault_i, as what is left behind a stop does not matter. count_o: the
// header's count, from the cycle behind start_o.
// Parameters:
//   TakeWidth  1..16
// Model: models/formats/base.py (`read`). Source: README.md of this folder, "Errors".

`include "lac_assert.svh"

module lac_fmt_step
  import lac_fmt_pkg::*;
#(
  parameter int TakeWidth = 7
) (
  input  logic                 clk_i,
  // window
  input  logic                 head_valid_i,
  input  logic [ PosWidth-1:0] head_count_i,
  input  logic                 head_bad_i,
  input  logic                 body_i,
  input  logic                 last_i,
  input  logic [ ErrWidth-1:0] tail_err_i,
  output logic                 step_o,
  output logic [TakeWidth-1:0] take_o,        // 0 unless bits are taken
  output logic                 stop_o,
  // decoder
  input  logic                 count_ok_i,    // head_count_i is possible
  input  logic                 done_i,
  input  logic [ ErrWidth-1:0] fault_i,
  input  logic [ PosWidth-1:0] fault_pos_i,
  input  logic                 there_i,
  input  logic [TakeWidth-1:0] take_i,
  input  logic [ PosWidth-1:0] short_pos_i,
  output logic                 start_o,
  output logic                 go_o,
  output logic [ PosWidth-1:0] count_o,
  // end of the tile
  input  logic                 ready_i,
  output logic                 end_valid_o,
  output logic [ ErrWidth-1:0] end_err_o,
  output logic [ PosWidth-1:0] end_pos_o
);

  `LAC_PARAM(lac_fmt_step, TakeWidth, 1, 16)

  logic bad_head, fault;

  assign bad_head = head_bad_i || !count_ok_i;
  assign fault = fault_i != ErrNone;
  assign step_o = ready_i && (head_valid_i || (body_i && (done_i || fault || there_i || last_i)));
  assign stop_o = head_valid_i ? bad_head : done_i || fault || !there_i;
  assign start_o = step_o && !stop_o && head_valid_i;
  assign take_o = ready_i && there_i && !done_i ? take_i : '0;
  assign go_o = step_o && !stop_o && !head_valid_i;
  assign end_valid_o = step_o && stop_o;

  always_comb begin
    if (head_valid_i) begin
      end_err_o = ErrHeader;
      end_pos_o = '0;
    end else if (done_i) begin
      end_err_o = tail_err_i;
      end_pos_o = count_o;
    end else if (fault) begin
      end_err_o = fault_i;
      end_pos_o = fault_pos_i;
    end else begin
      end_err_o = ErrShort;
      end_pos_o = short_pos_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_o) count_o <= head_count_i;
  end

  `LAC_ASSERT_CLK(one_outcome, $onehot0({start_o, go_o, end_valid_o}), "a step with two outcomes")
  `LAC_ASSERT_CLK(outcome_of_step, step_o == (start_o || go_o || end_valid_o),
                  "a step without an outcome, or an outcome without a step")

endmodule
