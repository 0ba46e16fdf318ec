// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_huffman_dec: decoder of canonical Huffman codes of up to 16 bits, one symbol per cycle.
//
// A symbol is the value of the next element (RunWidth 0), or a run-length entry of value and run.
// Example: lengths 1 1 2 (codes of 1, 2, 3, 3 bits), symbols a b c d have the codes 0 10 110 111;
//   bits from bit 0 up 0 10 111 0 -> a b d a.
//
//   in --> lac_fmt_bits: window --+--> lengths --> | limit, offset of each length |
//                                 +--> symbols --> | symbol table |
//                                 +--> codes --> 16 comparisons, length --> | rank, symbol --> |
//                                                                   lac_fmt_runs --> lac_fmt_out
//
// Canonical codes, read with their first bit highest and moved up to 16 bits, rise with their
// length. limit[l] is the first 16-bit number behind all codes of at most l bits; the length of the
// code in the window is that of the first limit that the window stays below. A step is no more than
// that; symbol and place are found in the two cycles behind it (lac_fmt_late). The rank in the
// symbol table is the code plus offset[l] = (codes shorter than l) - (first code of l bits).
//
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 5 cycles after the last step. Throughput: one length, one
//   symbol of the table or one code per cycle.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..12
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1
//   RunWidth    0..12 - ValueWidth
// Errors: ErrHeader, ErrShort, ErrLong, ErrIndex, ErrPlaceholder (both RunWidth > 0), ErrCode,
//   ErrPadding.
// Model: models/formats/huffman.py. Source: Schwartz, Kallick, "Generating a canonical prefix
//   encoding", CACM 1964; use for weights: Han et al., "Deep Compression", ICLR 2016.

`include "lac_assert.svh"

module lac_fmt_huffman_dec
  import lac_fmt_pkg::*;
#(
  parameter  int WordWidth  = 64,
  parameter  int ValueWidth = 8,
  parameter  int TileRows   = 8,
  parameter  int TileCols   = 16,
  parameter  int NumLanes   = 1,
  parameter  int RunWidth   = 0,
  localparam int RowWidth   = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth   = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  in_valid_i,
  output logic                  in_ready_o,
  input  logic [ WordWidth-1:0] in_data_i,
  input  logic                  in_last_i,
  output logic                  out_valid_o,
  input  logic                  out_ready_i,
  output logic                  out_keep_o,
  output logic [ValueWidth-1:0] out_value_o,
  output logic [  RowWidth-1:0] out_row_o,
  output logic [  ColWidth-1:0] out_col_o,
  output logic                  out_eol_o,
  output logic                  out_last_o,
  output logic [  ErrWidth-1:0] out_err_o,
  output logic [  PosWidth-1:0] out_pos_o
);

  `LAC_PARAM_RULE(lac_fmt_huffman_dec, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_huffman_dec, ValueWidth, 1, 12)
  `LAC_PARAM(lac_fmt_huffman_dec, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_huffman_dec, TileCols, 1, 4096)
  `LAC_PARAM(lac_fmt_huffman_dec, NumLanes, 1, 1)
  `LAC_PARAM(lac_fmt_huffman_dec, RunWidth, 0, 12 - ValueWidth)

  localparam int SymWidth = ValueWidth + RunWidth;
  localparam int RunBits = RunWidth > 0 ? RunWidth : 1;
  localparam int MaxLength = 16;
  localparam int FieldWidth = 16;  // of a number of codes
  localparam int SumWidth = 32;  // sum of numbers * 2^(16-length) < 2^32, of numbers < 2^20
  localparam int LimitWidth = MaxLength + 1;
  localparam int StepWidth = $clog2(MaxLength + 1);
  localparam int WindowWords = 1;
  localparam int WindowWidth = WordWidth;
  localparam int LevelWidth = $clog2(WindowWidth + 1);

  logic [PosWidth-1:0] head_count, count;
  logic [WindowWidth-1:0] bits;
  logic [LevelWidth-1:0] level, take;
  logic [ErrWidth-1:0] fault;
  logic start, done, there, go, beat;
  logic [ValueWidth-1:0] value;
  logic [  RowWidth-1:0] row;
  logic [  ColWidth-1:0] col;

  typedef enum logic [1:0] {
    StLengths,
    StSymbols,
    StCodes
  } state_e;
  state_e state_q;
  logic [PosWidth-1:0] index_q;
  logic load_length, load_symbol, decode;
  logic unused_bits;

  assign unused_bits = ^bits;

  // Lengths: codes so far, and the part of all 16-bit numbers that they take.
  logic [StepWidth-1:0] shift_q;  // 16 - length of this field
  logic [SumWidth-1:0] space_q, space, codes_q, codes, first;
  logic [FieldWidth-1:0] number;
  logic last_length, too_many_q;

  assign load_length = go && state_q == StLengths;
  assign number = bits[FieldWidth-1:0];
  assign last_length = shift_q == '0;
  assign first = space_q >> shift_q;  // code
  assign space = space_q + (SumWidth'(number) << shift_q);
  assign codes = codes_q + SumWidth'(number);

  // Tables. Offsets and ranks modulo the size of the symbol table: no valid rank is larger.
  logic [LimitWidth-1:0] limit_q[MaxLength];
  logic [SymWidth-1:0] offset_q[MaxLength];
  logic [SymWidth-1:0] symbol_q[2 ** SymWidth];
  logic [SumWidth-1:0] filled_q;

  assign load_symbol = go && state_q == StSymbols;
  assign decode = go && state_q == StCodes;

  always_ff @(posedge clk_i) begin
    if (start) begin
      shift_q  <= StepWidth'(MaxLength - 1);
      space_q  <= '0;
      codes_q  <= '0;
      filled_q <= '0;
    end else if (load_length) begin
      shift_q <= shift_q - StepWidth'(1);
      space_q <= space;
      codes_q <= codes;
      too_many_q <= last_length
          && (space > SumWidth'(2 ** MaxLength) || codes > SumWidth'(2 ** SymWidth));
    end else if (load_symbol) begin
      filled_q <= filled_q + SumWidth'(1);
    end
    if (load_symbol) symbol_q[filled_q[SymWidth-1:0]] <= bits[SymWidth-1:0];
  end

  for (genvar i = 0; i < MaxLength; i++) begin : gen_table
    always_ff @(posedge clk_i) begin
      if (load_length && shift_q == StepWidth'(MaxLength - 1 - i)) begin
        limit_q[i]  <= LimitWidth'(space);  // too large only where it is a fault
        offset_q[i] <= SymWidth'(codes_q - first);
      end
    end
  end

  // Codes: the first bit highest.
  logic [MaxLength-1:0] code, past;
  for (genvar i = 0; i < MaxLength; i++) begin : gen_code
    assign code[MaxLength-1-i] = bits[i];
    assign past[i] = {1'b0, code} >= limit_q[i];
  end

  // Limits do not fall: ones from bit 0 up, and the length is that of the first zero.
  logic [MaxLength-1:0] length;  // bit i: i + 1
  logic [LevelWidth-1:0] length_at[MaxLength+1];
  logic [MaxLength-1:0] come;
  logic no_code, code_there;
  assign length = ~past & {past[MaxLength-2:0], 1'b1};
  assign length_at[0] = '0;
  for (genvar i = 0; i < MaxLength; i++) begin : gen_length
    assign come[i] = level > LevelWidth'(i);
    assign length_at[i+1] = length_at[i] | (length[i] ? LevelWidth'(i + 1) : '0);
  end
  assign no_code = past[MaxLength-1];
  assign code_there = (length & come) != '0;

  // Step.
  logic count_ok, length_there;
  assign count_ok = RunWidth > 0 ? head_count <= PosWidth'(TileRows * TileCols)
                                 : head_count == PosWidth'(TileRows * TileCols);
  assign length_there = level >= LevelWidth'(FieldWidth);
  assign done = state_q == StCodes && index_q == count;
  always_comb begin
    case (state_q)
      StLengths: begin
        there = length_there;
        take  = LevelWidth'(FieldWidth);
        fault = ErrNone;
      end
      StSymbols: begin
        there = level >= LevelWidth'(SymWidth);
        take  = LevelWidth'(SymWidth);
        fault = too_many_q ? ErrCode : ErrNone;  // lengths are judged in the step behind them
      end
      default: begin
        there = code_there;
        take  = length_at[MaxLength];
        fault = no_code && level >= LevelWidth'(MaxLength) ? ErrCode : ErrNone;
      end
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (start) begin
      state_q <= StLengths;
      index_q <= '0;
    end else if (go) begin
      case (state_q)
        StLengths: if (last_length) state_q <= codes == '0 ? StCodes : StSymbols;
        StSymbols: if (filled_q + SumWidth'(1) == codes_q) state_q <= StCodes;
        default:   index_q <= index_q + PosWidth'(1);
      endcase
    end
  end

  // The code's rank, a cycle behind the step, and its symbol.
  logic [1:0] en;
  logic [MaxLength-1:0] code_q, length_q;
  logic final_code_q, final_q;  // the tile's last
  logic [SymWidth-1:0] code_at[MaxLength+1], offset_at[MaxLength+1], rank, symbol_here_q;
  assign code_at[0]   = '0;
  assign offset_at[0] = '0;
  for (genvar i = 0; i < MaxLength; i++) begin : gen_rank
    assign code_at[i+1] = code_at[i]
                        | (length_q[i] ? SymWidth'(code_q >> (MaxLength - 1 - i)) : '0);
    assign offset_at[i+1] = offset_at[i] | (length_q[i] ? offset_q[i] : '0);
  end
  assign rank = code_at[MaxLength] + offset_at[MaxLength];

  always_ff @(posedge clk_i) begin
    if (en[0]) begin
      code_q       <= code;
      length_q     <= length;
      final_code_q <= index_q + PosWidth'(1) == count;
    end
    if (en[1]) begin
      symbol_here_q <= symbol_q[rank];
      final_q       <= final_code_q;
    end
  end

  // The symbol's place, another cycle behind.
  logic entry, fresh, leave;
  logic [ RunBits-1:0] run;
  logic [ErrWidth-1:0] run_fault;
  assign value = symbol_here_q[ValueWidth-1:0];
  if (RunWidth > 0) begin : gen_run
    assign run = symbol_here_q[SymWidth-1:ValueWidth];
  end else begin : gen_no_run
    assign run = '0;
  end
  assign beat = value != '0;

  lac_fmt_runs #(
    .ValueWidth(ValueWidth),
    .RunWidth  (RunWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols)
  ) u_runs (
    .clk_i,
    .start_i(fresh && !entry),
    .go_i   (entry && leave),
    .value_i(value),
    .run_i  (run),
    .final_i(final_q),
    .fault_o(run_fault),
    .row_o  (row),
    .col_o  (col)
  );

  // Window, step, late entries, output.
  logic head_valid, head_bad, body, last, step, stop;
  logic [LevelWidth-1:0] step_take;
  logic [  ErrWidth-1:0] tail_err;
  lac_fmt_bits #(
    .WordWidth  (WordWidth),
    .WindowWords(WindowWords)
  ) u_bits (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .in_last_i,
    .head_valid_o(head_valid),
    .head_count_o(head_count),
    .head_bad_o  (head_bad),
    .body_o      (body),
    .bits_o      (bits),
    .level_o     (level),
    .last_o      (last),
    .tail_err_o  (tail_err),
    .step_i      (step),
    .take_i      (step_take),
    .stop_i      (stop)
  );

  logic ready, end_valid;
  logic [ErrWidth-1:0] end_err;
  logic [PosWidth-1:0] end_pos;
  lac_fmt_step #(
    .TakeWidth(LevelWidth)
  ) u_step (
    .clk_i,
    .head_valid_i(head_valid),
    .head_count_i(head_count),
    .head_bad_i  (head_bad),
    .body_i      (body),
    .last_i      (last),
    .tail_err_i  (tail_err),
    .step_o      (step),
    .take_o      (step_take),
    .stop_o      (stop),
    .count_ok_i  (count_ok),
    .done_i      (done),
    .fault_i     (fault),
    .fault_pos_i (index_q),
    .there_i     (there),
    .take_i      (take),
    .short_pos_i (index_q),
    .start_o     (start),
    .go_o        (go),
    .count_o     (count),
    .ready_i     (ready),
    .end_valid_o (end_valid),
    .end_err_o   (end_err),
    .end_pos_o   (end_pos)
  );

  logic late_ready, late_beat, late_end, out_ready, out_en, out_beat, out_end;
  logic [ErrWidth-1:0] late_err, out_err;
  logic [PosWidth-1:0] late_pos, out_pos;
  lac_fmt_late #(
    .Stages(2)
  ) u_late (
    .clk_i,
    .rst_ni,
    .ready_o      (ready),
    .entry_valid_i(decode),
    .end_valid_i  (end_valid),
    .end_err_i    (end_err),
    .end_pos_i    (end_pos),
    .en_o         (en),
    .entry_o      (entry),
    .first_o      (fresh),
    .leave_o      (leave),
    .beat_i       (beat),
    .fault_i      (run_fault),
    .ready_i      (late_ready),
    .beat_valid_o (late_beat),
    .end_valid_o  (late_end),
    .end_err_o    (late_err),
    .end_pos_o    (late_pos)
  );

  lac_fmt_stages #(
    .Stages(1)
  ) u_stages (
    .clk_i,
    .rst_ni,
    .ready_o     (late_ready),
    .beat_valid_i(late_beat),
    .end_valid_i (late_end),
    .end_err_i   (late_err),
    .end_pos_i   (late_pos),
    .ready_i     (out_ready),
    .beat_valid_o(out_beat),
    .end_valid_o (out_end),
    .end_err_o   (out_err),
    .end_pos_o   (out_pos),
    .en_o        (out_en)
  );

  logic [ValueWidth-1:0] value_q;
  logic [  RowWidth-1:0] row_q;
  logic [  ColWidth-1:0] col_q;
  always_ff @(posedge clk_i) begin
    if (out_en) begin
      value_q <= value;
      row_q   <= row;
      col_q   <= col;
    end
  end

  lac_fmt_out #(
    .NumLanes  (1),
    .ValueWidth(ValueWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols),
    .LineWidth (RowWidth)
  ) u_out (
    .clk_i,
    .rst_ni,
    .ready_o     (out_ready),
    .beat_valid_i(out_beat),
    .beat_keep_i (1'b1),
    .beat_value_i(value_q),
    .beat_row_i  (row_q),
    .beat_col_i  (col_q),
    .beat_line_i (row_q),
    .end_valid_i (out_end),
    .end_err_i   (out_err),
    .end_pos_i   (out_pos),
    .out_valid_o,
    .out_ready_i,
    .out_keep_o,
    .out_value_o,
    .out_row_o,
    .out_col_o,
    .out_eol_o,
    .out_last_o,
    .out_err_o,
    .out_pos_o
  );

  `LAC_COVER(cover_longest, decode && length[MaxLength-1])
  `LAC_ASSERT(length_range, !load_length || shift_q < StepWidth'(MaxLength), "a length past 16")
  `LAC_ASSERT(symbol_range, !load_symbol || filled_q < codes_q, "a symbol past the codes")
  `LAC_ASSERT(table_range, !load_symbol || filled_q < SumWidth'(2 ** SymWidth),
              "a symbol past the table")
  `LAC_ASSERT(code_range, !decode || $onehot(length), "a code of no length, or of several")
  `LAC_ASSERT(index_range, !decode || index_q < count, "a symbol past the count")

endmodule
