// SPDX-License-Identifier: Apache-2.0
//
// Results of SCNN: reads the destination memories PE by PE and sends them as they are, or dense.
//
//   memories of PE pe_o -> head, counts, rows, carry words           -> words (compressed)
//                          run-length decoder, 4 values in a word, carry words  (dense)
//
// Layout: README.md beside this file. All memories answer a cycle later, and hold. The head says
// how many rows the first chans_i channels have. Dense: the positions of the box, row by row; the
// gap_i positions behind a row that the encoder skipped are left out; a channel begins with a word.
// Example, box 2 x 1, gap 0, entries {1, 7}: dense word 0, 7, 0, 0 (lane 0 first).
// Streams: result; valid waits for no ready. The reads are combinational from ready.
// Throughput: compressed one word per cycle, carry words one in a cycle; dense one position per
// cycle.
// Latency, start_i to the first word: compressed 4 cycles; dense 4 and its positions.
// Cycles of a PE without waits: compressed 3 and its words, a cycle more for each word of two carry
// words; dense 1 and, of each channel, its positions with the gaps between rows and 2, a cycle more
// for each window of 8 channels and each row behind the first of a channel; then its carry words in
// the same way, and a cycle before them, or behind the last PE.
// Parameters:
//   NumPe       1..256
//   I           2..16, a power of two
//   AccWidth    20..40
//   IaramRows   8..65536
//   CountWidth  4..12
//   MaxC        8..4096, a multiple of 8
//   CarryDepth  1..65536
// Model: models/scnn, unpack.

`include "lac_assert.svh"

module lac_scnn_out #(
  parameter  int NumPe      = 64,
  parameter  int I          = 4,
  parameter  int AccWidth   = 24,
  parameter  int IaramRows  = 1024,
  parameter  int CountWidth = 8,
  parameter  int MaxC       = 1024,
  parameter  int CarryDepth = 2048,
  localparam int PeWidth    = `LAC_INDEX_BITS(NumPe),
  localparam int AddrWidth  = `LAC_INDEX_BITS(IaramRows),
  localparam int WinWidth   = `LAC_INDEX_BITS(MaxC / 8),
  localparam int CarryWidth = `LAC_INDEX_BITS(CarryDepth),
  localparam int EntryBits  = 20,
  localparam int RowBits    = I * EntryBits,
  localparam int CntBits    = AddrWidth + 1 + 8 * CountWidth
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clr_i,
  input  logic                  start_i,
  // pass
  input  logic                  dense_i,
  input  logic [          15:0] chans_i,
  input  logic [           8:0] box_w_i,
  input  logic [           8:0] box_h_i,
  input  logic [           4:0] gap_i,
  input  logic [CarryWidth-1:0] cout_base_i,
  // memories of a PE
  output logic [   PeWidth-1:0] pe_o,
  output logic                  cnt_rd_en_o,
  output logic [  WinWidth-1:0] cnt_addr_o,
  input  logic [   CntBits-1:0] cnt_data_i,
  output logic                  row_rd_en_o,
  output logic [ AddrWidth-1:0] row_addr_o,
  input  logic [   RowBits-1:0] row_data_i,
  output logic                  carry_rd_en_o,
  output logic [CarryWidth-1:0] carry_addr_o,
  input  logic [  AccWidth-1:0] carry_data_i,
  input  logic [          16:0] carried_i,
  // results
  output logic                  result_valid_o,
  input  logic                  result_ready_i,
  output logic [          63:0] result_data_o,
  output logic                  result_last_o
);

  `LAC_PARAM(lac_scnn_out, NumPe, 1, 256)
  `LAC_PARAM_RULE(lac_scnn_out, I, 2, 16, (I & (I - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_out, AccWidth, 20, 40)
  `LAC_PARAM(lac_scnn_out, IaramRows, 8, 65536)
  `LAC_PARAM(lac_scnn_out, CountWidth, 4, 12)
  `LAC_PARAM_RULE(lac_scnn_out, MaxC, 8, 4096, MaxC % 8 == 0, "a multiple of 8")
  `LAC_PARAM(lac_scnn_out, CarryDepth, 1, 65536)

  localparam int NumWords = (RowBits + 63) / 64;
  localparam int PartWidth = `LAC_INDEX_BITS(NumWords);
  localparam int SlotWidth = $clog2(I);
  localparam int SizeWidth = 17;  // rows, carry words
  localparam bit Pairs = AccWidth <= 32;
  localparam logic [PartWidth-1:0] LastPart = PartWidth'(NumWords - 1);
  localparam logic [PeWidth-1:0] LastPe = PeWidth'(NumPe - 1);

  localparam logic [3:0] StIdle = 4'd0, StOpen = 4'd1, StNeed = 4'd2, StRowSum = 4'd3;
  localparam logic [3:0] StHead = 4'd4, StCounts = 4'd5, StRows = 4'd6;
  localparam logic [3:0] StLow = 4'd7, StHigh = 4'd8;  // of a word of two carry words
  localparam logic [3:0] StWindow = 4'd9, StChannel = 4'd10, StFirst = 4'd11, StPos = 4'd12;
  logic [3:0] state_q, state_d;

  // where we are ----------------------------------------------------------------------------------
  logic [PeWidth-1:0] pe_q;
  logic [       15:0] chan_q;  // compressed: of the word of counts
  logic [SizeWidth-1:0] rows_q, carry_q;  // rows, carry words left
  logic [ AddrWidth-1:0] row_q;  // address of the next row
  logic [CarryWidth-1:0] place_q;  // of the next carry word
  logic [ PartWidth-1:0] part_q;
  logic [  AccWidth-1:0] low_q;
  logic last_pe, has_carry, taken, offered, opens, pe_ends, carry_begins;
  logic [15:0] last_chan;

  assign last_pe = pe_q == LastPe;
  assign last_chan = chans_i - 16'd1;
  assign has_carry = carry_q != '0;
  assign taken = result_valid_o & result_ready_i;
  assign pe_o = pe_q;

  // rows of the first chans_i channels: before the window of the last one, and of it up to that ---
  logic [     8*13-1:0] need;
  logic [         15:0] need_q;
  logic [SizeWidth-1:0] base_q;
  for (genvar s = 0; s < 8; s++) begin : gen_need
    logic [12:0] rows;
    assign rows = (13'(cnt_data_i[s*CountWidth+:CountWidth]) + 13'(I - 1)) >> SlotWidth;
    assign need[s*13+:13] = {1'b0, last_chan[2:0]} + 4'd1 > 4'(s) ? rows : '0;
  end

  always_ff @(posedge clk_i) begin
    need_q <= ((16'(need[0+:13]) + 16'(need[13+:13])) + (16'(need[26+:13]) + 16'(need[39+:13])))
            + ((16'(need[52+:13]) + 16'(need[65+:13])) + (16'(need[78+:13]) + 16'(need[91+:13])));
    base_q <= SizeWidth'(cnt_data_i[CntBits-1-:AddrWidth+1]);
  end

  // counts ----------------------------------------------------------------------------------------
  logic [63:0] quad;
  logic        last_quad;
  for (genvar l = 0; l < 4; l++) begin : gen_quad
    logic [15:0] c;
    assign c = {chan_q[15:2], 2'(l)};
    assign quad[l*16+:16] = c > last_chan ? 16'd0 : chan_q[2]
                          ? 16'(cnt_data_i[(4+l)*CountWidth+:CountWidth])
                          : 16'(cnt_data_i[l*CountWidth+:CountWidth]);
  end
  assign last_quad = chan_q[15:2] == last_chan[15:2];

  // rows ------------------------------------------------------------------------------------------
  logic [NumWords*64-1:0] row_words;
  logic                   last_part;
  assign row_words = (NumWords * 64)'(row_data_i);
  assign last_part = part_q == LastPart;

  // dense: decoder --------------------------------------------------------------------------------
  logic [CountWidth-1:0] count, entries_q;  // entries of the channel that are not used up
  logic [SlotWidth-1:0] slot_q, slot_next;
  logic [3:0] run_q;  // zeros before the entry
  logic [8:0] x_q, y_q;
  logic [ 4:0] skip_q;  // positions of a gap left
  logic [ 1:0] lane_q;
  logic [63:0] word_q;
  logic full_q, word_last_q, hit, moves, emits, row_needed, last_x, last_y;
  logic chan_ends, last_channel, word_ends, window_begins;
  logic [15:0] value;
  logic [ 3:0] run_next;  // of the next entry in the row

  assign count = cnt_data_i[32'(chan_q[2:0])*CountWidth+:CountWidth];
  assign slot_next = slot_q + SlotWidth'(1);
  assign value = row_data_i[32'(slot_q)*EntryBits+:16];
  assign run_next = row_data_i[32'(slot_next)*EntryBits+16+:4];
  assign last_x = x_q + 9'd1 == box_w_i;
  assign last_y = y_q + 9'd1 == box_h_i;
  assign last_channel = chan_q == last_chan;
  // A word that is not taken holds the positions.
  assign moves = (state_q == StPos) & (~full_q | result_ready_i);
  assign emits = moves & (skip_q == '0);
  assign hit = (entries_q != '0) & (run_q == '0);
  assign row_needed = moves & hit & (slot_q == '1) & (entries_q != CountWidth'(1));
  assign chan_ends = emits & last_x & last_y;
  assign word_ends = emits & ((lane_q == '1) | (last_x & last_y));
  assign window_begins = chan_q[2:0] == '1;

  // states ----------------------------------------------------------------------------------------
  always_comb begin
    state_d = state_q;
    case (state_q)
      StOpen: state_d = dense_i ? StWindow : StNeed;
      StNeed: state_d = StRowSum;
      StRowSum: state_d = StHead;
      StHead: if (taken) state_d = StCounts;
      StCounts:
      if (taken && last_quad) begin
        if (rows_q != '0) state_d = StRows;
        else state_d = has_carry ? StLow : last_pe ? StIdle : StOpen;
      end
      StRows:
      if (taken && last_part && rows_q == SizeWidth'(1))
        state_d = has_carry ? StLow : last_pe ? StIdle : StOpen;
      StLow:
      if (Pairs && carry_q != SizeWidth'(1)) begin
        if (!full_q) state_d = StHigh;
      end else if (taken && !full_q && carry_q == SizeWidth'(1))
        state_d = last_pe ? StIdle : StOpen;
      StHigh:
      if (taken) begin
        if (carry_q != SizeWidth'(2)) state_d = StLow;
        else state_d = last_pe ? StIdle : StOpen;
      end
      StWindow: state_d = StChannel;
      StChannel: state_d = StFirst;
      StFirst: state_d = StPos;
      StPos: begin
        if (chan_ends) begin
          if (!last_channel) state_d = window_begins ? StWindow : StChannel;
          else state_d = has_carry ? StLow : last_pe ? StIdle : StOpen;
        end else if (row_needed) state_d = StFirst;
      end
      default: state_d = StIdle;
    endcase
    if (start_i) state_d = StOpen;
  end

  assign opens = state_q == StOpen;
  assign pe_ends = (state_q != StOpen) & (state_q != StIdle) & (state_d == StOpen) & ~start_i;
  assign carry_begins = (state_q != StLow) & (state_q != StHigh) & (state_d == StLow);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= StIdle;
    else if (clr_i) state_q <= StIdle;
    else state_q <= state_d;
  end

  // memories --------------------------------------------------------------------------------------
  logic next_window, next_row, next_carry;
  assign next_window = (state_q == StCounts) & taken & chan_q[2] & ~last_quad;
  assign cnt_rd_en_o = opens | ((state_q == StHead) & taken) | next_window | (state_q == StWindow);
  always_comb begin
    if (opens) cnt_addr_o = WinWidth'(last_chan[15:3]);
    else if (next_window) cnt_addr_o = WinWidth'(chan_q[15:3] + 13'd1);
    else cnt_addr_o = WinWidth'(chan_q[15:3]);
  end

  assign next_row = (state_q == StCounts && taken && last_quad && rows_q != '0)
                  | (state_q == StRows && taken && last_part && rows_q != SizeWidth'(1))
                  | (state_q == StChannel && count != '0) | row_needed;
  assign row_rd_en_o = next_row;
  assign row_addr_o = row_q;

  assign next_carry = carry_begins
                    | (state_q == StLow && !full_q && (Pairs ? carry_q != SizeWidth'(1) :
                                                               taken && carry_q != SizeWidth'(1)))
                    | (state_q == StHigh && taken && carry_q != SizeWidth'(2));
  assign carry_rd_en_o = next_carry;
  assign carry_addr_o = place_q;

  always_ff @(posedge clk_i) begin
    if (start_i) pe_q <= '0;
    else if (pe_ends) pe_q <= pe_q + PeWidth'(1);

    if (opens) begin
      chan_q  <= '0;
      row_q   <= '0;
      place_q <= cout_base_i;
      carry_q <= carried_i;
      part_q  <= '0;
    end else begin
      if (state_q == StCounts && taken) chan_q <= chan_q + 16'd4;
      else if (chan_ends) chan_q <= chan_q + 16'd1;
      if (next_row) row_q <= row_q + AddrWidth'(1);
      if (next_carry) place_q <= place_q + CarryWidth'(1);
      if (state_q == StHigh && taken) carry_q <= carry_q - SizeWidth'(2);
      else if (state_q == StLow && taken && !full_q) carry_q <= carry_q - SizeWidth'(1);
      if (state_q == StRows && taken) part_q <= last_part ? '0 : part_q + PartWidth'(1);
    end

    if (state_q == StRowSum) rows_q <= base_q + SizeWidth'(need_q);
    else if (state_q == StRows && taken && last_part) rows_q <= rows_q - SizeWidth'(1);

    if (state_q == StLow) low_q <= carry_data_i;
  end

  // decoder ---------------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (state_q == StChannel) begin
      entries_q <= count;
      x_q <= '0;
      y_q <= '0;
      skip_q <= '0;
      lane_q <= '0;
    end else if (moves) begin
      if (hit) entries_q <= entries_q - CountWidth'(1);
      if (skip_q != '0) skip_q <= skip_q - 5'd1;
      else begin
        lane_q <= word_ends ? '0 : lane_q + 2'd1;
        x_q <= last_x ? '0 : x_q + 9'd1;
        if (last_x) begin
          y_q <= y_q + 9'd1;
          skip_q <= gap_i;
        end
      end
    end
    if (state_q == StFirst) begin
      slot_q <= '0;
      run_q  <= row_data_i[16+:4];
    end else if (moves) begin
      if (hit) begin
        slot_q <= slot_next;
        run_q  <= run_next;
      end else run_q <= run_q - 4'd1;
    end
    for (int l = 0; l < 4; l++)
    if (emits && lane_q == 2'(l)) word_q[l*16+:16] <= hit ? value : '0;
    else if (emits && lane_q == '0) word_q[l*16+:16] <= '0;
    if (word_ends) word_last_q <= chan_ends & last_channel & last_pe & ~has_carry;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) full_q <= 1'b0;
    else if (clr_i) full_q <= 1'b0;
    else full_q <= word_ends | (full_q & ~result_ready_i);
  end

  // words -----------------------------------------------------------------------------------------
  logic [63:0] carry_word;
  logic        carry_ends;
  if (Pairs) begin : gen_pairs
    assign carry_word = state_q == StHigh ? {32'($signed(
        carry_data_i
    )), 32'($signed(
        low_q
    ))} : {32'd0, 32'($signed(
        carry_data_i
    ))};
  end else begin : gen_single
    assign carry_word = 64'($signed(carry_data_i));
  end
  assign carry_ends = carry_q == SizeWidth'(state_q == StHigh ? 2 : 1);

  assign offered = (state_q == StHead) | (state_q == StCounts) | (state_q == StRows)
                 | (state_q == StHigh)
                 | (state_q == StLow && (!Pairs || carry_q == SizeWidth'(1)));
  assign result_valid_o = full_q | offered;

  always_comb begin
    result_data_o = word_q;
    result_last_o = word_last_q;
    if (!full_q) begin
      case (state_q)
        StHead:   result_data_o = {carry_q[15:0], 24'(rows_q), 8'd0, 16'(pe_q)};
        StCounts: result_data_o = quad;
        StRows:   result_data_o = row_words[32'(part_q)*64+:64];
        default:  result_data_o = carry_word;
      endcase
      case (state_q)
        StHead:   result_last_o = 1'b0;
        StCounts: result_last_o = last_quad & (rows_q == '0) & ~has_carry & last_pe;
        StRows:   result_last_o = last_part & (rows_q == SizeWidth'(1)) & ~has_carry & last_pe;
        default:  result_last_o = carry_ends & last_pe;
      endcase
    end
  end

  `LAC_STREAM_CLR(result_valid_o, result_ready_i, {result_data_o, result_last_o}, clr_i)
  `LAC_ASSERT(start_idle, !start_i || (state_q == StIdle && !full_q), "started while it sends")
  `LAC_ASSERT(channel_there, !opens || chans_i != '0, "no channels to send")
  `LAC_COVER(cover_no_rows, state_q == StHead && rows_q == '0)
  `LAC_COVER(cover_carry_behind_dense, state_q == StLow && full_q)

endmodule
