// SPDX-License-Identifier: Apache-2.0
//
// Events of FlexFlow-Pro: those of all rows and columns added up, for the socket.
//
//   counts of rows (two cycles late) -> sums -> register -> events_o
//   fires, sums, cells and words of columns, loads -> counts -> register --^
//
// Of accounts each position is counted 3 cycles after it was looked at, before the end of Compute. What
// is on its way when a pass is cut off is not counted, as counters are final with the
// interrupt: nothing from clr on, to the first phase of the next pass.
// Latency 1 cycle. Throughput all events of a cycle.
// Parameters:
//   Rows      2..32
//   Cols      2..32
//   MaskWord  4..16
// Model: models/flexflow_pro, counters.

`include "lac_assert.svh"

module lac_ffp_events
  import lac_socket_pkg::*, lac_ffp_pkg::*;
#(
  parameter  int Rows      = 16,
  parameter  int Cols      = 16,
  parameter  int MaskWord  = 16,
  localparam int CountBits = $clog2(Cols + 1),
  localparam int RowCounts = 5 * CountBits,           // bits of lac_ffp_event_t, a count each
  localparam int TotalBits = $clog2(Rows * Cols + 1)
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  lac_pass_t                        pass_i,
  input  logic        [Rows*RowCounts-1:0] counts_i,
  input  logic        [          Rows-1:0] sums_i,    // accumulators that are added to
  input  logic                             keep_i,    // and read
  input  logic        [          Cols-1:0] cells_i,   // on the column buses
  input  logic        [        2*Cols-1:0] words_i,
  input  logic        [          Cols-1:0] full_i,
  input  logic                             out_rd_i,
  input  logic                             wr_wgt_i,
  input  logic                             wr_act_i,
  output logic                             step_o,    // something moved
  output lac_events_t                      events_o
);

  `LAC_PARAM(lac_ffp_events, Rows, 2, 32)
  `LAC_PARAM(lac_ffp_events, Cols, 2, 32)
  `LAC_PARAM(lac_ffp_events, MaskWord, 4, 16)

  // Sums over the rows, one kind after the other: the turns of the loop hand on a signal each.
  logic [FFP_EVENT_BITS*TotalBits-1:0] totals, totals_q;
  for (genvar k = 0; k < FFP_EVENT_BITS; k++) begin : gen_kind
    for (genvar i = 0; i < Rows; i++) begin : gen_row
      logic [TotalBits-1:0] total, mine;
      assign mine = TotalBits'(counts_i[i*RowCounts+k*CountBits+:CountBits]);
      if (i == 0) begin : gen_first
        assign total = mine;
      end else begin : gen_next
        assign total = gen_row[i-1].total + mine;
      end
    end
    assign totals[k*TotalBits+:TotalBits] = gen_row[Rows-1].total;
  end

  logic [Cols-1:0] words_low, words_high;
  for (genvar j = 0; j < Cols; j++) begin : gen_words
    assign words_low[j]  = words_i[2*j];
    assign words_high[j] = words_i[2*j+1];
  end

  logic cut_q, out_rd_q;
  logic [5:0] sums_q, cells_q, full_q;
  logic [6:0] words_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) cut_q <= 1'b1;
    else if (pass_i.clr) cut_q <= 1'b1;
    else if (pass_i.load_wgt || pass_i.load_act || pass_i.compute || pass_i.emit) cut_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    totals_q <= totals;
    sums_q   <= 6'($countones(sums_i));
    cells_q  <= 6'($countones(cells_i));
    full_q   <= 6'($countones(full_i));
    words_q  <= 7'($countones(words_low)) + {6'($countones(words_high)), 1'b0};
    out_rd_q <= out_rd_i;
  end

  assign step_o = (totals_q[0+:TotalBits] != '0) | (totals_q[4*TotalBits+:TotalBits] != '0)
                | (cells_q != '0) | (words_q != '0) | (sums_q != '0) | out_rd_q;

  lac_events_t counted;
  assign counted.mac_useful       = 16'(totals_q[4*TotalBits+:TotalBits]);
  assign counted.slot_padding     = 16'(totals_q[3*TotalBits+:TotalBits]);
  assign counted.slot_empty       = 16'(totals_q[2*TotalBits+:TotalBits]);
  assign counted.stall_sync       = 16'(totals_q[1*TotalBits+:TotalBits]);
  assign counted.stall_bank       = '0;
  assign counted.stall_queue_full = '0;
  assign counted.wgt_reads        = 16'(totals_q[4*TotalBits+:TotalBits]);
  assign counted.wgt_writes       = wr_wgt_i ? 16'd4 : '0;
  assign counted.idx_reads        = 16'(totals_q[0+:TotalBits]);
  assign counted.idx_writes       = 16'(cells_q) * 16'(Rows);
  assign counted.act_reads        = 16'(cells_q) * 16'(MaskWord);
  assign counted.act_writes       = wr_act_i ? 16'd4 : '0;
  assign counted.psum_reads       = out_rd_q ? 16'(Rows) : keep_i ? 16'(sums_q) : '0;
  assign counted.psum_writes      = 16'(sums_q);
  assign counted.broadcasts       = 16'(words_q);
  assign counted.bypass_hits      = '0;
  assign counted.own              = {96'd0, 16'(full_q), 16'(cells_q)};
  assign events_o                 = pass_i.clr || cut_q ? '0 : counted;

  // Phases are the socket's.
  logic unused_pass;
  assign unused_pass = ^pass_i;

  logic [17:0] accounts;
  assign accounts = 18'(counted.mac_useful) + 18'(counted.slot_padding) + 18'(counted.slot_empty)
                  + 18'(counted.stall_sync);
  `LAC_ASSERT(slots_range, 32'(accounts) <= Rows * Cols, "more accounts than multipliers")
  `LAC_ASSERT(words_of_cells, 32'(words_q) <= 2 * Cols, "more words than the buses have")
  `LAC_ASSERT(loads_apart, !(wr_wgt_i && wr_act_i), "weights and activations are loaded at once")

endmodule
