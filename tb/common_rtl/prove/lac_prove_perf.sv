// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_perf: a counter is the sum of its increments, or all ones when that is larger.

`include "lac_prove.svh"

module lac_prove_perf #(
  parameter int NumCounters = 2,
  parameter int IncWidth = 9,
  localparam int SumWidth = 48
) (
  input logic                            clk_i,
  input logic                            rst_ni,
  input logic                            clr_i,
  input logic [NumCounters*IncWidth-1:0] inc_i
);

  logic [NumCounters*32-1:0] count;

  lac_perf #(
    .NumCounters(NumCounters),
    .IncWidth   (IncWidth)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .clr_i,
    .inc_i,
    .count_o(count)
  );

  `LAC_PROVE_RESET
  for (genvar c = 0; c < NumCounters; c++) begin : gen_counter
    logic [SumWidth-1:0] sum_q;  // of all increments that can be seen by now, without limit
    logic [IncWidth-1:0] late_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        sum_q  <= '0;
        late_q <= '0;
      end else if (clr_i) begin
        sum_q  <= '0;
        late_q <= '0;
      end else begin
        sum_q  <= sum_q + SumWidth'(late_q);
        late_q <= inc_i[c*IncWidth+:IncWidth];
      end
    end
    // What has not happened in 2^15 cycles of the largest increment beyond the limit is far away.
    `LAC_ASSUME(!sum_q[SumWidth-1])
    `LAC_ASSERT(is_sum, count[c*32+:32] == (sum_q >> 32 != '0 ? 32'hffff_ffff : sum_q[31:0]),
                "a counter is not the sum of its increments")
    `LAC_ASSERT(same_late, late_q == u_dut.inc_q[c*IncWidth+:IncWidth], "another increment")
    `LAC_COVER(cover_counts, count[c*32+:32] > 32'd2)
  end

endmodule
