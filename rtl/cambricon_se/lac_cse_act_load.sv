// SPDX-License-Identifier: Apache-2.0
//
// Activation loader of Cambricon-SE: writes one activation packet into the neuron buffers.
//
//   words of the packet -> part of a row, row by row        flags of a row (neuron not zero) -> with its end
//
// Example, Window 8: words 0 and 1 are parts 0 and 1 of row 0; with word 1 wr_flags_o has 8 flags.
// Streams: pay, always ready. Throughput: one stream word per cycle. Latency: word to write 1 cycle.
// Parameters:
//   Window    8..256, a power of two
//   ActDepth  2..65536
// Model: models/cambricon_se packets.

`include "lac_assert.svh"

module lac_cse_act_load #(
  parameter  int Window    = 128,
  parameter  int ActDepth  = 1024,
  localparam int NumParts  = Window / 4,
  localparam int AddrWidth = `LAC_INDEX_BITS(ActDepth)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clr_i,
  input  logic                 start_i,
  input  logic                 pay_valid_i,
  input  logic [         63:0] pay_data_i,
  output logic [ NumParts-1:0] wr_part_o,    // one-hot, or no write
  output logic                 wr_ends_o,    // the row ends: its flags
  output logic [AddrWidth-1:0] wr_addr_o,
  output logic [         63:0] wr_data_o,
  output logic [   Window-1:0] wr_flags_o
);

  `LAC_PARAM_RULE(lac_cse_act_load, Window, 8, 256, (Window & (Window - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_cse_act_load, ActDepth, 2, 65536)

  localparam int PartBits = $clog2(NumParts);

  logic [PartBits-1:0] part_q;
  logic [AddrWidth-1:0] addr_q;
  logic [3:0] flags;
  logic last;

  assign last = &part_q;
  for (genvar n = 0; n < 4; n++) begin : gen_flag
    assign flags[n] = |pay_data_i[n*16+:16];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_part_o <= '0;
      wr_ends_o <= 1'b0;
    end else begin
      wr_part_o <= '0;
      wr_part_o[part_q] <= pay_valid_i & ~clr_i;
      wr_ends_o <= pay_valid_i & ~clr_i & last;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      part_q <= '0;
      addr_q <= '0;
    end else if (pay_valid_i) begin
      part_q <= part_q + PartBits'(1);
      if (last) addr_q <= addr_q + AddrWidth'(1);
    end
    if (pay_valid_i) begin
      wr_addr_o <= addr_q;
      wr_data_o <= pay_data_i;
    end
  end

  for (genvar p = 0; p < NumParts; p++) begin : gen_part
    always_ff @(posedge clk_i)
      if (pay_valid_i && part_q == PartBits'(p))
        wr_flags_o[p*4+:4] <= flags;
  end

  `LAC_ASSERT(start_between, !start_i || !pay_valid_i, "started while a packet is written")
  `LAC_ASSERT(one_part, $onehot0(wr_part_o), "two parts are written at once")
  `LAC_ASSERT(flags_with_part, !wr_ends_o || wr_part_o[NumParts-1], "flags before the row ends")

endmodule
