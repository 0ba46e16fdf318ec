// SPDX-License-Identifier: Apache-2.0
//
// Accumulator banks of all columns and their control.
//
//   pixel (from the address generator) --[Rows]--> bank 0 --[1]--> bank 1 --[1]--> ...
//                                                        ^ psum 0        ^ psum 1
//   bias buffer: one word (all columns) per output tile, read as its first sum comes
//
// The control of a pixel goes from bank to bank like the pixel from column to column, so the sums
// need no de-skewing: that of pixel n in column j is written in cycle t + n + Rows + j + 2 when
// pixel 0 is in lane 0 in cycle t.
// Each bank holds AccDepth sums; results are read from all banks at one address.
//
// Streams: pixel (no ready). Throughput: one pixel per cycle. Errors: pulse, of several at once the
// lowest column. Model: models/golden.py accumulate.
// Parameters:
//   Rows       3..32
//   Cols       2..32
//   PsumWidth  16..37
//   AccWidth   9..48
//   AccDepth   1..16777216
//   BiasDepth  1..16777216
//   BiasWidth  2..32, at most AccWidth

`include "lac_assert.svh"

module lac_array_sums
  import lac_pkg::*;
#(
  parameter  int Rows          = 16,
  parameter  int Cols          = 16,
  parameter  int PsumWidth     = 36,
  parameter  int AccWidth      = 48,
  parameter  int AccDepth      = 4096,
  parameter  int BiasDepth     = 64,
  parameter  int BiasWidth     = 32,
  localparam int AddrWidth     = `LAC_INDEX_BITS(AccDepth),
  localparam int BiasAddrWidth = `LAC_INDEX_BITS(BiasDepth)
) (
  input  logic                              clk_i,
  input  logic                              rst_ni,
  input  lac_mem_cfg_t                      mem_cfg_i,
  input  logic                              clr_i,
  input  logic                              start_i,
  input  logic                              use_bias_i,
  input  logic         [ BiasAddrWidth-1:0] bias_base_i,
  input  logic                              bias_wr_en_i,
  input  logic         [ BiasAddrWidth-1:0] bias_wr_addr_i,
  input  logic         [Cols*BiasWidth-1:0] bias_wr_data_i,
  // pixel that is in lane 0
  input  logic                              valid_i,
  input  logic                              first_i,
  input  logic                              init_i,
  input  logic                              last_i,
  input  logic         [     AddrWidth-1:0] addr_i,
  input  logic         [Cols*PsumWidth-1:0] psum_i,
  // results
  input  logic                              out_rd_en_i,
  input  logic         [     AddrWidth-1:0] out_rd_addr_i,
  output logic         [ Cols*AccWidth-1:0] acc_o,
  // state, events, errors
  output logic                              done_o,
  output logic                              ev_sum_o,        // a pixel reaches column 0
  output logic                              ev_read_o,       // and adds to what is there
  output logic                              err_o,
  output logic         [              31:0] err_pos_o
);

  `LAC_PARAM(lac_array_sums, Rows, 3, 32)
  `LAC_PARAM(lac_array_sums, Cols, 2, 32)
  `LAC_PARAM(lac_array_sums, PsumWidth, 16, 37)
  `LAC_PARAM(lac_array_sums, AccWidth, 9, 48)
  `LAC_PARAM(lac_array_sums, AccDepth, 1, 16777216)
  `LAC_PARAM(lac_array_sums, BiasDepth, 1, 16777216)
  `LAC_PARAM_RULE(lac_array_sums, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")

  localparam int Delay = Rows;
  localparam int CtlWidth = AddrWidth + 3;

  // Control on its way down the rows.
  logic [         Delay-1:0] wait_valid_q;
  logic [Delay*CtlWidth-1:0] wait_q;  // the newest lowest

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) wait_valid_q <= '0;
    else if (clr_i) wait_valid_q <= '0;
    else wait_valid_q <= {wait_valid_q[Delay-2:0], valid_i};
  end

  always_ff @(posedge clk_i)
    wait_q <= {
      wait_q[0+:(Delay-1)*CtlWidth], first_i, init_i, last_i, addr_i
    };

  // Bias word of the output tile whose first tile begins.
  logic head_valid, head_first, head_init, head_last, bias_rd_en;
  logic [     AddrWidth-1:0] head_addr;
  logic [ BiasAddrWidth-1:0] bias_addr_q;
  logic [Cols*BiasWidth-1:0] bias_word;

  assign head_valid = wait_valid_q[Delay-1];
  assign {head_first, head_init, head_last, head_addr} = wait_q[(Delay-1)*CtlWidth+:CtlWidth];
  assign bias_rd_en = head_valid & head_first & head_init & use_bias_i;
  assign ev_sum_o = head_valid;
  assign ev_read_o = head_valid & ~head_init;

  lac_sram #(
    .Width(Cols * BiasWidth),
    .Depth(BiasDepth)
  ) u_bias (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (bias_rd_en),
    .rd_addr_i(bias_addr_q),
    .rd_data_o(bias_word),
    .wr_en_i  (bias_wr_en_i),
    .wr_addr_i(bias_wr_addr_i),
    .wr_data_i(bias_wr_data_i)
  );

  always_ff @(posedge clk_i) begin
    if (start_i) bias_addr_q <= bias_base_i;
    else if (bias_rd_en) bias_addr_q <= bias_addr_q + BiasAddrWidth'(1);
  end

  // Banks
  logic [Cols-1:0] errs, dones;
  logic [Cols*AddrWidth-1:0] err_addrs;

  for (genvar j = 0; j < Cols; j++) begin : gen_bank
    logic valid, first, init, last, valid_next, first_next, init_next, last_next;
    logic [AddrWidth-1:0] addr, addr_next;

    if (j == 0) begin : gen_head
      assign {valid, first, init, last, addr} = {
        head_valid, head_first, head_init, head_last, head_addr
      };
    end else begin : gen_next
      assign valid = gen_bank[j-1].valid_next;
      assign first = gen_bank[j-1].first_next;
      assign init  = gen_bank[j-1].init_next;
      assign last  = gen_bank[j-1].last_next;
      assign addr  = gen_bank[j-1].addr_next;
    end

    lac_array_acc #(
      .PsumWidth(PsumWidth),
      .AccWidth (AccWidth),
      .AccDepth (AccDepth),
      .BiasWidth(BiasWidth)
    ) u_acc (
      .clk_i        (clk_i),
      .rst_ni       (rst_ni),
      .mem_cfg_i    (mem_cfg_i),
      .clr_i        (clr_i),
      .ctl_valid_i  (valid),
      .ctl_first_i  (first),
      .ctl_init_i   (init),
      .ctl_last_i   (last),
      .ctl_addr_i   (addr),
      .ctl_valid_o  (valid_next),
      .ctl_first_o  (first_next),
      .ctl_init_o   (init_next),
      .ctl_last_o   (last_next),
      .ctl_addr_o   (addr_next),
      .psum_i       (psum_i[j*PsumWidth+:PsumWidth]),
      .bias_i       (use_bias_i ? bias_word[j*BiasWidth+:BiasWidth] : '0),
      .out_rd_en_i  (out_rd_en_i),
      .out_rd_addr_i(out_rd_addr_i),
      .acc_o        (acc_o[j*AccWidth+:AccWidth]),
      .done_o       (dones[j]),
      .err_o        (errs[j]),
      .err_addr_o   (err_addrs[j*AddrWidth+:AddrWidth])
    );

    if (j == Cols - 1) begin : gen_end
      // What leaves at the right is not needed.
      logic unused_end;
      assign unused_end = ^{valid_next, first_next, init_next, last_next, addr_next};
    end
  end

  // The other banks are done before the last one.
  logic unused_dones;
  assign unused_dones = ^dones[Cols-2:0];
  assign done_o = dones[Cols-1];

  logic [$clog2(Cols)-1:0] err_col;

  lac_ffs #(
    .Width(Cols)
  ) u_err (
    .in_i    (errs),
    .valid_o (err_o),
    .index_o (err_col),
    .onehot_o()
  );
  assign err_pos_o = {8'(err_col), 24'(err_addrs[32'(err_col)*AddrWidth+:AddrWidth])};

  `LAC_ASSERT(out_idle, !out_rd_en_i || !(valid_i || wait_valid_q != '0),
              "results are read while pixels are on their way")
  `LAC_ASSERT(bias_range, !bias_rd_en || 32'(bias_addr_q) < 32'(BiasDepth), "a bias past the end")
  `LAC_ASSERT(bias_one_port, !(bias_rd_en && bias_wr_en_i), "biases are loaded while one is read")
  `LAC_ASSERT(order_of_banks, !done_o || (dones[Cols-2:0] == '0), "a bank ends beside the last one")
  `LAC_ASSERT(clear_empties, !$past(clr_i) || wait_valid_q == '0, "a pixel is left behind a clear")

endmodule
