// Copyright Lacuna contributors.
// SPDX-License-Identifier: Apache-2.0
//
// Host of the full-size bench: plays register accesses from a file, so that Python sleeps until the
// program has ended. Simulation only.
//
// File: steps of 16 bytes, most significant first, {flags, kind, address, data, mask, 0} of
// 8, 8, 16, 32, 32, 32 bits; written by tb/common/player/steps.py.
//   kind 1  write data
//   kind 2  read; (what came & mask) must be data
//   kind 3  wait for the interrupt, at most data cycles
// Flag 0: a pass ends with this step; +host_progress gets a byte, at once.
// What was read goes to +host_reads: text, a line of 8 hex digits for each.
//
// Plusargs: +host_file=path, +host_reads=path, +host_progress=path.
//
// go_i starts it and stays high. done_o: every step is done, or stop_o says why not; then the bus is
// free again. Each access takes as many cycles as by tb/common/bfm/axil.py: an edge to offer it, one
// or more to take it, one or more for the answer.

module lac_tb_host #(
  parameter int Patience = 1000  // cycles that an access may wait
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic        go_i,
  output logic        busy_o,    // the bus belongs to it
  output logic        done_o,
  output logic [ 2:0] stop_o,    // 0 none, 1 no interrupt, 2 read something else, 3 error response,
                                 // 4 no answer
  output logic [31:0] steps_o,   // done
  output logic [31:0] passes_o,  // done
  output logic [31:0] seen_o,    // last word read; the response at a stop of kind 3

  input  logic        irq_i,
  output logic [11:0] awaddr_o,
  output logic        awvalid_o,
  input  logic        awready_i,
  output logic [31:0] wdata_o,
  output logic        wvalid_o,
  input  logic        wready_i,
  input  logic [ 1:0] bresp_i,
  input  logic        bvalid_i,
  output logic        bready_o,
  output logic [11:0] araddr_o,
  output logic        arvalid_o,
  input  logic        arready_i,
  input  logic [31:0] rdata_i,
  input  logic [ 1:0] rresp_i,
  input  logic        rvalid_i,
  output logic        rready_o
);

  localparam int NumBytes = 16;
  localparam logic [7:0] KindWrite = 8'd1, KindRead = 8'd2, KindWait = 8'd3;
  localparam logic [2:0] StopIrq = 3'd1, StopRead = 3'd2, StopResponse = 3'd3, StopSilent = 3'd4;

  typedef enum logic [1:0] {
    StNext,    // take a step and offer it
    StOffer,   // until it is taken
    StAnswer,  // until it is answered
    StWait     // for the interrupt
  } state_e;

  string          file_name;
  integer         fd;
  integer         fd_reads;
  integer         fd_progress;
  integer         got;
  state_e         state_q;
  logic   [127:0] step;
  logic           last_q;  // of a pass
  logic   [ 31:0] expect_q;
  logic   [ 31:0] mask_q;
  logic   [ 31:0] left_q;  // cycles of patience

  initial begin
    fd          = 0;
    fd_reads    = 0;
    fd_progress = 0;
    if ($value$plusargs("host_file=%s", file_name)) begin
      fd = $fopen(file_name, "rb");
      if (fd == 0) $fatal(1, "cannot open %s", file_name);
    end
    if ($value$plusargs("host_reads=%s", file_name)) begin
      fd_reads = $fopen(file_name, "w");
      if (fd_reads == 0) $fatal(1, "cannot open %s", file_name);
    end
    if ($value$plusargs("host_progress=%s", file_name)) begin
      fd_progress = $fopen(file_name, "w");
      if (fd_progress == 0) $fatal(1, "cannot open %s", file_name);
    end
  end

  assign busy_o = go_i && !done_o;

  // Blocking: what $fread returns is used in the same cycle, and nowhere else.
  /* verilator lint_off BLKSEQ */
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StNext;
      done_o    <= 1'b0;
      stop_o    <= '0;
      steps_o   <= '0;
      passes_o  <= '0;
      seen_o    <= '0;
      awaddr_o  <= '0;
      awvalid_o <= 1'b0;
      wdata_o   <= '0;
      wvalid_o  <= 1'b0;
      bready_o  <= 1'b0;
      araddr_o  <= '0;
      arvalid_o <= 1'b0;
      rready_o  <= 1'b0;
      last_q    <= 1'b0;
      expect_q  <= '0;
      mask_q    <= '0;
      left_q    <= '0;
    end else if (busy_o) begin
      left_q <= left_q - 32'd1;
      case (state_q)
        StNext: begin
          got = 0;
          if (fd != 0) got = $fread(step, fd);
          if (got == 0) begin
            done_o <= 1'b1;
            if (fd_reads != 0) $fflush(fd_reads);
          end else if (got != NumBytes) begin
            $fatal(1, "the register accesses end within a step");
          end else begin
            last_q   <= step[120];
            expect_q <= step[95:64];
            mask_q   <= step[63:32];
            left_q   <= 32'(Patience);
            case (step[119:112])
              KindWrite: begin
                awaddr_o  <= step[107:96];
                awvalid_o <= 1'b1;
                wdata_o   <= step[95:64];
                wvalid_o  <= 1'b1;
                state_q   <= StOffer;
              end
              KindRead: begin
                araddr_o  <= step[107:96];
                arvalid_o <= 1'b1;
                state_q   <= StOffer;
              end
              KindWait: begin
                left_q <= step[95:64];
                if (irq_i) steps_o <= steps_o + 32'd1;
                else state_q <= StWait;
              end
              default: $fatal(1, "a register access of kind %0d", step[119:112]);
            endcase
          end
        end
        StOffer: begin
          if (awready_i) awvalid_o <= 1'b0;
          if (wready_i) wvalid_o <= 1'b0;
          if (arready_i) arvalid_o <= 1'b0;
          if (!(awvalid_o && !awready_i || wvalid_o && !wready_i || arvalid_o && !arready_i)) begin
            bready_o <= !arvalid_o;
            rready_o <= arvalid_o;
            left_q   <= 32'(Patience);
            state_q  <= StAnswer;
          end else if (left_q == 32'd1) begin
            awvalid_o <= 1'b0;
            wvalid_o  <= 1'b0;
            arvalid_o <= 1'b0;
            stop_o    <= StopSilent;
            done_o    <= 1'b1;
          end
        end
        StAnswer: begin
          if (bready_o && bvalid_i || rready_o && rvalid_i) begin
            bready_o <= 1'b0;
            rready_o <= 1'b0;
            state_q  <= StNext;
            if (rready_o) begin
              seen_o <= rdata_i;
              if (fd_reads != 0) $fwrite(fd_reads, "%h\n", rdata_i);
            end
            if ((rready_o ? rresp_i : bresp_i) !== 2'd0) begin
              seen_o <= 32'(rready_o ? rresp_i : bresp_i);
              stop_o <= StopResponse;
              done_o <= 1'b1;
            end else if (rready_o && (rdata_i & mask_q) !== expect_q) begin
              stop_o <= StopRead;
              done_o <= 1'b1;
            end else begin
              steps_o <= steps_o + 32'd1;
              if (last_q) begin
                passes_o <= passes_o + 32'd1;
                if (fd_progress != 0) begin
                  $fwrite(fd_progress, ".");
                  $fflush(fd_progress);
                end
              end
            end
          end else if (left_q == 32'd1) begin
            bready_o <= 1'b0;
            rready_o <= 1'b0;
            stop_o   <= StopSilent;
            done_o   <= 1'b1;
          end
        end
        default: begin  // StWait
          if (irq_i) begin
            steps_o <= steps_o + 32'd1;
            state_q <= StNext;
          end else if (left_q == '0) begin
            stop_o <= StopIrq;
            done_o <= 1'b1;
          end
        end
      endcase
    end
  end
  /* verilator lint_on BLKSEQ */

endmodule
