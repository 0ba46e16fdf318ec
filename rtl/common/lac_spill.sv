// SPDX-License-Identifier: Apache-2.0
//
// lac_spill: register in both directions of a stream, so that no path goes through it.
//
// Purpose: cuts a long path. Neither `valid` and data nor `ready` pass without a register, at full
//   throughput; lac_fifo with Depth 2 does the same with a multiplexer behind its words.
// Example, words a b c d, consumer waits until cycle 3:
//   cycle      0 1 2 3 4 5
//   in         a b c c c d     in_ready  1 1 0 0 1 1
//   out        - a a a b c     out_ready 0 0 0 1 1 1
//
//   in --+---------------------> | out register | --> out
//        +--> | spill register | ------^
//
// The spill register takes the word that comes while the output register is full and waits.
// Streams: in_*, out_*; in_ready_o is the spill register's valid inverted, out_valid_o and
//   out_data_o are registers. No combinational path from any input to any output.
// clr_i: empties it at the next edge; a word offered or taken in that cycle is lost.
// Latency 1 cycle. Throughput 1 word per cycle. Holds 2 words. Payload is not reset.
// Parameters:
//   Width  1..4096
// Model: Spill in tb/common_rtl/stream_models.py. Source: common practice (skid buffer).

`include "lac_assert.svh"

module lac_spill #(
  parameter int Width = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clr_i,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_data_i,
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [Width-1:0] out_data_o
);

  `LAC_PARAM(lac_spill, Width, 1, 4096)

  logic out_valid_q, spill_valid_q;
  logic [Width-1:0] out_data_q, spill_data_q;
  logic push, moves;

  assign in_ready_o = ~spill_valid_q;
  assign out_valid_o = out_valid_q;
  assign out_data_o = out_data_q;

  assign push = in_valid_i & ~spill_valid_q;
  assign moves = out_ready_i | ~out_valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      out_valid_q   <= 1'b0;
      spill_valid_q <= 1'b0;
    end else if (clr_i) begin
      out_valid_q   <= 1'b0;
      spill_valid_q <= 1'b0;
    end else begin
      if (moves) out_valid_q <= push | spill_valid_q;
      spill_valid_q <= ~moves & (push | spill_valid_q);
    end
  end

  always_ff @(posedge clk_i) begin
    if (moves & (push | spill_valid_q)) out_data_q <= spill_valid_q ? spill_data_q : in_data_i;
    if (push & ~moves) spill_data_q <= in_data_i;
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, in_data_i, clr_i)
  `LAC_STREAM_CLR(out_valid_o, out_ready_i, out_data_o, clr_i)
  `LAC_ASSERT(spill_behind_out, !spill_valid_q || out_valid_q, "a word behind an empty output")
  `LAC_COVER(cover_spilled, spill_valid_q && in_valid_i && out_ready_i)
  `LAC_COVER(cover_through, push && out_valid_q && out_ready_i)

endmodule
