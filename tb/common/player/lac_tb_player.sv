// Copyright Lacuna contributors.
// SPDX-License-Identifier: Apache-2.0
//
// Stream player of the full-size bench: reads packets from a file and drives them, one word per
// cycle, so that Python does not have to touch the stream. Simulation only.
//
// File: packets back to back, each a 64-bit count followed by that many 64-bit words, most
// significant byte first (the order in which $fread fills a vector). Written by
// tb/common/player/player.py. tlast accompanies the last word of each packet.
//
// Plusargs, with <Name> the parameter: +<Name>_file=path, +<Name>_stall=percent of cycles in which
// no new word is offered (default 0), +<Name>_seed=LFSR seed.
// Streams: tvalid never depends on tready; a word offered is held until it is taken.
// Throughput: one word per cycle at 0 % stall. A packet of 0 words is an error.

module lac_tb_player #(
  parameter FileArg  = "wgt_file=%s",
  parameter StallArg = "wgt_stall=%d",
  parameter SeedArg  = "wgt_seed=%d"
) (
  input logic clk_i,
  input logic rst_ni,

  output logic [63:0] tdata_o,
  output logic        tvalid_o,
  input  logic        tready_i,
  output logic        tlast_o,

  output logic [31:0] packets_o,  // packets handed over completely
  output logic        held_o,     // a word is offered and not taken
  output logic        eof_o       // nothing more to offer
);

  localparam int NumBytes = 8;

  string         file_name;
  integer        fd;
  integer        stall_percent;
  integer        seed;
  integer        got;
  logic   [63:0] word;
  logic   [63:0] left_q;
  logic   [31:0] lfsr_q;
  logic          stall;

  initial begin
    fd            = 0;
    stall_percent = 0;
    seed          = 1;
    if ($value$plusargs(FileArg, file_name)) begin
      fd = $fopen(file_name, "rb");
      if (fd == 0) $fatal(1, "cannot open %s", file_name);
    end
    if (!$value$plusargs(StallArg, stall_percent)) stall_percent = 0;
    if (!$value$plusargs(SeedArg, seed)) seed = 1;
  end

  assign held_o = tvalid_o && !tready_i;
  assign stall  = 32'(lfsr_q[15:0]) * 32'd100 < 32'(stall_percent) << 16;

  // Blocking: what $fread returns is used in the same cycle, and nowhere else.
  /* verilator lint_off BLKSEQ */
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tvalid_o  <= 1'b0;
      tlast_o   <= 1'b0;
      tdata_o   <= '0;
      packets_o <= '0;
      eof_o     <= 1'b0;
      left_q    <= '0;
      lfsr_q    <= 32'(seed) ^ 32'h9E37_79B9;
    end else begin
      // x^32 + x^22 + x^2 + x + 1, Galois form.
      lfsr_q <= (lfsr_q >> 1) ^ (lfsr_q[0] ? 32'h8020_0003 : 32'd0);
      if (tvalid_o && tready_i) begin
        tvalid_o <= 1'b0;
        if (tlast_o) packets_o <= packets_o + 32'd1;
      end
      if (!eof_o && (!tvalid_o || tready_i) && !stall) begin
        if (fd == 0) begin
          eof_o <= 1'b1;
        end else begin
          // The count and the first word of a packet are read in the same cycle.
          got = $fread(word, fd);
          if (got == 0) begin
            eof_o <= 1'b1;
          end else begin
            if (left_q == '0) begin
              left_q <= word - 64'd1;
              if (word == '0) $fatal(1, "packet of 0 words in %s", file_name);
              tlast_o <= word == 64'd1;
              got = $fread(word, fd);
            end else begin
              left_q  <= left_q - 64'd1;
              tlast_o <= left_q == 64'd1;
            end
            if (got != NumBytes) $fatal(1, "%s ends within a packet", file_name);
            tdata_o  <= word;
            tvalid_o <= 1'b1;
          end
        end
      end
    end
  end
  /* verilator lint_on BLKSEQ */

endmodule
