// Copyright Lacuna contributors.
// SPDX-License-Identifier: Apache-2.0
//
// Stream sink of the full-size bench: takes every word and writes it to a file. Simulation only.
//
// File: text, one line per word, "<16 hex digits> <tlast> <tuser>", read by tb/common/player/player.py.
// The file is flushed at the end of each packet, so that what a hanging run produced can be read.
//
// Plusargs: +out_file=path, +out_stall=percent of cycles with tready low (default 0),
// +out_seed=LFSR seed.
// Streams: tready does not depend on tvalid. Throughput: one word per cycle at 0 % stall.

module lac_tb_sink (
  input logic clk_i,
  input logic rst_ni,

  input  logic [63:0] tdata_i,
  input  logic        tvalid_i,
  output logic        tready_o,
  input  logic        tlast_i,
  input  logic        tuser_i,   // the packet was aborted

  output logic [31:0] packets_o,
  output logic [31:0] words_o,
  output logic        held_o      // a word is offered and not taken
);

  string         file_name;
  integer        fd;
  integer        stall_percent;
  integer        seed;
  logic   [31:0] lfsr_q;

  initial begin
    fd            = 0;
    stall_percent = 0;
    seed          = 1;
    if ($value$plusargs("out_file=%s", file_name)) begin
      fd = $fopen(file_name, "w");
      if (fd == 0) $fatal(1, "cannot open %s", file_name);
    end
    if (!$value$plusargs("out_stall=%d", stall_percent)) stall_percent = 0;
    if (!$value$plusargs("out_seed=%d", seed)) seed = 1;
  end

  assign held_o   = tvalid_i && !tready_o;
  assign tready_o = !(32'(lfsr_q[15:0]) * 32'd100 < 32'(stall_percent) << 16);

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      packets_o <= '0;
      words_o   <= '0;
      lfsr_q    <= 32'(seed) ^ 32'h7F4A_7C15;
    end else begin
      // x^32 + x^22 + x^2 + x + 1, Galois form.
      lfsr_q <= (lfsr_q >> 1) ^ (lfsr_q[0] ? 32'h8020_0003 : 32'd0);
      if (tvalid_i && tready_o) begin
        words_o <= words_o + 32'd1;
        if (tlast_i) packets_o <= packets_o + 32'd1;
        if (fd != 0) begin
          $fwrite(fd, "%h %b %b\n", tdata_i, tlast_i, tuser_i);
          if (tlast_i) $fflush(fd);
        end
      end
    end
  end

endmodule
