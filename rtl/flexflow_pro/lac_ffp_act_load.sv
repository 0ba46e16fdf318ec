// SPDX-License-Identifier: Apache-2.0
//
// Activation loader: cells of the column buffers, and which of their words live.
//
//   words of the packet -> column, part, cell; |x| > THRESHOLD -> write bus
//
// The packet has the cells of column 0, then those of column 1, and so on, each in MaskWord/4 stream
// words. The most negative activation counts as 32768.
// Streams: pay, always ready.
// Throughput: one stream word per cycle. Latency: stream word to write 1 cycle.
// Parameters:
//   Cols      2..32
//   MaskWord  4..16, 4, 8 or 16
//   ActDepth  2..65536
// Model: models/flexflow_pro/packets.py.

`include "lac_assert.svh"

module lac_ffp_act_load #(
  parameter  int Cols      = 16,
  parameter  int MaskWord  = 16,
  parameter  int ActDepth  = 512,
  localparam int NumParts  = MaskWord / 4,
  localparam int AddrWidth = `LAC_INDEX_BITS(ActDepth)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clr_i,
  input  logic                 start_i,
  input  logic [         15:0] threshold_i,
  input  logic [         16:0] col_cells_i,  // cells of a column in the packet
  input  logic                 pay_valid_i,
  input  logic [         63:0] pay_data_i,
  output logic [     Cols-1:0] wr_col_o,     // one-hot, or no write
  output logic [ NumParts-1:0] wr_part_o,    // one-hot
  output logic [AddrWidth-1:0] wr_addr_o,    // cell
  output logic [         63:0] wr_data_o,
  output logic [          3:0] wr_mask_o     // words that live
);

  `LAC_PARAM(lac_ffp_act_load, Cols, 2, 32)
  `LAC_PARAM_RULE(lac_ffp_act_load, MaskWord, 4, 16,
                  MaskWord == 4 || MaskWord == 8 || MaskWord == 16, "4, 8 or 16")
  `LAC_PARAM(lac_ffp_act_load, ActDepth, 2, 65536)

  logic [Cols-1:0] col_q;  // 0 behind the last
  logic [NumParts-1:0] part_q;
  logic [15:0] addr_q;
  logic [3:0] live;
  logic cell_ends, col_ends;

  assign cell_ends = part_q[NumParts-1];
  assign col_ends  = cell_ends & (addr_q == 16'(col_cells_i - 17'd1));

  for (genvar k = 0; k < 4; k++) begin : gen_word
    logic [15:0] word, size;
    assign word    = pay_data_i[k*16+:16];
    assign size    = word[15] ? 16'd0 - word : word;  // 32768 stays
    assign live[k] = size > threshold_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) wr_col_o <= '0;
    else wr_col_o <= pay_valid_i && !clr_i ? col_q : '0;
  end

  if (NumParts == 1) begin : gen_one
    assign part_q = 1'b1;
  end else begin : gen_parts
    always_ff @(posedge clk_i) begin
      if (start_i) part_q <= NumParts'(1);
      else if (pay_valid_i) part_q <= {part_q[NumParts-2:0], part_q[NumParts-1]};
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      col_q  <= Cols'(1);
      addr_q <= '0;
    end else if (pay_valid_i && cell_ends) begin
      addr_q <= col_ends ? '0 : addr_q + 16'd1;
      if (col_ends) col_q <= col_q << 1;
    end
    if (pay_valid_i) begin
      wr_part_o <= part_q;
      wr_addr_o <= AddrWidth'(addr_q);
      wr_data_o <= pay_data_i;
      wr_mask_o <= live;
    end
  end

  `LAC_ASSERT(start_between, !start_i || !pay_valid_i, "started while a packet is written")
  `LAC_ASSERT(one_column, $onehot0(wr_col_o), "two columns take a word")
  `LAC_ASSERT(one_part, wr_col_o == '0 || $onehot(wr_part_o), "no part, or two")
  `LAC_ASSERT(in_range, wr_col_o == '0 || 32'(wr_addr_o) < 32'(ActDepth), "a cell past the buffer")
  `LAC_ASSERT(column_left, !pay_valid_i || col_q != '0, "a word behind the last column")

endmodule
