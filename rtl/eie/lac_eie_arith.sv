// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic unit: b[row] += codebook[code] * activation, one entry per cycle, four stages.
//
//   1  codebook look-up      | row address accumulation
//   2  multiply              | accumulator read (its data is there in stage 3)
//   3  add
//   4  accumulator write
//
// An accumulator touched again before its write has landed is taken from stage 4, on adjacent
// cycles as it is, one cycle apart from a copy, so no update is ever delayed and no register is
// read in the cycle of its write. An entry with code 0 takes its slot and writes nothing.
// Example: steps (first,3) (1) (2) address the local rows 2, 3, 5.
//
// Streams: ent without ready. Throughput: one entry per cycle. Latency: entry to write 4 cycles.
// Errors are raised only for entries that would write, and block that write; a sum that does not
// fit is one in stage 4.
// Parameters:
//   ActWidth      8..16, 8 or 16
//   WgtWidth      2..16
//   AccWidth      ActWidth + WgtWidth - 1..48
//   CodeWidth     1..8
//   StepWidth     $clog2(ActRegs) + 1..14
//   ActRegs       1..4096
//   NumCodebooks  1..16
// Source: EIE (ISCA 2016), section IV, "Arithmetic Unit". Model: models/golden.py accumulate.

`include "lac_assert.svh"

module lac_eie_arith #(
  parameter  int ActWidth     = 16,
  parameter  int WgtWidth     = 16,
  parameter  int AccWidth     = 32,
  parameter  int CodeWidth    = 4,
  parameter  int StepWidth    = 8,
  parameter  int ActRegs      = 64,
  parameter  int NumCodebooks = 4,
  localparam int RegWidth     = `LAC_INDEX_BITS(ActRegs),
  localparam int BookWidth    = `LAC_INDEX_BITS(NumCodebooks)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clr_i,
  input  logic [ StepWidth-1:0] num_rows_i,     // rows of this PE's slice
  input  logic [ BookWidth-1:0] book_i,         // codebook in use
  // codebook load, four weights at a time: codes 4*wr_group_i + 0..3
  input  logic                  wr_en_i,
  input  logic [ BookWidth-1:0] wr_book_i,
  input  logic [ CodeWidth-1:0] wr_group_i,
  input  logic [4*WgtWidth-1:0] wr_data_i,
  // entries
  input  logic                  ent_valid_i,
  input  logic [  ActWidth-1:0] ent_act_i,
  input  logic [ CodeWidth-1:0] ent_code_i,
  input  logic [ StepWidth-1:0] ent_step_i,
  input  logic                  ent_first_i,
  // accumulators: data one cycle after the read, write at the clock edge
  output logic                  acc_rd_en_o,
  output logic [  RegWidth-1:0] acc_rd_addr_o,
  input  logic [  AccWidth-1:0] acc_rd_data_i,
  output logic                  acc_wr_en_o,
  output logic [  RegWidth-1:0] acc_wr_addr_o,
  output logic [  AccWidth-1:0] acc_wr_data_o,
  // state, events, errors (pulses)
  output logic                  idle_o,
  output logic                  ev_mac_o,       // a multiply of two non-zero operands
  output logic                  ev_zero_o,      // a slot spent on code 0
  output logic                  ev_bypass_o,    // accumulator taken from stage 4
  output logic                  err_row_o,
  output logic                  err_ovf_o,
  output logic [ StepWidth-1:0] err_addr_o
);

  `LAC_PARAM_RULE(lac_eie_arith, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_eie_arith, WgtWidth, 2, 16)
  `LAC_PARAM(lac_eie_arith, AccWidth, ActWidth + WgtWidth - 1, 48)
  `LAC_PARAM(lac_eie_arith, CodeWidth, 1, 8)
  `LAC_PARAM(lac_eie_arith, StepWidth, $clog2(ActRegs) + 1, 14)
  `LAC_PARAM(lac_eie_arith, ActRegs, 1, 4096)
  `LAC_PARAM(lac_eie_arith, NumCodebooks, 1, 16)

  localparam int NumGroups = (2 ** CodeWidth + 3) / 4;
  localparam int ProdWidth = ActWidth + WgtWidth;

  // Codebooks: registers, since one is read every cycle; a word holds four weights.
  logic [4*WgtWidth-1:0] book_q[NumCodebooks*NumGroups];
  logic [4*WgtWidth-1:0] book_word;

  assign book_word = book_q[32'(book_i)*NumGroups+32'(ent_code_i>>2)];

  always_ff @(posedge clk_i) begin
    if (wr_en_i) book_q[32'(wr_book_i)*NumGroups+32'(wr_group_i)] <= wr_data_i;
  end

  // 1: look-up and address
  logic s1_valid_q, s1_zero_q;
  logic signed [ WgtWidth-1:0] s1_wgt_q;
  logic signed [ ActWidth-1:0] s1_act_q;
  logic        [StepWidth-1:0] s1_addr_q;  // local row; the base of the next step
  logic        [  StepWidth:0] addr_sum;

  // The first step counts from row -1. A sum past the top saturates: it is out of range anyway.
  assign addr_sum = (ent_first_i ? (StepWidth+1)'(0) : (StepWidth+1)'(s1_addr_q) +
                     (StepWidth+1)'(1)) + (StepWidth+1)'(ent_step_i) - (StepWidth+1)'(1);

  always_ff @(posedge clk_i) begin
    if (ent_valid_i) begin
      s1_wgt_q  <= book_word[32'(2'(ent_code_i))*WgtWidth+:WgtWidth];
      s1_act_q  <= ent_act_i;
      s1_zero_q <= ent_code_i == '0;
      s1_addr_q <= addr_sum[StepWidth] ? '1 : addr_sum[StepWidth-1:0];
    end
  end

  // 2: multiply and read
  logic s1_write, s1_in_range, s1_same, s1_behind;
  logic s2_valid_q, s2_same_q, s2_behind_q;
  logic signed [ProdWidth-1:0] s2_prod_q;
  logic signed [ AccWidth-1:0] s2_copy_q;
  logic        [ RegWidth-1:0] s2_addr_q;

  assign s1_in_range   = s1_addr_q < num_rows_i;
  assign s1_write      = s1_valid_q & ~s1_zero_q & s1_in_range;
  assign s1_same       = s2_valid_q & (s2_addr_q == acc_rd_addr_o);
  assign s1_behind     = acc_wr_en_o & (acc_wr_addr_o == acc_rd_addr_o);
  assign acc_rd_addr_o = RegWidth'(s1_addr_q);  // in range wherever it is used
  assign acc_rd_en_o   = s1_write & ~s1_behind;

  always_ff @(posedge clk_i) begin
    if (s1_write) begin
      s2_prod_q   <= s1_wgt_q * s1_act_q;
      s2_addr_q   <= acc_rd_addr_o;
      s2_same_q   <= s1_same;
      s2_behind_q <= s1_behind;
    end
    if (s1_write && s1_behind) s2_copy_q <= acc_wr_data_o;
  end

  // 3: add; the entry one ahead of this one is in stage 4 when s2_same_q is set
  logic s3_valid_q, s3_ovf_q, ovf;
  logic [RegWidth-1:0] s3_addr_q;
  logic signed [AccWidth-1:0] s3_sum_q, augend;
  logic signed [AccWidth:0] sum;

  assign augend = s2_same_q ? s3_sum_q : s2_behind_q ? s2_copy_q : $signed(acc_rd_data_i);
  assign sum    = (AccWidth+1)'(augend) + (AccWidth+1)'(s2_prod_q);
  assign ovf    = sum[AccWidth] != sum[AccWidth-1];

  always_ff @(posedge clk_i) begin
    if (s2_valid_q) begin
      s3_sum_q  <= sum[AccWidth-1:0];  // overflow is flagged
      s3_addr_q <= s2_addr_q;
    end
  end

  // 4: write
  assign acc_wr_en_o   = s3_valid_q;
  assign acc_wr_addr_o = s3_addr_q;
  assign acc_wr_data_o = s3_sum_q;

  assign idle_o        = ~s1_valid_q & ~s2_valid_q & ~s3_valid_q & ~s3_ovf_q;
  assign ev_mac_o      = s1_write;
  assign ev_zero_o     = s1_valid_q & s1_zero_q;
  assign ev_bypass_o   = s1_write & (s1_same | s1_behind);
  assign err_row_o     = s1_valid_q & ~s1_zero_q & ~s1_in_range;
  assign err_ovf_o     = s3_ovf_q;
  assign err_addr_o    = err_ovf_o ? StepWidth'(s3_addr_q) : s1_addr_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      s1_valid_q <= 1'b0;
      s2_valid_q <= 1'b0;
      s3_valid_q <= 1'b0;
      s3_ovf_q   <= 1'b0;
    end else if (clr_i) begin
      s1_valid_q <= 1'b0;
      s2_valid_q <= 1'b0;
      s3_valid_q <= 1'b0;
      s3_ovf_q   <= 1'b0;
    end else begin
      s1_valid_q <= ent_valid_i;
      s2_valid_q <= s1_write;
      s3_valid_q <= s2_valid_q & ~ovf;
      s3_ovf_q   <= s2_valid_q & ovf;
    end
  end

  `LAC_ASSERT(book_range,
              !wr_en_i || (32'(wr_book_i) < 32'(NumCodebooks) && 32'(wr_group_i) < 32'(NumGroups)),
              "a codebook word past the end")
  `LAC_ASSERT(book_chosen, !ent_valid_i || 32'(book_i) < 32'(NumCodebooks), "no such codebook")
  `LAC_ASSERT(read_range, !s1_write || 32'(acc_rd_addr_o) < 32'(ActRegs), "read past the file")
  `LAC_ASSERT(read_landed, !acc_rd_en_o || !acc_wr_en_o || acc_rd_addr_o != acc_wr_addr_o,
              "a register is read while it is written")
  `LAC_ASSERT(write_range, !acc_wr_en_o || 32'(acc_wr_addr_o) < 32'(ActRegs), "write past the file")
  `LAC_ASSERT(one_account, !(ev_mac_o && ev_zero_o), "a slot with two accounts")
  `LAC_ASSERT(row_no_write, !err_row_o || !s1_write, "a row out of range is written")

endmodule
