// SPDX-License-Identifier: Apache-2.0
//
// Activation loader: writes one activation packet into the activation buffer, from the base on.
//
//   words of the packet -> NumWords of them side by side -> buffer word
//
// Example, Rows 8, 16 bits: two stream words, lanes 0..3 and 4..7, make a word of the buffer.
// Streams: pay, always ready.
// Throughput: one stream word per cycle. Latency: last stream word to write 1 cycle.
// Parameters:
//   Rows       4..128, a power of two
//   DataWidth  64
//   ActWidth   8..16, 8 or 16
//   AddrWidth  1..24
// Model: models/dense packets.

`include "lac_assert.svh"

module lac_array_act_load #(
  parameter  int Rows      = 16,
  parameter  int DataWidth = 64,
  parameter  int ActWidth  = 16,
  parameter  int AddrWidth = 14,
  localparam int WordWidth = Rows * ActWidth
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 start_i,
  input  logic [AddrWidth-1:0] act_base_i,
  input  logic                 pay_valid_i,
  input  logic [DataWidth-1:0] pay_data_i,
  output logic                 wr_en_o,
  output logic [AddrWidth-1:0] wr_addr_o,
  output logic [WordWidth-1:0] wr_data_o
);

  `LAC_PARAM_RULE(lac_array_act_load, Rows, 4, 128, (Rows & (Rows - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_array_act_load, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_array_act_load, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_array_act_load, AddrWidth, 1, 24)

  localparam int NumWords = (WordWidth + DataWidth - 1) / DataWidth;

  logic                 last;
  logic [          4:0] part_q;
  logic [AddrWidth-1:0] addr_q;

  assign last = part_q == 5'(NumWords - 1);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) wr_en_o <= 1'b0;
    else wr_en_o <= pay_valid_i & last;
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      part_q <= '0;
      addr_q <= act_base_i;
    end else if (pay_valid_i) begin
      part_q <= last ? '0 : part_q + 5'd1;
      if (last) addr_q <= addr_q + AddrWidth'(1);
    end
    if (pay_valid_i) wr_addr_o <= addr_q;
  end

  if (NumWords == 1) begin : gen_one
    always_ff @(posedge clk_i) if (pay_valid_i) wr_data_o <= pay_data_i[WordWidth-1:0];
    if (WordWidth < DataWidth) begin : gen_unused
      logic unused_lanes;
      assign unused_lanes = ^pay_data_i[DataWidth-1:WordWidth];
    end
  end else begin : gen_parts
    for (genvar w = 0; w < NumWords; w++) begin : gen_part
      always_ff @(posedge clk_i)
        if (pay_valid_i && part_q == 5'(w))
          wr_data_o[w*DataWidth+:DataWidth] <= pay_data_i;
    end
  end

  `LAC_ASSERT(start_between, !start_i || !pay_valid_i, "started while a packet is written")
  `LAC_ASSERT(part_range, !pay_valid_i || part_q < 5'(NumWords), "a word past the buffer word")
  `LAC_ASSERT(write_of_word, !wr_en_o || $past(pay_valid_i && last), "a write before its last word")

endmodule
