// SPDX-License-Identifier: Apache-2.0
//
// Events of Cambricon-SE: those of all cores added up, for the socket.
//
//   events of the cores -> sums -> register -> events_o
//
// Slots of a core whose last vector is decided are stall_sync until all are; they are counted 7 cycles later
// (of a PE that is held, 6), with those of the vectors that were decided in the same cycle. What is on its way when a
// pass is cut off is not counted, as counters are final with the interrupt: nothing from clr on, to the
// first phase of the next pass.
// Latency 1 cycle; loads count in the cycle of their write, so that counters are final with the interrupt.
// Throughput all events of a cycle.
// Parameters:
//   Cores    1..4
//   Pes      2..16
//   Lanes    2..16
//   Window   8..256
//   CodeRow  4..256
//   PerPe    any
// Model: models/cambricon_se, counters.

`include "lac_assert.svh"

module lac_cse_events
  import lac_pkg::*, lac_socket_pkg::*, lac_cse_pkg::*;
#(
  parameter int Cores   = 2,
  parameter int Pes     = 16,
  parameter int Lanes   = 16,
  parameter int Window  = 128,
  parameter int CodeRow = 64,
  parameter bit PerPe   = 0
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  lac_pass_t                          pass_i,
  input  logic        [Cores*EVENT_BITS-1:0] cores_i,
  input  logic        [           Cores-1:0] ended_i,     // last vectors are decided
  input  logic                               keep_i,
  input  logic                               out_rd_i,    // of Pes results
  input  logic                               wr_codes_i,  // a row of codes
  input  logic                               wr_entry_i,  // an entry of a list or of masks
  input  logic                               wr_row_i,    // a row of neurons
  input  logic                               word_in_i,
  input  logic                               word_wgt_i,
  input  logic                               decode_i,    // of codes in bit strings
  input  logic                               word_out_i,
  output logic                               step_o,      // something moved
  output lac_events_t                        events_o
);

  `LAC_PARAM(lac_cse_events, Cores, 1, 4)
  `LAC_PARAM(lac_cse_events, Pes, 2, 16)
  `LAC_PARAM(lac_cse_events, Lanes, 2, 16)
  `LAC_PARAM(lac_cse_events, Window, 8, 256)
  `LAC_PARAM(lac_cse_events, CodeRow, 4, 256)

  // Cores, one after the other: the turns of the loop hand on a signal each.
  logic [Cores-1:0] enter, none, step;
  for (genvar c = 0; c < Cores; c++) begin : gen_core
    lac_cse_event_t mine;
    logic [15:0] useful, padding, empty, held, vectors, outputs;
    assign mine     = cores_i[c*EVENT_BITS+:EVENT_BITS];
    assign enter[c] = mine.enter;
    assign none[c]  = mine.none;
    assign step[c]  = mine.step;
    if (c == 0) begin : gen_first
      assign useful  = 16'(mine.useful);
      assign padding = 16'(mine.padding);
      assign empty   = 16'(mine.empty);
      assign held    = 16'(mine.held);
      assign vectors = 16'(mine.vectors);
      assign outputs = 16'(mine.outputs);
    end else begin : gen_next
      assign useful  = gen_core[c-1].useful + 16'(mine.useful);
      assign padding = gen_core[c-1].padding + 16'(mine.padding);
      assign empty   = gen_core[c-1].empty + 16'(mine.empty);
      assign held    = gen_core[c-1].held + 16'(mine.held);
      assign vectors = gen_core[c-1].vectors + 16'(mine.vectors);
      assign outputs = gen_core[c-1].outputs + 16'(mine.outputs);
    end
  end

  // Cores that have ended, while another has not. A PE that is held has not, so none counts twice.
  logic [2:0] num_ended;
  assign num_ended = (&ended_i) || pass_i.phase != 4'(PHASE_COMPUTE) ? '0 : 3'($countones(ended_i));

  logic cut_q, out_rd_q, word_in_q, word_wgt_q, word_out_q, step_q;
  logic [2:0] enter_q, none_q;
  logic [15:0] useful_q, padding_q, empty_q, vectors_q, outputs_q;

  // Slots of a vector are known cycles behind its decision: those that were lost then come beside.
  localparam int EndedDelay = 7;
  localparam int HeldDelay = 6;
  logic [EndedDelay*3-1:0] ended_q;
  logic [HeldDelay*16-1:0] held_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) cut_q <= 1'b1;
    else if (pass_i.clr) cut_q <= 1'b1;
    else if (pass_i.load_wgt || pass_i.load_act || pass_i.compute || pass_i.emit) cut_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    useful_q   <= gen_core[Cores-1].useful;
    padding_q  <= gen_core[Cores-1].padding;
    empty_q    <= gen_core[Cores-1].empty;
    held_q     <= {held_q[0+:(HeldDelay-1)*16], gen_core[Cores-1].held};
    vectors_q  <= gen_core[Cores-1].vectors;
    outputs_q  <= gen_core[Cores-1].outputs;
    enter_q    <= 3'($countones(enter));
    none_q     <= 3'($countones(none));
    ended_q    <= {ended_q[0+:(EndedDelay-1)*3], num_ended};
    out_rd_q   <= out_rd_i;
    word_in_q  <= word_in_i;
    word_wgt_q <= word_wgt_i;
    word_out_q <= word_out_i;
    step_q     <= (|step) | out_rd_i | decode_i;
  end
  assign step_o = step_q;

  logic [127:0] own;
  assign own = {
    32'd0, 16'(word_wgt_q), 16'(word_out_q), 16'(word_in_q), 16'(none_q), 16'(enter_q), vectors_q
  };

  lac_events_t counted;
  assign counted.mac_useful = useful_q;
  assign counted.slot_padding = padding_q;
  assign counted.slot_empty = empty_q;
  assign counted.stall_sync       = 16'(ended_q[(EndedDelay-1)*3+:3]) * 16'(Pes * Lanes)
                                  + held_q[(HeldDelay-1)*16+:16] * 16'(Lanes);
  assign counted.stall_bank = '0;
  assign counted.stall_queue_full = '0;
  assign counted.wgt_reads = 16'(enter_q) * 16'(Pes * CodeRow);
  assign counted.wgt_writes = wr_codes_i ? 16'(CodeRow) : '0;
  assign counted.idx_reads = 16'(enter_q) * 16'(PerPe ? 1 + Pes : 1);
  assign counted.idx_writes = 16'(wr_entry_i);
  assign counted.act_reads = 16'(enter_q) * 16'(Window);
  assign counted.act_writes = wr_row_i ? 16'(Cores * Window) : '0;
  assign counted.psum_reads = out_rd_q ? 16'(Pes) : keep_i ? outputs_q : '0;
  assign counted.psum_writes = outputs_q;
  assign counted.broadcasts = '0;
  assign counted.bypass_hits = '0;
  assign counted.own = own;
  assign events_o = pass_i.clr || cut_q ? '0 : counted;

  // Phases are the socket's.
  logic unused_pass;
  assign unused_pass = ^pass_i;

  logic [31:0] accounts;
  assign accounts = 32'(useful_q) + 32'(padding_q) + 32'(empty_q) + 32'(counted.stall_sync);

  `LAC_ASSERT(slots_range, cut_q || accounts <= Cores * Pes * Lanes,
              "more accounts than multipliers")
  `LAC_ASSERT(loads_apart, $onehot0({wr_codes_i, wr_entry_i, wr_row_i}), "two memories at once")
  `LAC_ASSERT(none_enters, cut_q || none_q <= enter_q, "an empty window that did not enter")

endmodule
