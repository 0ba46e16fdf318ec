// SPDX-License-Identifier: Apache-2.0
//
// Order of Cambricon-SE: with each vector, 5 cycles behind its pick, the output that it belongs to.
//
//   fire_i, last_i, final_i of the pick -> 5 registers -> fire_o, first_o; ctl_o with address and bias
//
// Outputs are numbered as they end: accumulator n is output n, bias n / pixels.
// Latency 5 cycles. Throughput: a vector per cycle.
// Parameters:
//   AccDepth   1..65536
//   BiasDepth  1..4096
// Model: models/cambricon_se machine.

`include "lac_assert.svh"

module lac_cse_order #(
  parameter  int AccDepth  = 1024,
  parameter  int BiasDepth = 64,
  localparam int AccAddr   = `LAC_INDEX_BITS(AccDepth),
  localparam int BiasAddr  = `LAC_INDEX_BITS(BiasDepth)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clr_i,
  input  logic                start_i,
  input  logic [        16:0] pixels_i,    // P*Q
  input  logic                fire_i,
  input  logic                last_i,      // of its output
  input  logic                final_i,     // of the core's pass
  output logic                fire_mid_o,  // 3 cycles behind
  output logic                fire_o,      // 5 cycles behind
  output logic                first_o,
  output logic                ctl_o,
  output logic                ctl_last_o,
  output logic [ AccAddr-1:0] ctl_addr_o,
  output logic [BiasAddr-1:0] ctl_bias_o
);

  `LAC_PARAM(lac_cse_order, AccDepth, 1, 65536)
  `LAC_PARAM(lac_cse_order, BiasDepth, 1, 4096)

  localparam int Delay = 5;

  logic [Delay-1:0] fire_q, last_q, final_q;
  logic first_q, pixel_ends;
  logic [AccAddr-1:0] addr_q;
  logic [BiasAddr-1:0] bias_q;
  logic [16:0] left_q;  // pixels of the group behind this one

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) fire_q <= '0;
    else if (clr_i) fire_q <= '0;
    else fire_q <= {fire_q[Delay-2:0], fire_i};
  end
  always_ff @(posedge clk_i) begin
    last_q  <= {last_q[Delay-2:0], last_i};
    final_q <= {final_q[Delay-2:0], final_i};
  end

  assign fire_mid_o = fire_q[2];
  assign fire_o     = fire_q[Delay-1];
  assign first_o    = first_q;
  assign ctl_o      = fire_o & last_q[Delay-1];
  assign ctl_last_o = final_q[Delay-1];
  assign ctl_addr_o = addr_q;
  assign ctl_bias_o = bias_q;
  assign pixel_ends = left_q == '0;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      first_q <= 1'b1;
      addr_q  <= '0;
      bias_q  <= '0;
      left_q  <= pixels_i - 17'd1;
    end else if (fire_o) begin
      first_q <= ctl_o;
      if (ctl_o) begin
        addr_q <= addr_q + AccAddr'(1);
        bias_q <= bias_q + BiasAddr'(pixel_ends);
        left_q <= pixel_ends ? pixels_i - 17'd1 : left_q - 17'd1;
      end
    end
  end

  `LAC_ASSERT(start_idle, !start_i || fire_q == '0, "started with vectors on their way")
  `LAC_ASSERT(addr_range, !ctl_o || 32'(addr_q) < 32'(AccDepth), "an output past the accumulators")
  `LAC_COVER(cover_in_a_row, ctl_o && fire_q[Delay-2] && last_q[Delay-2])

endmodule
