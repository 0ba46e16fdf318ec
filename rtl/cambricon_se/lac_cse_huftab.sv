// SPDX-License-Identifier: Apache-2.0
//
// Code table of Cambricon-SE's Huffman decoder: limits and offsets of canonical codes from the numbers of
// codes by length; checks the table.
//
//   four words of numbers -> a number in a cycle -> limit, offset of its length      words of symbols -> sym_*
//
// limit of length l: the first 12-bit number behind all codes of at most l bits. offset of l: place of the first code
// of l bits among the symbols, less that code. A symbol's place is the code plus the offset, modulo 256.
// Example: numbers 1 1 2 0 ..: limits 2048, 3072, 4096 ..; offsets 0, 255, 252.
// Streams: in, a word of numbers is taken with its last number. Throughput: a word of numbers in 4 cycles,
// a word of symbols in 1. Latency: valid_o is high the cycle behind the last word, if no word was at fault.
// err_o: of the word that is taken: a number above 511 or of a length past MaxLength, numbers that are
// not open_count_i in all, codes that are not complete (a single code of 1 bit is), a symbol behind the last.
// Parameters:
//   MaxLength  1..12
// Source: Schwartz, Kallick, "Generating a canonical prefix encoding", CACM 1964. Model: models/cambricon_se/huffman.py.

`include "lac_assert.svh"

module lac_cse_huftab #(
  parameter int MaxLength = 12
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    clr_i,
  input  logic                    open_i,        // a table begins with the next word
  input  logic [             8:0] open_count_i,  // symbols of it, 1..256
  input  logic                    in_valid_i,
  output logic                    in_ready_o,
  input  logic [            63:0] in_data_i,
  input  logic                    in_last_i,     // its last word
  output logic                    err_o,
  output logic                    valid_o,       // there is a table
  output logic                    sym_en_o,
  output logic [             4:0] sym_addr_o,    // 8 symbols
  output logic [MaxLength*13-1:0] limits_o,      // length 1 lowest
  output logic [ MaxLength*8-1:0] offsets_o
);

  `LAC_PARAM(lac_cse_huftab, MaxLength, 1, 12)

  localparam int SpaceWidth = 25;  // 16 numbers of 9 bits, of 2^11 each
  localparam logic [SpaceWidth-1:0] Full = SpaceWidth'(1 << MaxLength);

  logic symbols_q, spoilt_q, bad, sum_bad, past_bad, last_number, number_word_ends;
  logic [3:0] index_q;  // length - 1
  logic [8:0] count_q;
  logic [12:0] codes_q, codes;  // 16 numbers of 9 bits
  logic [SpaceWidth-1:0] space_q, space;
  logic [ 7:0] first;
  logic [15:0] number;
  logic [ 3:0] shift;
  logic [ 4:0] addr_q;
  logic [ 2:0] over;  // symbols of the last word, 0: all

  assign number = in_data_i[{index_q[1:0], 4'd0}+:16];
  assign shift = 4'(MaxLength - 1) - index_q;
  assign first = 8'(space_q >> shift);
  assign space = space_q + (SpaceWidth'(number[8:0]) << shift);
  assign codes = codes_q + 13'(number[8:0]);
  assign last_number = index_q == '1;
  assign number_word_ends = index_q[1:0] == '1;

  // Fault of a number; of all of them, with the last.
  assign bad = (number[15:9] != '0) | ((index_q >= 4'(MaxLength)) & (number != '0));
  assign sum_bad = last_number & ((codes_q != 13'(count_q))
                 | ~((space_q == Full) | ((count_q == 9'd1) & (space_q == Full >> 1))));

  // Symbols behind the last one.
  logic [7:0] past, behind;
  assign over   = count_q[2:0];
  assign behind = over == '0 ? '0 : 8'hFF << over;
  for (genvar i = 0; i < 8; i++) begin : gen_past
    assign past[i] = behind[i] & (in_data_i[i*8+:8] != '0);
  end
  assign past_bad   = in_last_i & (past != '0);

  assign in_ready_o = symbols_q | number_word_ends;
  assign err_o      = in_valid_i & in_ready_o & (symbols_q ? past_bad : bad | spoilt_q | sum_bad);
  assign sym_en_o   = in_valid_i & symbols_q;
  assign sym_addr_o = addr_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_o   <= 1'b0;
      symbols_q <= 1'b0;
      index_q   <= '0;
    end else if (open_i || clr_i) begin
      valid_o   <= valid_o & ~open_i;
      symbols_q <= 1'b0;
      index_q   <= '0;
    end else if (in_valid_i) begin
      if (!symbols_q) index_q <= index_q + 4'd1;
      if (last_number && !symbols_q) symbols_q <= 1'b1;
      if (symbols_q && in_last_i && !past_bad) valid_o <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (open_i) begin
      count_q  <= open_count_i;
      codes_q  <= '0;
      space_q  <= '0;
      spoilt_q <= 1'b0;
      addr_q   <= '0;
    end else if (in_valid_i && !symbols_q) begin
      spoilt_q <= spoilt_q | bad;
      if (index_q < 4'(MaxLength)) begin
        codes_q <= codes;
        space_q <= space;
      end
    end else if (in_valid_i) begin
      addr_q <= addr_q + 5'd1;
    end
  end

  for (genvar l = 0; l < MaxLength; l++) begin : gen_length
    always_ff @(posedge clk_i) begin
      if (in_valid_i && !symbols_q && index_q == 4'(l)) begin
        limits_o[l*13+:13] <= space[12:0];
        offsets_o[l*8+:8]  <= codes_q[7:0] - first;
      end
    end
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_data_i, in_last_i}, clr_i)
  `LAC_ASSERT(open_between, !open_i || !in_valid_i, "a table begins within its words")
  `LAC_ASSERT(err_of_word, !err_o || (in_valid_i && in_ready_o), "an error of a word not taken")
  `LAC_ASSERT(symbol_range, !sym_en_o || 32'(addr_q) * 8 < 32'(count_q), "a symbol past the codes")
  `LAC_COVER(cover_single, valid_o && count_q == 9'd1)

endmodule
