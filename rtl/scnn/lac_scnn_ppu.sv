// SPDX-License-Identifier: Apache-2.0
//
// Post-processing unit of a PE: halo links, then sums of a group to compressed activations.
//
//   command -> read the bank -> | word | + carry | + bias | requant, ReLU | encoder | -> rows
//                    |                        '-> carry out                        '-> counts
//                    '-> halo_o, to the neighbour -> its bank
//
// All PEs get the same commands, from registers (lac_scnn_walker). SEND in cycle t: a PE with a
// neighbour on that side reads and clears its word; it is on halo_o in t+2, when the neighbour adds
// it (add_valid_o; the place comes from the walker). DRAIN in t: the word is read and cleared; x_i,
// y_i are the classes of its position in t+1 (lac_scnn_axis). A final sum gets bias_i (in t+4) and
// is requantized; one that another chip tile goes on with is written to the carry memory; what is
// not final is a 0 in the results. The encoder writes an entry {zeros before it, value}, and {15,
// 0} for 16 zeros; GAP skips gap_i positions; FLUSH ends a channel: its row is written as far as it
// is filled.
// Example, I 4, DRAIN of final 3, 0, 0, -2, FLUSH: row {0,3} {2,-2}, count 2.
//
// A word of counts is {first row of its 8 channels, 8 counts}, the row with a bit more than an
// address, so that a memory that is full has one, too; it is written behind its eighth channel,
// and by end_i (pulse, at least 7 cycles behind the last command). start_i, with keep_i 0: the
// destination is empty; with 1 results go on behind those of the pass before, whatever clr_i did.
// clr_i: what is on its way is lost.
// Carry memory: words of the next tile are read from 0 on and written from cout_base_i on, in the
// order of the commands; a word read and written in one cycle is some word. wr_carry_*: the
// loader's port; while out_rd_en_i it is read at out_addr_i, the word comes a cycle later.
// Errors: the first is kept until clr_i: ACC_OVERFLOW {PE, k} of a sum that is used, OARAM_OVERFLOW
// {PE, channel} of a row, a count or a channel that does not fit, CARRY_OVERFLOW {PE, k}.
// Latency: DRAIN to its entry in the row 7 cycles, to the row in the memory 8. Throughput 1 command
// per cycle.
// Parameters:
//   I           2..16, a power of two
//   AccWidth    20..40
//   MaxKc       4..64, a power of two
//   IaramRows   8..65536
//   CountWidth  4..12
//   MaxC        8..4096, a multiple of 8
//   CarryDepth  1..65536
// Model: models/scnn. Source: SCNN (ISCA 2017), section IV, PPU.

`include "lac_assert.svh"

module lac_scnn_ppu
  import lac_pkg::*, lac_scnn_ppu_pkg::*;
#(
  parameter  int I          = 4,
  parameter  int AccWidth   = 24,
  parameter  int MaxKc      = 64,
  parameter  int IaramRows  = 1024,
  parameter  int CountWidth = 8,
  parameter  int MaxC       = 1024,
  parameter  int CarryDepth = 2048,
  localparam int KWidth     = $clog2(MaxKc),
  localparam int AddrWidth  = `LAC_INDEX_BITS(IaramRows),
  localparam int WinWidth   = `LAC_INDEX_BITS(MaxC / 8),
  localparam int CarryWidth = `LAC_INDEX_BITS(CarryDepth),
  localparam int ShiftWidth = $clog2(AccWidth),
  localparam int EntryBits  = 20
) (
  input logic clk_i,
  input logic rst_ni,
  input lac_mem_cfg_t mem_cfg_i,
  input logic clr_i,
  input logic [7:0] pe_i,  // constant; a port, so that all are one module
  input logic [3:0] side_i,  // constant: has a neighbour W, E, N, S
  // pass
  input logic start_i,
  input logic keep_i,
  input logic end_i,
  input logic [ShiftWidth-1:0] shift_i,
  input logic relu_i,
  input logic [4:0] gap_i,
  input logic [CarryWidth-1:0] cout_base_i,
  // command
  input logic [2:0] op_i,
  input logic [KWidth-1:0] k_i,
  input logic [3:0] x_i,  // lac_scnn_class_t, a cycle later
  input logic [3:0] y_i,
  input logic [AccWidth-1:0] bias_i,  // four cycles later
  // banks
  output logic drain_valid_o,
  input logic [AccWidth-1:0] drain_data_i,  // two cycles later
  output logic add_valid_o,
  output logic [AccWidth-1:0] add_data_o,
  // halo: the word sent, and those of the neighbours W, E, N, S
  output logic [AccWidth-1:0] halo_o,
  input logic [4*AccWidth-1:0] halo_i,
  // destination memories
  output logic row_wr_en_o,
  output logic [AddrWidth-1:0] row_addr_o,
  output logic [I*EntryBits-1:0] row_data_o,
  output logic cnt_wr_en_o,
  output logic [WinWidth-1:0] cnt_addr_o,
  output logic [AddrWidth+8*CountWidth:0] cnt_data_o,
  // carry memory: loader and results
  input logic wr_carry_i,
  input logic [CarryWidth-1:0] wr_carry_addr_i,
  input logic [AccWidth-1:0] wr_carry_data_i,
  input logic out_rd_en_i,
  input logic [CarryWidth-1:0] out_addr_i,
  output logic [AccWidth-1:0] out_data_o,
  output logic [16:0] carried_o,  // words written in the last pass
  // events
  output logic ev_halo_o,
  output logic [1:0] ev_carry_o,
  output logic err_valid_o,
  output logic [7:0] err_code_o,
  output logic [31:0] err_pos_o
);

  `LAC_PARAM_RULE(lac_scnn_ppu, I, 2, 16, (I & (I - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_ppu, AccWidth, 20, 40)
  `LAC_PARAM_RULE(lac_scnn_ppu, MaxKc, 4, 64, (MaxKc & (MaxKc - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_ppu, IaramRows, 8, 65536)
  `LAC_PARAM(lac_scnn_ppu, CountWidth, 4, 12)
  `LAC_PARAM_RULE(lac_scnn_ppu, MaxC, 8, 4096, MaxC % 8 == 0, "a multiple of 8")
  `LAC_PARAM(lac_scnn_ppu, CarryDepth, 1, 65536)

  localparam int ValueBits = 16;
  localparam int RowBits = 17;  // rows up to 65536
  localparam int ChanBits = 14;
  localparam int SlotWidth = $clog2(I);
  localparam int SumWidth = AccWidth + 1;

  // what a command does here ----------------------------------------------------------------------
  logic sends;
  logic [3:0] send;  // by side
  assign send[SIDE_W] = op_i == OP_SEND_W;
  assign send[SIDE_E] = op_i == OP_SEND_E;
  assign send[SIDE_N] = op_i == OP_SEND_N;
  assign send[SIDE_S] = op_i == OP_SEND_S;
  assign sends = |(send & side_i);
  assign drain_valid_o = sends | (op_i == OP_DRAIN);
  assign ev_halo_o = sends;

  // 1, 2: the bank reads; class, carry word -------------------------------------------------------
  logic [2:0] op1_q, op2_q, op3_q, op4_q, op5_q, op6_q;
  logic [KWidth-1:0] k1_q, k2_q, k3_q, k4_q, k5_q;
  logic [3:0] send1_q, send2_q;
  logic own, fin, cout, cin, over_in;
  logic fin2_q, cout2_q, cin2_q, fin3_q, cout3_q, fin4_q, cout4_q, fin5_q;
  lac_scnn_class_t x, y;
  logic [16:0] cin_q, cout_q;  // carry words read, written

  assign x = x_i;
  assign y = y_i;
  assign own = x.own & y.own & (op1_q == OP_DRAIN);
  assign fin = own & x.fin & y.fin;
  assign cout = own & ~(x.fin & y.fin) & x.cout & y.cout;
  assign cin = (fin | cout) & (x.cin | y.cin);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      op1_q   <= OP_NONE;
      op2_q   <= OP_NONE;
      op3_q   <= OP_NONE;
      op4_q   <= OP_NONE;
      op5_q   <= OP_NONE;
      op6_q   <= OP_NONE;
      send1_q <= '0;
      send2_q <= '0;
      fin2_q  <= 1'b0;
      fin3_q  <= 1'b0;
      fin4_q  <= 1'b0;
      fin5_q  <= 1'b0;
      cout2_q <= 1'b0;
      cout3_q <= 1'b0;
      cout4_q <= 1'b0;
    end else if (clr_i) begin
      op1_q   <= OP_NONE;
      op2_q   <= OP_NONE;
      op3_q   <= OP_NONE;
      op4_q   <= OP_NONE;
      op5_q   <= OP_NONE;
      op6_q   <= OP_NONE;
      send1_q <= '0;
      send2_q <= '0;
      fin2_q  <= 1'b0;
      fin3_q  <= 1'b0;
      fin4_q  <= 1'b0;
      fin5_q  <= 1'b0;
      cout2_q <= 1'b0;
      cout3_q <= 1'b0;
      cout4_q <= 1'b0;
    end else begin
      op1_q   <= op_i;
      op2_q   <= op1_q;
      op3_q   <= op2_q;
      op4_q   <= op3_q;
      op5_q   <= op4_q;
      op6_q   <= op5_q;
      send1_q <= send;
      send2_q <= send1_q;
      fin2_q  <= fin;
      fin3_q  <= fin2_q;
      fin4_q  <= fin3_q;
      fin5_q  <= fin4_q;
      cout2_q <= cout;
      cout3_q <= cout2_q;
      cout4_q <= cout3_q;
    end
  end

  always_ff @(posedge clk_i) begin
    k1_q   <= k_i;
    k2_q   <= k1_q;
    k3_q   <= k2_q;
    k4_q   <= k3_q;
    k5_q   <= k4_q;
    cin2_q <= cin;
  end

  // halo: a word sent west comes from the neighbour in the east.
  logic [3:0] from;
  assign from[SIDE_E] = send2_q[SIDE_W] & side_i[SIDE_E];
  assign from[SIDE_W] = send2_q[SIDE_E] & side_i[SIDE_W];
  assign from[SIDE_S] = send2_q[SIDE_N] & side_i[SIDE_S];
  assign from[SIDE_N] = send2_q[SIDE_S] & side_i[SIDE_N];
  assign halo_o = drain_data_i;
  assign add_valid_o = |from;
  assign add_data_o = (from[SIDE_W] ? halo_i[0+:AccWidth] : '0)
                    | (from[SIDE_E] ? halo_i[AccWidth+:AccWidth] : '0)
                    | (from[SIDE_N] ? halo_i[2*AccWidth+:AccWidth] : '0)
                    | (from[SIDE_S] ? halo_i[3*AccWidth+:AccWidth] : '0);

  // 3, 4: sum -------------------------------------------------------------------------------------
  logic carry_rd_en, carry_wr_en, over_out, carry_same;
  logic [CarryWidth-1:0] carry_rd_addr, carry_wr_addr;
  logic [AccWidth-1:0] carry_data, carry_wr_data;
  logic signed [AccWidth-1:0] acc3_q, carry3_q;
  logic signed [SumWidth-1:0] sum, sum4_q;
  logic signed [SumWidth-1:0] total5_q;
  logic ovf4, ovf5;
  logic signed [ValueBits-1:0] value, value6_q;

  assign sum  = SumWidth'(acc3_q) + SumWidth'(carry3_q);
  assign ovf4 = (fin4_q | cout4_q) & (sum4_q[AccWidth] != sum4_q[AccWidth-1]);
  assign ovf5 = fin5_q & (total5_q[AccWidth] != total5_q[AccWidth-1]);

  lac_requant #(
    .AccWidth(AccWidth),
    .OutWidth(ValueBits)
  ) u_requant (
    .acc_i(total5_q[AccWidth-1:0]),
    .shift_i,
    .relu_i,
    .out_o(value),
    .sat_o()
  );

  always_ff @(posedge clk_i) begin
    acc3_q   <= drain_data_i;
    carry3_q <= cin2_q ? carry_data : '0;
    sum4_q   <= sum;
    // Without ovf4 the top bit is the sign again.
    total5_q <= SumWidth'($signed(sum4_q[AccWidth-1:0])) + SumWidth'($signed(bias_i));
    value6_q <= fin5_q ? value : '0;
  end

  // carry memory ----------------------------------------------------------------------------------
  logic [17:0] cout_addr;
  assign cout_addr = 18'(cout_base_i) + 18'(cout_q);
  assign over_in = cin & (32'(cin_q) >= 32'(CarryDepth));
  assign over_out = cout4_q & (32'(cout_addr) >= 32'(CarryDepth));
  assign carry_wr_en = wr_carry_i | (cout4_q & ~over_out);
  assign carry_wr_addr = wr_carry_i ? wr_carry_addr_i : CarryWidth'(cout_addr);
  assign carry_wr_data = wr_carry_i ? wr_carry_data_i : AccWidth'(sum4_q);
  assign carry_rd_addr = out_rd_en_i ? out_addr_i : CarryWidth'(cin_q);
  assign carry_same = carry_wr_en & (carry_wr_addr == carry_rd_addr);
  assign carry_rd_en = (out_rd_en_i | (cin & ~over_in)) & ~carry_same;
  assign out_data_o = carry_data;
  assign carried_o = cout_q;
  assign ev_carry_o = {1'b0, cin} + {1'b0, cout4_q};

  lac_sram #(
    .Width(AccWidth),
    .Depth(CarryDepth),
    .Ports(2)
  ) u_carry (
    .clk_i,
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (carry_rd_en),
    .rd_addr_i(carry_rd_addr),
    .rd_data_o(carry_data),
    .wr_en_i  (carry_wr_en),
    .wr_addr_i(carry_wr_addr),
    .wr_data_i(carry_wr_data)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cin_q  <= '0;
      cout_q <= '0;
    end else if (start_i) begin
      cin_q  <= '0;
      cout_q <= '0;
    end else begin
      if (cin && !over_in) cin_q <= cin_q + 17'd1;
      if (cout4_q && !over_out) cout_q <= cout_q + 17'd1;
    end
  end

  // 6: encoder ------------------------------------------------------------------------------------
  logic drained, gaps, flush, push, pads, runs_over, zero;
  logic [3:0] run_q, run_gap;
  logic [           5:0] run_sum;
  logic [ EntryBits-1:0] entry;
  logic [ SlotWidth-1:0] slot_q;
  logic [CountWidth-1:0] count_q;
  logic [   RowBits-1:0] rows_q;  // rows written, the one under way excluded
  logic [  ChanBits-1:0] channel_q;
  logic full_q, row_full, over_row, over_count, over_channel;
  logic [AddrWidth:0] base_q;
  logic [8*CountWidth-1:0] counts_q;
  logic window_q, window_open_q;

  assign drained = op6_q == OP_DRAIN;
  assign gaps = op6_q == OP_GAP;
  assign flush = op6_q == OP_FLUSH;
  assign zero = value6_q == '0;
  assign run_sum = 6'(run_q) + 6'(gap_i);
  assign run_gap = 4'(run_sum);  // less 16, if it is that or more: a gap has 16 positions at most
  assign runs_over = gaps & (run_sum[5:4] != '0);
  assign pads = (drained & zero & (run_q == '1)) | runs_over;
  assign push = pads | (drained & ~zero);
  assign entry = pads ? {4'hF, 16'd0} : {run_q, value6_q};
  assign row_full = push & (slot_q == SlotWidth'(I - 1));
  assign over_row = push & (slot_q == '0) & (32'(rows_q) + 32'(full_q) >= 32'(IaramRows));
  assign over_count = push & (count_q == '1);
  assign over_channel = flush & (32'(channel_q) >= 32'(MaxC));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q   <= '0;
      slot_q  <= '0;
      count_q <= '0;
      full_q  <= 1'b0;
    end else if (clr_i) begin
      run_q   <= '0;
      slot_q  <= '0;
      count_q <= '0;
      full_q  <= 1'b0;
    end else begin
      full_q <= row_full | (flush & (slot_q != '0));
      if (flush) begin
        run_q   <= '0;
        slot_q  <= '0;
        count_q <= '0;
      end else if (push) begin
        run_q   <= runs_over ? run_gap : '0;
        slot_q  <= row_full ? '0 : slot_q + SlotWidth'(1);
        count_q <= count_q + CountWidth'(1);
      end else if (drained) run_q <= run_q + 4'd1;
      else if (gaps) run_q <= run_gap;
    end
  end

  // The row under way; behind a write its places are 0.
  for (genvar e = 0; e < I; e++) begin : gen_entry
    always_ff @(posedge clk_i) begin
      if (push && slot_q == SlotWidth'(e)) row_data_o[e*EntryBits+:EntryBits] <= entry;
      else if (full_q || start_i) row_data_o[e*EntryBits+:EntryBits] <= '0;
    end
  end

  assign row_wr_en_o = full_q & (32'(rows_q) < 32'(IaramRows));
  assign row_addr_o  = AddrWidth'(rows_q);

  // Places of channels: they outlive clr_i, for keep_i.
  logic empties;
  assign empties = start_i & ~keep_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rows_q <= '0;
      channel_q <= '0;
      window_q <= 1'b0;
      window_open_q <= 1'b0;
      base_q <= '0;
    end else if (empties) begin
      rows_q <= '0;
      channel_q <= '0;
      window_q <= 1'b0;
      window_open_q <= 1'b0;
      base_q <= '0;
    end else begin
      if (full_q) rows_q <= rows_q + RowBits'(1);
      window_q <= (flush & (channel_q[2:0] == '1)) | (end_i & window_open_q);
      if (flush) begin
        channel_q <= channel_q + ChanBits'(1);
        window_open_q <= channel_q[2:0] != '1;
      end
      // The row of a flush is written in the next cycle.
      if (window_q && !window_open_q) base_q <= (AddrWidth + 1)'(rows_q + RowBits'(full_q));
    end
  end

  for (genvar s = 0; s < 8; s++) begin : gen_count
    always_ff @(posedge clk_i) begin
      if (flush && channel_q[2:0] == 3'(s)) counts_q[s*CountWidth+:CountWidth] <= count_q;
      else if (empties || (window_q && !window_open_q)) counts_q[s*CountWidth+:CountWidth] <= '0;
    end
  end

  // A window that is full ends with the channel before channel_q.
  logic [ChanBits-1:0] last_channel;
  assign last_channel = channel_q - ChanBits'(1);
  assign cnt_wr_en_o  = window_q & (32'(last_channel) < 32'(MaxC));
  assign cnt_addr_o   = WinWidth'(last_channel >> 3);
  assign cnt_data_o   = {base_q, counts_q};

  // errors ----------------------------------------------------------------------------------------
  logic found;
  logic [7:0] code;
  logic [23:0] where;

  always_comb begin
    found = 1'b1;
    code  = 8'(ERR_ACC_OVERFLOW);
    where = 24'(k5_q);
    if (ovf5) where = 24'(k5_q);
    else if (ovf4) where = 24'(k4_q);
    else begin
      code  = 8'(ERR_OARAM_OVERFLOW);
      where = 24'(channel_q);
      if (!(over_row || over_count || over_channel)) begin
        code  = 8'(ERR_CARRY_OVERFLOW);
        where = over_out ? 24'(k4_q) : 24'(k1_q);
        found = over_out | over_in;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) err_valid_o <= 1'b0;
    else if (clr_i) err_valid_o <= 1'b0;
    else if (found) err_valid_o <= 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (found && !err_valid_o) begin
      err_code_o <= code;
      err_pos_o  <= {pe_i, where};
    end
  end

  `LAC_ASSERT(one_side, $onehot0(from), "two neighbours send at once")
  `LAC_ASSERT(row_fits, !full_q || err_valid_o || 32'(rows_q) < 32'(IaramRows),
              "a row past the memory")
  `LAC_COVER(cover_pad, pads && drained)
  `LAC_COVER(cover_gap_pad, runs_over)
  `LAC_COVER(cover_flush_full, flush && full_q)
  `LAC_COVER(cover_in_and_out, cin && cout4_q)

endmodule
