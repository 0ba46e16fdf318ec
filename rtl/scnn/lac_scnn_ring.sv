// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_ring: storage of a queue that several words a cycle are put into and seen of.
//
// Purpose: Depth words in Banks banks, word p of the ring in bank p mod Banks: Banks words in
//   succession can be written in a cycle, and NumOut read, wherever they begin.
// Example, Banks 2, Depth 6: words a, b, c written in cycles 0 (a, b) and 1 (c) are in banks 0, 1,
//   0; with rd_row_i 0 and rd_bank_i 1 out_data_o is {c, b} from cycle 2 on.
//
//   in --> rotate by the write pointer --> banks --> rotate by the read pointer --> out
//
// in_valid_i says which words come (the lowest places first, no holes), in_num_o how many; the user
// keeps the level, and the read pointer, as place in the banks and bank.
// Combinational from rd_* to out_data_o, which comes from registers. clr_i: the next word goes to
// place 0.
// Latency 1 cycle. Throughput Banks words per cycle in, NumOut out.
// Parameters:
//   Width   1..1024
//   Depth   2..256, a multiple of Banks
//   Banks   2..8, a power of two
//   NumOut  1..Banks
// Model: a list in the bench. Source: common practice.

`include "lac_assert.svh"

module lac_scnn_ring #(
  parameter  int Width    = 132,
  parameter  int Depth    = 64,
  parameter  int Banks    = 8,
  parameter  int NumOut   = 4,
  localparam int RowWidth = `LAC_INDEX_BITS(Depth / Banks),
  localparam int LogBanks = $clog2(Banks)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    clr_i,
  input  logic [       Banks-1:0] in_valid_i,
  input  logic [ Banks*Width-1:0] in_data_i,
  output logic [      LogBanks:0] in_num_o,    // how many come, of in_valid_i
  input  logic [    RowWidth-1:0] rd_row_i,
  input  logic [    LogBanks-1:0] rd_bank_i,
  output logic [NumOut*Width-1:0] out_data_o
);

  `LAC_PARAM(lac_scnn_ring, Width, 1, 1024)
  `LAC_PARAM_RULE(lac_scnn_ring, Depth, 2, 256, Depth % Banks == 0, "a multiple of Banks")
  `LAC_PARAM_RULE(lac_scnn_ring, Banks, 2, 8, (Banks & (Banks - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_ring, NumOut, 1, Banks)

  localparam int Rows = Depth / Banks;
  localparam logic [RowWidth-1:0] LastRow = RowWidth'(Rows - 1);

  logic [RowWidth-1:0] wr_row_q, wr_next, rd_next;
  logic [LogBanks-1:0] wr_bank_q;
  logic [  LogBanks:0] wr_end;
  logic [   Banks-1:0] in_last;  // one-hot: the last of the words that come
  logic [Banks-1:0] wr_below, rd_below;  // banks that are a row further
  logic [Width-1:0] in_word  [Banks];
  logic [Width-1:0] bank_word[Banks];

  assign wr_next = wr_row_q == LastRow ? '0 : wr_row_q + RowWidth'(1);
  assign rd_next = rd_row_i == LastRow ? '0 : rd_row_i + RowWidth'(1);
  assign wr_end  = (LogBanks + 1)'(wr_bank_q) + in_num_o;

  // Without holes the last word says how many there are, sooner than a count of them does.
  assign in_last = in_valid_i & ~(in_valid_i >> 1);
  always_comb begin
    in_num_o = '0;
    for (int b = 0; b < Banks; b++) begin
      in_num_o = in_num_o | (in_last[b] ? (LogBanks + 1)'(b + 1) : '0);
    end
  end

  assign wr_below = ~({Banks{1'b1}} << wr_bank_q);
  assign rd_below = ~({Banks{1'b1}} << rd_bank_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_row_q  <= '0;
      wr_bank_q <= '0;
    end else if (clr_i) begin
      wr_row_q  <= '0;
      wr_bank_q <= '0;
    end else begin
      if (wr_end[LogBanks]) wr_row_q <= wr_next;
      wr_bank_q <= wr_end[LogBanks-1:0];
    end
  end

  for (genvar b = 0; b < Banks; b++) begin : gen_bank
    logic [Width-1:0] mem_q[Rows];
    logic [LogBanks-1:0] from;
    logic [RowWidth-1:0] wr_row, rd_row;

    assign in_word[b] = in_data_i[b*Width+:Width];
    assign from = LogBanks'(b) - wr_bank_q;
    assign wr_row = wr_below[b] ? wr_next : wr_row_q;
    if (NumOut == 1) begin : gen_one
      assign rd_row = rd_row_i;
    end else begin : gen_many
      assign rd_row = rd_below[b] ? rd_next : rd_row_i;
    end
    always_ff @(posedge clk_i) if (in_valid_i[from]) mem_q[wr_row] <= in_word[from];
    assign bank_word[b] = mem_q[rd_row];
  end

  for (genvar j = 0; j < NumOut; j++) begin : gen_out
    logic [LogBanks-1:0] at;
    assign at = rd_bank_i + LogBanks'(j);
    assign out_data_o[j*Width+:Width] = bank_word[at];
  end

  if (NumOut == 1) begin : gen_unused
    logic unused_next;
    assign unused_next = ^{rd_next, rd_below};
  end

  `LAC_ASSERT(no_holes, ((in_valid_i + Banks'(1)) & in_valid_i) == '0, "a hole between the words")
  `LAC_ASSERT(row_range, wr_row_q <= LastRow, "a row past the last")
  `LAC_ASSERT(read_range, rd_row_i <= LastRow, "a row past the last is read")
  `LAC_COVER(cover_round, wr_end[LogBanks] && wr_row_q == LastRow)
  `LAC_COVER(cover_all, in_valid_i == '1 && wr_bank_q != '0)

endmodule
