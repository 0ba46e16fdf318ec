// SPDX-License-Identifier: Apache-2.0
//
// lac_axil_regs: the AXI4-Lite register block of the socket.
//
// Purpose: control, status, error, geometry and counters; one block and one map for every
//   accelerator. The map is models/socket.py.
// Example: write CFG0.., write 1 to CTRL (start_o pulses), wait for irq_o, read STATUS (2: done),
//   write 4 to CTRL (done is cleared).
//
//   AW, W --> | held until both are there | --> write, B
//   AR    --> | read data register        | --> R
//
// CTRL (only byte 0 acts, a write without that strobe does nothing; reads as 0):
//   start       accepted when the core is idle and no error is set: start_o pulses for a cycle,
//               done, dropped and the error position are cleared. Otherwise SLVERR and
//               STATUS.dropped, with no effect on the run.
//   soft reset  always accepted: soft_rst_o pulses for a cycle, done, error and dropped are cleared;
//               CFG, IRQ_EN and WATCHDOG keep their values. A start in the same write is refused.
//   irq ack     clears done, not error.
//   forget      accepted when the core is idle, or with a soft reset: forget_o pulses for a cycle.
//               Otherwise SLVERR and STATUS.dropped.
// CFG and WATCHDOG writes while busy: SLVERR, STATUS.dropped, no effect.
// Unmapped or unaligned addresses: SLVERR, read data 0. Writes to read-only registers: SLVERR.
//
// Core side: busy_i must be high from the cycle after start_o. done_i and err_valid_i are pulses; of
// errors the first since start is kept. They show Settle cycles later than they could, busy until
// then: what the core counts up to the cycle behind the pulse is in lac_perf when irq_o rises.
// Both are ignored in the cycle of soft_rst_o, which must
// end the run: busy_i low from the cycle after soft_rst_o, unless the core has to drain first.
//
// AW and W arrive in any order; one write and one read outstanding. All ready and valid outputs are
// registers. Latency: B 2 cycles after the later of AW and W (start_o rises with B), R 1 cycle after
// AR; done_i or err_valid_i to irq_o 3. Throughput: one write in 3 cycles, one read in 2.
// DesignId is the low byte of ID.
// Parameters:
//   DesignId  0..255
// Model: models/socket.py. Source: the socket.

`include "lac_assert.svh"

module lac_axil_regs
  import lac_pkg::*;
#(
  parameter int DesignId = 1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic [           11:0] s_axil_awaddr,
  input  logic [            2:0] s_axil_awprot,
  input  logic                   s_axil_awvalid,
  output logic                   s_axil_awready,
  input  logic [           31:0] s_axil_wdata,
  input  logic [            3:0] s_axil_wstrb,
  input  logic                   s_axil_wvalid,
  output logic                   s_axil_wready,
  output logic [            1:0] s_axil_bresp,
  output logic                   s_axil_bvalid,
  input  logic                   s_axil_bready,
  input  logic [           11:0] s_axil_araddr,
  input  logic [            2:0] s_axil_arprot,
  input  logic                   s_axil_arvalid,
  output logic                   s_axil_arready,
  output logic [           31:0] s_axil_rdata,
  output logic [            1:0] s_axil_rresp,
  output logic                   s_axil_rvalid,
  input  logic                   s_axil_rready,
  output logic                   start_o,
  output logic                   soft_rst_o,
  output logic                   forget_o,
  input  logic                   busy_i,
  input  logic                   done_i,
  input  logic                   err_valid_i,
  input  logic [            7:0] err_code_i,
  input  logic [           31:0] err_pos_i,
  input  logic [            3:0] phase_i,
  input  logic [           31:0] packets_i,       // PACKETS
  input  logic [ NUM_CAP*32-1:0] cap_i,
  output logic [ NUM_CFG*32-1:0] cfg_o,
  input  logic [NUM_PERF*32-1:0] perf_i,
  output logic [           31:0] watchdog_o,
  output logic                   irq_o
);

  `LAC_PARAM(lac_axil_regs, DesignId, 0, 255)

  localparam logic [1:0] RespOkay = 2'b00;
  localparam logic [1:0] RespSlvErr = 2'b10;
  localparam logic [31:0] WatchdogReset = 32'd1 << 20;
  localparam int CfgIdxWidth = $clog2(NUM_CFG);
  localparam int CapIdxWidth = $clog2(NUM_CAP);
  localparam int PerfIdxWidth = $clog2(NUM_PERF);
  // Byte address bits; the map is decoded by word.
  localparam int AddrWidth = 12;
  localparam int WordWidth = AddrWidth - 2;
  // A counter takes 2 cycles, and the last event may come a cycle behind the end.
  localparam int Settle = 2;

  function automatic logic [31:0] merge(input logic [31:0] old, input logic [31:0] data,
                                        input logic [3:0] strb);
    merge = {
      strb[3] ? data[31:24] : old[31:24],
      strb[2] ? data[23:16] : old[23:16],
      strb[1] ? data[15:8] : old[15:8],
      strb[0] ? data[7:0] : old[7:0]
    };
  endfunction

  // Word number of a register's byte offset.
  function automatic logic [WordWidth-1:0] word_of(input int offset);
    word_of = WordWidth'(offset >> 2);
  endfunction

  // ---------------------------------------------------------------------------- state
  logic [31:0] cfg_q[NUM_CFG];
  logic [31:0] watchdog_q, err_pos_q;
  logic [7:0] err_code_q;
  logic irq_en_q, done_q, error_q, dropped_q;
  logic [Settle-1:0] done_wait_q, error_wait_q;  // on their way
  logic start_q, soft_rst_q, forget_q;
  logic busy, first_error;

  // The core takes a cycle to answer start_o; no one may see it idle meanwhile, nor between its end
  // and done.
  assign busy = busy_i || start_q || done_wait_q != '0 || error_wait_q != '0;
  assign first_error = err_valid_i && !error_q && error_wait_q == '0;

  // ---------------------------------------------------------------------------- write channel
  logic aw_held_q, w_held_q, bvalid_q;
  logic [AddrWidth-1:0] waddr_q;
  logic [31:0] wdata_q;
  logic [3:0] wstrb_q;
  logic [1:0] bresp_q;
  logic write;

  assign s_axil_awready = !aw_held_q && !bvalid_q;
  assign s_axil_wready = !w_held_q && !bvalid_q;
  assign s_axil_bvalid = bvalid_q;
  assign s_axil_bresp = bresp_q;
  assign write = aw_held_q && w_held_q;

  logic [  WordWidth-1:0] wword;
  logic [CfgIdxWidth-1:0] wcfg;
  logic waligned, w_ctrl, w_irq_en, w_watchdog, w_cfg, w_refused, w_error;
  logic ctrl_start, ctrl_soft_rst, ctrl_irq_ack, ctrl_forget, start_ok, forget_ok;

  assign wword = waddr_q[AddrWidth-1:2];
  assign wcfg = wword[CfgIdxWidth-1:0] - CfgIdxWidth'(word_of(REG_CFG0));
  assign waligned = waddr_q[1:0] == 2'b00;
  assign w_ctrl = waligned && wword == word_of(REG_CTRL);
  assign w_irq_en = waligned && wword == word_of(REG_IRQ_EN);
  assign w_watchdog = waligned && wword == word_of(REG_WATCHDOG);
  assign w_cfg = waligned && wword >= word_of(REG_CFG0) && wword < word_of(REG_CFG0 + 4 * NUM_CFG);

  assign ctrl_start = w_ctrl && wstrb_q[0] && (wdata_q & CTRL_START) != 0;
  assign ctrl_soft_rst = w_ctrl && wstrb_q[0] && (wdata_q & CTRL_SOFT_RESET) != 0;
  assign ctrl_irq_ack = w_ctrl && wstrb_q[0] && (wdata_q & CTRL_IRQ_ACK) != 0;
  assign ctrl_forget = w_ctrl && wstrb_q[0] && (wdata_q & CTRL_FORGET) != 0;
  assign start_ok = ctrl_start && !ctrl_soft_rst && !busy && !error_q;
  assign forget_ok = ctrl_forget && (!busy || ctrl_soft_rst);

  assign w_refused = (ctrl_start && !start_ok) || (ctrl_forget && !forget_ok)
                   || ((w_cfg || w_watchdog) && busy);
  assign w_error = w_refused || !(w_ctrl || w_irq_en || w_watchdog || w_cfg);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_held_q <= 1'b0;
      w_held_q  <= 1'b0;
      bvalid_q  <= 1'b0;
    end else if (write) begin
      aw_held_q <= 1'b0;
      w_held_q  <= 1'b0;
      bvalid_q  <= 1'b1;
    end else begin
      if (s_axil_awvalid && s_axil_awready) aw_held_q <= 1'b1;
      if (s_axil_wvalid && s_axil_wready) w_held_q <= 1'b1;
      if (s_axil_bready) bvalid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (s_axil_awvalid && s_axil_awready) waddr_q <= s_axil_awaddr;
    if (s_axil_wvalid && s_axil_wready) begin
      wdata_q <= s_axil_wdata;
      wstrb_q <= s_axil_wstrb;
    end
    if (write) bresp_q <= w_error ? RespSlvErr : RespOkay;
  end

  `LAC_ASSERT(address_rests, $past(s_axil_awvalid && s_axil_awready) || $stable(waddr_q),
              "an address of no write")
  `LAC_ASSERT(data_rests, $past(s_axil_wvalid && s_axil_wready) || $stable({wdata_q, wstrb_q}),
              "data of no write")

  // ---------------------------------------------------------------------------- registers
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      irq_en_q   <= 1'b0;
      watchdog_q <= WatchdogReset;
      for (int i = 0; i < NUM_CFG; i++) cfg_q[i] <= '0;
    end else if (write && !w_error) begin
      if (w_irq_en && wstrb_q[0]) irq_en_q <= wdata_q[0];
      if (w_watchdog) watchdog_q <= merge(watchdog_q, wdata_q, wstrb_q);
      if (w_cfg) cfg_q[wcfg] <= merge(cfg_q[wcfg], wdata_q, wstrb_q);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      start_q      <= 1'b0;
      soft_rst_q   <= 1'b0;
      forget_q     <= 1'b0;
      done_q       <= 1'b0;
      error_q      <= 1'b0;
      done_wait_q  <= '0;
      error_wait_q <= '0;
      dropped_q    <= 1'b0;
      err_code_q   <= '0;
      err_pos_q    <= '0;
    end else begin
      start_q    <= write && start_ok;
      soft_rst_q <= write && ctrl_soft_rst;
      forget_q   <= write && forget_ok;

      // Later statements win: what the core reports, then acknowledge, start, soft reset.
      if (write && ctrl_irq_ack) done_q <= 1'b0;
      done_wait_q  <= {done_wait_q[Settle-2:0], done_i};
      error_wait_q <= {error_wait_q[Settle-2:0], first_error};
      if (done_wait_q[Settle-1]) done_q <= 1'b1;
      if (error_wait_q[Settle-1]) error_q <= 1'b1;
      if (first_error) begin
        err_code_q <= err_code_i;
        err_pos_q  <= err_pos_i;
      end
      if (write && start_ok) begin
        done_q     <= 1'b0;
        dropped_q  <= 1'b0;
        err_code_q <= '0;
        err_pos_q  <= '0;
      end
      if ((write && ctrl_soft_rst) || soft_rst_q) begin
        done_q       <= 1'b0;
        error_q      <= 1'b0;
        done_wait_q  <= '0;
        error_wait_q <= '0;
        err_code_q   <= '0;
        err_pos_q    <= '0;
      end
      if (write && ctrl_soft_rst) dropped_q <= 1'b0;
      if (write && w_refused) dropped_q <= 1'b1;
    end
  end

  // ---------------------------------------------------------------------------- read channel
  logic rvalid_q, rd_hit;
  logic [31:0] rdata_q, rd_mux;
  logic [1:0] rresp_q;
  logic raligned;
  logic [WordWidth-1:0] rword;
  logic [CfgIdxWidth-1:0] rcfg;
  logic [CapIdxWidth-1:0] rcap;
  logic [PerfIdxWidth-1:0] rperf;

  assign s_axil_arready = !rvalid_q;
  assign s_axil_rvalid = rvalid_q;
  assign s_axil_rdata = rdata_q;
  assign s_axil_rresp = rresp_q;

  assign raligned = s_axil_araddr[1:0] == 2'b00;
  assign rword = s_axil_araddr[AddrWidth-1:2];
  assign rcfg = rword[CfgIdxWidth-1:0] - CfgIdxWidth'(word_of(REG_CFG0));
  assign rcap = rword[CapIdxWidth-1:0] - CapIdxWidth'(word_of(REG_CAP0));
  assign rperf = rword[PerfIdxWidth-1:0] - PerfIdxWidth'(word_of(REG_PERF0));

  always_comb begin
    rd_hit = raligned;
    rd_mux = '0;
    case (rword)
      word_of(REG_ID): rd_mux = ID_PREFIX | 32'(DesignId);
      word_of(REG_VERSION): rd_mux = SOCKET_VERSION;
      word_of(REG_CTRL): rd_mux = '0;
      word_of(REG_STATUS): rd_mux = {20'b0, phase_i, 4'b0, dropped_q, error_q, done_q, busy};
      word_of(REG_ERR_CODE): rd_mux = error_q ? 32'(err_code_q) : '0;
      word_of(REG_ERR_POS): rd_mux = error_q ? err_pos_q : '0;
      word_of(REG_IRQ_EN): rd_mux = 32'(irq_en_q);
      word_of(REG_WATCHDOG): rd_mux = watchdog_q;
      word_of(REG_PACKETS): rd_mux = packets_i;
      default: begin
        if (rword >= word_of(REG_CAP0) && rword < word_of(REG_CAP0 + 4 * NUM_CAP)) begin
          rd_mux = cap_i[32*rcap+:32];
        end else if (rword >= word_of(REG_CFG0) && rword < word_of(REG_CFG0 + 4 * NUM_CFG)) begin
          rd_mux = cfg_q[rcfg];
        end else if (rword >= word_of(REG_PERF0) && rword < word_of(REG_PERF0 + 4 * NUM_PERF)) begin
          rd_mux = perf_i[32*rperf+:32];
        end else begin
          rd_hit = 1'b0;
        end
      end
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) rvalid_q <= 1'b0;
    else if (s_axil_arvalid && s_axil_arready) rvalid_q <= 1'b1;
    else if (s_axil_rready) rvalid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (s_axil_arvalid && s_axil_arready) begin
      rdata_q <= rd_hit ? rd_mux : '0;
      rresp_q <= rd_hit ? RespOkay : RespSlvErr;
    end
  end

  // ---------------------------------------------------------------------------- outputs
  for (genvar i = 0; i < NUM_CFG; i++) begin : gen_cfg
    assign cfg_o[32*i+:32] = cfg_q[i];
  end
  assign watchdog_o = watchdog_q;
  assign start_o = start_q;
  assign soft_rst_o = soft_rst_q;
  assign forget_o = forget_q;
  assign irq_o = irq_en_q && (done_q || error_q);

  logic unused;
  assign unused = ^{s_axil_awprot, s_axil_arprot};

  `LAC_STREAM(s_axil_bvalid, s_axil_bready, s_axil_bresp)
  `LAC_STREAM(s_axil_rvalid, s_axil_rready, {s_axil_rdata, s_axil_rresp})
  `LAC_STREAM(s_axil_awvalid, s_axil_awready, {s_axil_awprot, s_axil_awaddr})
  `LAC_STREAM(s_axil_wvalid, s_axil_wready, {s_axil_wdata, s_axil_wstrb})
  `LAC_STREAM(s_axil_arvalid, s_axil_arready, {s_axil_arprot, s_axil_araddr})
  `LAC_ASSERT(b_answers, !$rose(s_axil_bvalid) || $past(aw_held_q && w_held_q),
              "a response without an address and data")
  `LAC_ASSERT(r_answers, !$rose(s_axil_rvalid) || $past(s_axil_arvalid && s_axil_arready),
              "read data without an address")
  `LAC_ASSERT(one_write, !s_axil_bvalid || !(s_axil_awready || s_axil_wready || write),
              "a second write before the response to the first")
  `LAC_ASSERT(one_read, !s_axil_rvalid || !s_axil_arready, "a second read before the first's data")
  `LAC_ASSERT(b_known, !s_axil_bvalid || s_axil_bresp == RespOkay || s_axil_bresp == RespSlvErr,
              "a response other than OKAY and SLVERR")
  `LAC_ASSERT(r_known, !s_axil_rvalid || s_axil_rresp == RespOkay || s_axil_rresp == RespSlvErr,
              "a response other than OKAY and SLVERR")
  `LAC_ASSERT(r_error_zero, !s_axil_rvalid || s_axil_rresp == RespOkay || s_axil_rdata == '0,
              "SLVERR with data other than 0")
  `LAC_ASSERT(start_idle, !start_o || !soft_rst_o, "start and soft reset at once")
  `LAC_ASSERT(start_when_idle, !start_o || !$past(busy || error_q), "start of what is not idle")
  `LAC_ASSERT(pulses, !(start_o && $past(start_o)) && !(soft_rst_o && $past(soft_rst_o)),
              "start or soft reset for more than a cycle")
  `LAC_ASSERT(cfg_held, !$past(busy) || $stable({watchdog_o, cfg_o}),
              "configuration changed while busy")
  `LAC_ASSERT(code_kept, !error_q || $past(!error_q) || $stable({err_pos_q, err_code_q}) || $past
              (write && ctrl_soft_rst) || $past(soft_rst_q), "the first error was overwritten")
  `LAC_COVER(cover_refused, write && w_refused)

endmodule
