// SPDX-License-Identifier: Apache-2.0
//
// Lane of Cambricon-SE's Huffman decoder: a buffer of bits, the code that it begins with, its place in the table.
//
//   word, moved up by level_o -> buffer of 95 bits -> 12 comparisons: length, code -> rank_o
//
// Codes of 12 bits at most, first bit in bit 0; moved up to 12 bits with the first bit highest they rise with
// their length, and the length is that of the first limit which they stay below.
// Example: limits 2048, 3072, 4096 ..., buffer ..0 10 110: length 3 (first bit 0 is bit 0: 0 would be length 1).
// A word may come in the cycle of a step: it goes behind what is there before the step.
// Streams: none; fill_i and step_i are pulses. Latency: rank_o the cycle behind step_i. Throughput: one code a cycle.
// Parameters:
//   MaxLength  2..12
// Model: models/cambricon_se/huffman.py.

`include "lac_assert.svh"

module lac_cse_huflane #(
  parameter  int MaxLength = 12,
  localparam int BufWidth  = 95
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    clr_i,
  input  logic                    fill_i,
  input  logic [    BufWidth-1:0] fill_data_i,  // a word, moved up by level_o
  input  logic                    step_i,       // a code is taken
  input  logic [MaxLength*13-1:0] limits_i,
  input  logic [ MaxLength*8-1:0] offsets_i,
  output logic [             4:0] level_o,      // bits, where there are fewer than 32
  output logic                    low_o,        // there are
  output logic                    ready_o,      // there is a code
  output logic                    none_o,       // it is none
  output logic                    rest_o,       // a bit is not 0
  output logic [             7:0] rank_o        // of the code of the step before
);

  `LAC_PARAM(lac_cse_huflane, MaxLength, 2, 12)

  logic [BufWidth-1:0] buf_q, filled, moved;
  logic [6:0] level_q, size;
  logic [MaxLength-1:0] code, past, length, code_q, length_q;

  assign level_o = level_q[4:0];
  assign low_o   = level_q[6:5] == '0;
  assign ready_o = level_q >= 7'(MaxLength);
  assign rest_o  = |buf_q;

  for (genvar i = 0; i < MaxLength; i++) begin : gen_code
    assign code[MaxLength-1-i] = buf_q[i];
  end
  // Limits of 12 bits, whatever MaxLength is.
  for (genvar i = 0; i < MaxLength; i++) begin : gen_past
    assign past[i] = 13'(code) >= limits_i[i*13+:13];
  end
  assign length = ~past & {past[MaxLength-2:0], 1'b1};
  assign none_o = past[MaxLength-1];

  // The step: one of MaxLength moves.
  assign filled = fill_i ? buf_q | fill_data_i : buf_q;
  for (genvar i = 0; i < MaxLength; i++) begin : gen_move
    logic [BufWidth-1:0] part;
    logic [6:0] number;
    if (i == 0) begin : gen_first
      assign part   = length[0] ? filled >> 1 : '0;
      assign number = 7'(length[0]);
    end else begin : gen_next
      assign part   = gen_move[i-1].part | (length[i] ? filled >> (i + 1) : '0);
      assign number = gen_move[i-1].number | (length[i] ? 7'(i + 1) : '0);
    end
  end
  assign moved = step_i ? gen_move[MaxLength-1].part : filled;
  assign size  = step_i ? gen_move[MaxLength-1].number : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      buf_q   <= '0;
      level_q <= '0;
    end else if (clr_i) begin
      buf_q   <= '0;
      level_q <= '0;
    end else begin
      buf_q   <= moved;
      level_q <= level_q + {fill_i, 6'd0} - size;
    end
  end

  // A cycle behind: code and offset of its length.
  always_ff @(posedge clk_i) begin
    if (step_i) begin
      code_q   <= code;
      length_q <= length;
    end
  end
  for (genvar i = 0; i < MaxLength; i++) begin : gen_rank
    logic [7:0] found, mine;
    assign mine = 8'(code_q >> (MaxLength - 1 - i));
    if (i == 0) begin : gen_first
      assign found = length_q[0] ? mine + offsets_i[7:0] : '0;
    end else begin : gen_next
      assign found = gen_rank[i-1].found | (length_q[i] ? mine + offsets_i[i*8+:8] : '0);
    end
  end
  assign rank_o = gen_rank[MaxLength-1].found;

  `LAC_ASSERT(fill_low, !fill_i || low_o, "a word for a lane that has enough")
  `LAC_ASSERT(step_ready, !step_i || clr_i || (ready_o && !none_o), "a step without a code")
  `LAC_ASSERT(one_length, !step_i || $onehot(length), "a code of no length, or of several")
  `LAC_ASSERT(level_range, level_q <= 7'(BufWidth), "more bits than there is room for")
  `LAC_ASSERT(empty_above, buf_q >> level_q == '0, "bits above the level")
  `LAC_COVER(cover_longest, step_i && length[MaxLength-1])
  `LAC_COVER(cover_full, level_q == 7'(BufWidth))

endmodule
