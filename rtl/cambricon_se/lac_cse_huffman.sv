// SPDX-License-Identifier: Apache-2.0
//
// Huffman decoder of Cambricon-SE's weight stream: NumLanes codes of a row in a cycle.
//
//   words of TABLE -> lac_cse_huftab -> limits, offsets; symbols -> a memory in each lane
//   words of CODES -> the lowest lane that is low -> lac_cse_huflane -> rank -> symbol -> out
//
// A tick is a cycle in which run_i is high and, if a lane is low, there is a word: the lowest lane that is low takes
// it, and if all lanes have a code there is a step: all lanes decode (of the last step of a row as many as are left).
// Strings go on while the packet does. spent_i: the word at the door is the packet's last and has been
// used: it waits there, so that an error has a word.
// Example: 8 lanes, CodeRow 12: steps of 8 and 4 codes in turn; row_ends_i with the second.
// Errors, of the word that is at the door: ErrTable of a table, ErrCode of bits that are no code, ErrShort if a lane asks
// for a word and the last is spent.
// Streams: in. Latency: step to out 2 cycles. Throughput: NumLanes codes per tick.
// Parameters:
//   NumLanes  1..16
//   LastLanes 1..16, at most NumLanes
//   TagWidth  1..64
//   ErrTable  0..255
//   ErrCode   0..255
//   ErrShort  0..255
// Model: models/cambricon_se/huffman.py.

`include "lac_assert.svh"

module lac_cse_huffman
  import lac_pkg::*;
#(
  parameter int NumLanes  = 16,
  parameter int LastLanes = 16,  // in the last step of a row
  parameter int TagWidth  = 8,
  parameter int ErrTable  = 34,
  parameter int ErrCode   = 35,
  parameter int ErrShort  = 36
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  lac_mem_cfg_t                  mem_cfg_i,
  input  logic                          clr_i,         // all but the table
  input  logic                          open_i,        // a table begins behind this cycle
  input  logic         [           8:0] open_count_i,
  input  logic                          table_i,       // words at the door are of a table
  input  logic                          table_last_i,  // its last
  input  logic                          run_i,         // they are of codes
  input  logic                          row_ends_i,    // the next step is the last of its row
  input  logic         [  TagWidth-1:0] tag_i,         // of the next step
  input  logic                          in_valid_i,
  output logic                          in_ready_o,    // the word is used
  input  logic         [          63:0] in_data_i,
  input  logic                          spent_i,
  output logic                          step_o,
  output logic                          err_o,
  output logic         [           7:0] err_code_o,
  output logic                          valid_o,       // there is a table
  output logic                          busy_o,        // a step is on its way to out
  output logic                          rest_o,        // a bit is not 0
  output logic                          out_valid_o,
  output logic         [  TagWidth-1:0] out_tag_o,
  output logic         [NumLanes*8-1:0] out_codes_o    // 0 in lanes that rest
);

  `LAC_PARAM(lac_cse_huffman, NumLanes, 1, 16)
  `LAC_PARAM_RULE(lac_cse_huffman, LastLanes, 1, 16, LastLanes <= NumLanes, "at most NumLanes")
  `LAC_PARAM(lac_cse_huffman, TagWidth, 1, 64)
  `LAC_PARAM(lac_cse_huffman, ErrTable, 0, 255)
  `LAC_PARAM(lac_cse_huffman, ErrCode, 0, 255)
  `LAC_PARAM(lac_cse_huffman, ErrShort, 0, 255)

  localparam int MaxLength = 12;
  localparam int BufWidth = 95;
  localparam int IndexBits = `LAC_INDEX_BITS(NumLanes);
  localparam logic [NumLanes-1:0] LastMask = NumLanes'((1 << LastLanes) - 1);

  // table --------------------------------------------------------------------------------------
  logic table_ready, table_err, sym_en;
  logic [4:0] sym_addr;
  logic [MaxLength*13-1:0] limits;
  logic [MaxLength*8-1:0] offsets;

  lac_cse_huftab #(
    .MaxLength(MaxLength)
  ) u_table (
    .clk_i,
    .rst_ni,
    .clr_i,
    .open_i,
    .open_count_i,
    .in_valid_i(in_valid_i & table_i),
    .in_ready_o(table_ready),
    .in_data_i,
    .in_last_i (table_last_i),
    .err_o     (table_err),
    .valid_o,
    .sym_en_o  (sym_en),
    .sym_addr_o(sym_addr),
    .limits_o  (limits),
    .offsets_o (offsets)
  );

  // ticks --------------------------------------------------------------------------------------
  logic [NumLanes-1:0] low, ready, none, rest, active, pick;
  logic asks, all_ready, no_code, is_short, tick, fill;
  logic [IndexBits-1:0] index;
  logic [NumLanes*5-1:0] levels;
  logic [4:0] level;
  logic [BufWidth-1:0] fill_data;

  assign active = row_ends_i ? LastMask : '1;
  lac_ffs #(
    .Width(NumLanes)
  ) u_low (
    .in_i    (low),
    .valid_o (asks),
    .index_o (index),
    .onehot_o(pick)
  );
  assign all_ready  = &ready;
  assign no_code    = all_ready & ((none & active) != '0);
  assign is_short   = asks & spent_i;
  assign tick       = run_i & ~no_code & (~asks | (in_valid_i & ~spent_i));
  assign fill       = tick & asks;
  assign step_o     = tick & all_ready;
  assign level      = levels[32'(index)*5+:5];
  assign fill_data  = BufWidth'(in_data_i) << level;
  assign rest_o     = |rest;

  assign in_ready_o = table_i ? table_ready : fill;
  assign err_o      = table_err | (run_i & in_valid_i & (no_code | is_short));
  assign err_code_o = table_err ? 8'(ErrTable) : no_code ? 8'(ErrCode) : 8'(ErrShort);

  // lanes --------------------------------------------------------------------------------------
  logic [1:0] en_q;
  logic [2*TagWidth-1:0] tag_q;
  logic [NumLanes-1:0] active_q, active_qq;

  for (genvar l = 0; l < NumLanes; l++) begin : gen_lane
    logic [ 7:0] rank;
    logic [ 2:0] byte_q;
    logic [63:0] symbols;

    lac_cse_huflane #(
      .MaxLength(MaxLength)
    ) u_lane (
      .clk_i,
      .rst_ni,
      .clr_i,
      .fill_i     (fill & pick[l]),
      .fill_data_i(fill_data),
      .step_i     (step_o & active[l]),
      .limits_i   (limits),
      .offsets_i  (offsets),
      .level_o    (levels[l*5+:5]),
      .low_o      (low[l]),
      .ready_o    (ready[l]),
      .none_o     (none[l]),
      .rest_o     (rest[l]),
      .rank_o     (rank)
    );
    lac_sram #(
      .Width(64),
      .Depth(32)
    ) u_symbols (
      .clk_i,
      .cfg_i    (mem_cfg_i),
      .rd_en_i  (en_q[0] & active_q[l]),
      .rd_addr_i(rank[7:3]),
      .rd_data_o(symbols),
      .wr_en_i  (sym_en),
      .wr_addr_i(sym_addr),
      .wr_data_i(in_data_i)
    );
    always_ff @(posedge clk_i) if (en_q[0]) byte_q <= rank[2:0];
    assign out_codes_o[l*8+:8] = active_qq[l] ? symbols[{byte_q, 3'd0}+:8] : '0;
  end

  // steps on their way ---------------------------------------------------------------------------
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) en_q <= '0;
    else if (clr_i) en_q <= '0;
    else en_q <= {en_q[0], step_o};
  end
  always_ff @(posedge clk_i) begin
    tag_q     <= {tag_q[0+:TagWidth], tag_i};
    active_q  <= active;
    active_qq <= active_q;
  end
  assign busy_o      = |en_q;
  assign out_valid_o = en_q[1];
  assign out_tag_o   = tag_q[TagWidth+:TagWidth];

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, in_data_i, clr_i || spent_i || !(run_i || table_i))
  `LAC_ASSERT(run_with_table, !run_i || clr_i || valid_o, "codes without a table")
  `LAC_ASSERT(one_use, !(run_i && table_i), "a word of codes and of a table")
  `LAC_ASSERT(rest_settled, !(sym_en && busy_o), "symbols change under a step")
  `LAC_ASSERT(err_of_word, !err_o || in_valid_i, "an error without a word")
  `LAC_COVER(cover_all_low, run_i && (&low))
  `LAC_COVER(cover_short, err_o && is_short)
  `LAC_COVER(cover_no_code, err_o && no_code)

endmodule
