// SPDX-License-Identifier: Apache-2.0
//
// Meeting of pulses in FlexFlow-Pro: a pulse when each of Num sources has had one.
//
// Of a column: a window's slices may be overwritten when the PEs of all rows are done with it. In lock
// step also of the grid: a window is there when all columns have it.
// Example, Num 2: pulses of source 0 in cycles 3 and 4, of source 1 in 6 and 9: all_o in 6 and 9.
//
//   pulse_i[n] -> count of source n that the slowest lacks -> AND -> all_o
//
// A source may be Ahead pulses in front of the slowest one. start_i and clr_i empty the counts.
// Latency: the last pulse to all_o 0 cycles. Throughput: one pulse of each source per cycle.
// Parameters:
//   Num    1..32
//   Ahead  1..64
// Model: models/flexflow_pro, release and lock step.

`include "lac_assert.svh"

module lac_ffp_release #(
  parameter  int Num       = 16,
  parameter  int Ahead     = 12,
  localparam int CountBits = $clog2(Ahead + 1)
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           clr_i,
  input  logic           start_i,
  input  logic [Num-1:0] pulse_i,
  output logic           all_o
);

  `LAC_PARAM(lac_ffp_release, Num, 1, 32)
  `LAC_PARAM(lac_ffp_release, Ahead, 1, 64)

  logic [Num-1:0] some_q, full;

  assign all_o = &(pulse_i | some_q);

  // A count, and whether it is not zero as a bit of its own: the AND of all waits for no compare.
  for (genvar n = 0; n < Num; n++) begin : gen_source
    // With and without all_o, which comes last.
    logic [CountBits-1:0] count_q, with_all, without;
    logic some_with_all, some_without;
    assign with_all = pulse_i[n] ? count_q : count_q - CountBits'(1);
    assign without = pulse_i[n] ? count_q + CountBits'(1) : count_q;
    assign some_with_all = pulse_i[n] ? some_q[n] : count_q != CountBits'(1);
    assign some_without = pulse_i[n] | some_q[n];
    assign full[n] = count_q == CountBits'(Ahead);
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        count_q   <= '0;
        some_q[n] <= 1'b0;
      end else if (clr_i || start_i) begin
        count_q   <= '0;
        some_q[n] <= 1'b0;
      end else begin
        count_q   <= all_o ? with_all : without;
        some_q[n] <= all_o ? some_with_all : some_without;
      end
    end
  end

  `LAC_ASSERT(within_ahead, (full & pulse_i) == '0 || all_o || start_i || clr_i,
              "a source is too far in front")
  `LAC_ASSERT(not_all_ahead, !(&some_q), "all sources have pulses that nothing answered")
  `LAC_COVER(cover_in_a_row, all_o && pulse_i == '1)
  `LAC_COVER(cover_waited, all_o && some_q != '0)

endmodule
