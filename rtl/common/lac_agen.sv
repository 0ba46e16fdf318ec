// SPDX-License-Identifier: Apache-2.0
//
// lac_agen: address generator: nested counters with a stride each.
//
// Purpose: the addresses of loops in loops, without a multiplier:
//   for i[Dims-1] in 0..count[Dims-1]-1: ... for i[0] in 0..count[0]-1:
//     addr = base + i[0] * stride[0] + ... + i[Dims-1] * stride[Dims-1]
// Example, Dims 2, base 10, counts 3 2 (level 0 first), strides 1 8: 10 11 12 18 19 20; out_last_o is
//   00 00 01 10 10 11, out_first_o 11 10 10 01 00 00.
//
//   start --> | a counter and the address of its last start, per level | --> out
//
// Each level keeps the address at which its present round began; the lowest level that has not come to
// its end adds its stride to it, and all below it start there. Addresses wrap, so a negative stride
// is its two's complement. out_first_o[l], out_last_o[l]: counter l is at 0, at its last value
// (several or all may be, also with a count of 1).
// Streams: out_*; valid from a register, address and first from registers, last behind a comparison.
// start_i: a pulse while idle, or as the last address is taken; base, counts (1 or more) and strides
// stay from it to the last address.
// clr_i: idle at the next edge.
// Latency: start_i to out_valid_o 1 cycle. Throughput: 1 address per cycle.
// Parameters:
//   Dims        1..16
//   AddrWidth   1..64
//   CountWidth  1..32
// Model: nested loops in the bench. Source: common practice.

`include "lac_assert.svh"

module lac_agen #(
  parameter int Dims = 3,
  parameter int AddrWidth = 16,
  parameter int CountWidth = 16
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       clr_i,
  input  logic                       start_i,
  input  logic [      AddrWidth-1:0] base_i,
  input  logic [Dims*CountWidth-1:0] count_i,
  input  logic [ Dims*AddrWidth-1:0] stride_i,
  output logic                       out_valid_o,
  input  logic                       out_ready_i,
  output logic [      AddrWidth-1:0] out_addr_o,
  output logic [           Dims-1:0] out_first_o,
  output logic [           Dims-1:0] out_last_o
);

  `LAC_PARAM(lac_agen, Dims, 1, 16)
  `LAC_PARAM(lac_agen, AddrWidth, 1, 64)
  `LAC_PARAM(lac_agen, CountWidth, 1, 32)

  logic step;
  logic [Dims-1:0] steps;  // all below are at their last
  logic [AddrWidth-1:0] next_addr;

  assign step = out_valid_o & out_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) out_valid_o <= 1'b0;
    else if (clr_i) out_valid_o <= 1'b0;
    else if (start_i) out_valid_o <= 1'b1;
    else if (step && out_last_o == '1) out_valid_o <= 1'b0;
  end

  for (genvar l = 0; l < Dims; l++) begin : gen_level
    logic [CountWidth-1:0] index_q, index_next;
    logic [AddrWidth-1:0] origin_q, sum;

    assign index_next = index_q + CountWidth'(1);
    assign out_first_o[l] = index_q == '0;
    assign out_last_o[l] = index_next == count_i[l*CountWidth+:CountWidth];
    if (l == 0) begin : gen_inner
      assign steps[l] = 1'b1;
    end else begin : gen_outer
      assign steps[l] = steps[l-1] & out_last_o[l-1];
    end
    // The stride of the level that moves on, added to where its round began.
    if (l == Dims - 1) begin : gen_top
      assign sum = origin_q + stride_i[l*AddrWidth+:AddrWidth];
    end else begin : gen_choose
      assign sum = out_last_o[l] ? gen_level[l+1].sum : origin_q + stride_i[l*AddrWidth+:AddrWidth];
    end

    always_ff @(posedge clk_i) begin
      if (start_i) begin
        index_q  <= '0;
        origin_q <= base_i;
      end else if (step && steps[l]) begin
        index_q  <= out_last_o[l] ? '0 : index_next;
        origin_q <= next_addr;
      end
    end
  end
  assign next_addr  = gen_level[0].sum;
  assign out_addr_o = gen_level[0].origin_q;

  `LAC_STREAM_CLR(out_valid_o, out_ready_i, {out_addr_o, out_first_o, out_last_o}, clr_i)
  `LAC_ASSERT(start_idle, !start_i || !out_valid_o || clr_i || (step && out_last_o == '1),
              "started while it runs")
  for (genvar l = 0; l < Dims; l++) begin : gen_check
    `LAC_ASSERT(count, !start_i || count_i[l*CountWidth+:CountWidth] != '0, "a count of 0")
    `LAC_ASSERT(index_range,
                !out_valid_o || start_i || gen_level[l].index_q < count_i[l*CountWidth+:CountWidth],
                "a counter past its last value")
  end
  `LAC_COVER(cover_ends_at_once, step && out_first_o == '1 && out_last_o == '1)
  `LAC_COVER(cover_all_levels, step && steps == '1 && out_last_o != '1)

endmodule
