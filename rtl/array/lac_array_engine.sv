// SPDX-License-Identifier: Apache-2.0
//
// Engine of a weight-stationary systolic array: all but how its weights are kept.
//
//   act_i -> activation loader -> buffer <- address generator <- ready_i: weights in place
//                                   | one pixel, Rows activations, per cycle
//                                  skew -> array Rows x Cols -> sums -> out -> result_o
//            wgt_i, wgt_row_i, wgt_col_i: shadow weights -^      ^ biases
//
// For lac_socket (docs/socket.md, "Inside"). The core around it loads the weight packet and puts the
// weights of each tile in place: it hears of the pass (pass_i, tiles_o) and of the start of each
// tile (tile_o), and says when the next one may start (ready_i).
// NumFeeds buses bring shadow weights: bus b serves rows b*Rows/NumFeeds and on; row i takes the
// columns wgt_col_i of its bus in a cycle with wgt_row_i[i].
//
// Function, registers, parameters and cycles: README.md beside this file; socket: docs/socket.md.
// Throughput: Rows * Cols multiplies per cycle. Counters: all of them exact.
// Cap6 is what CAP 6 reads; Compressed: tiles have no fixed size in the weight buffer, so the
// geometry looks at WGT_BASE alone; the rest as in the design.
// Parameters:
//   Cap6        any
//   Compressed  any
//   NumFeeds    1..32, a divisor of Rows
//   Rows        4..32, 4, 8, 16 or 32
//   Cols        4..32, 4, 8, 16 or 32
//   DataWidth   64
//   ActWidth    8..16, 8 or 16
//   WgtWidth    8..16, 8 or 16
//   AccWidth    ActWidth + 1..48
//   ActDepth    1..16777216
//   WgtDepth    1..16777216
//   AccDepth    1..16777216
//   BiasDepth   1..16777216
//   BiasWidth   2..32, at most AccWidth
// Source: weight-stationary systolic arrays (Kung 1982; TPU, ISCA 2017). Model: models/dense.

`include "lac_assert.svh"

module lac_array_engine
  import lac_pkg::*, lac_socket_pkg::*, lac_array_cfg_pkg::*;
#(
  parameter  logic [31:0] Cap6          = 32'd0,
  parameter  bit          Compressed    = 0,
  parameter  int          NumFeeds      = 1,
  parameter  int          Rows          = 16,
  parameter  int          Cols          = 16,
  parameter  int          DataWidth     = 64,
  parameter  int          ActWidth      = 16,
  parameter  int          WgtWidth      = 16,
  parameter  int          AccWidth      = 48,
  parameter  int          ActDepth      = 16384,
  parameter  int          WgtDepth      = 8192,
  parameter  int          AccDepth      = 4096,
  parameter  int          BiasDepth     = 64,
  parameter  int          BiasWidth     = 32,
  localparam int          SizeWidth     = 25,                         // of lac_array_geom
  localparam int          WgtAddrWidth  = `LAC_INDEX_BITS(WgtDepth),
  localparam int          BiasAddrWidth = `LAC_INDEX_BITS(BiasDepth)
) (
  input  logic                                        clk_i,
  input  logic                                        rst_ni,
  input  lac_mem_cfg_t                                mem_cfg_i,
  output logic           [            NUM_CAP*32-1:0] cap_o,
  input  lac_array_cfg_t                              cfg_i,
  input  lac_pass_t                                   pass_i,
  output lac_core_t                                   core_o,
  input  lac_word_t                                   act_i,
  output logic                                        act_ready_o,
  output lac_result_t                                 result_o,
  input  logic                                        result_ready_i,
  output lac_events_t                                 events_o,
  // loading weights and biases
  input  logic                                        wgt_err_i,
  input  logic           [                       7:0] wgt_code_i,
  input  logic                                        bias_wr_en_i,
  input  logic           [         BiasAddrWidth-1:0] bias_wr_addr_i,
  input  logic           [        Cols*BiasWidth-1:0] bias_wr_data_i,
  // weights of the tiles
  output logic           [          WgtAddrWidth-1:0] wgt_base_o,
  output logic           [             SizeWidth-1:0] tiles_o,
  output logic                                        tile_o,
  input  logic                                        ready_i,
  input  logic           [                  Rows-1:0] wgt_row_i,
  input  logic           [         NumFeeds*Cols-1:0] wgt_col_i,
  input  logic           [NumFeeds*Cols*WgtWidth-1:0] wgt_i,
  input  logic                                        feed_err_i,
  input  logic           [                       7:0] feed_code_i,
  input  logic           [                      31:0] feed_pos_i,
  // events: something moved; words of the weight buffer read and written
  input  logic                                        progress_i,
  input  logic           [                      15:0] wgt_reads_i,
  input  logic                                        wgt_write_i
);

  `LAC_PARAM_RULE(lac_array_engine, NumFeeds, 1, 32, Rows % NumFeeds == 0, "a divisor of Rows")
  `LAC_PARAM_RULE(lac_array_engine, Rows, 4, 32,
                  Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32, "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_array_engine, Cols, 4, 32,
                  Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32, "4, 8, 16 or 32")
  `LAC_PARAM(lac_array_engine, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_array_engine, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_array_engine, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_array_engine, AccWidth, ActWidth + 1, 48)
  `LAC_PARAM(lac_array_engine, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_array_engine, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_array_engine, AccDepth, 1, 16777216)
  `LAC_PARAM(lac_array_engine, BiasDepth, 1, 16777216)
  `LAC_PARAM_RULE(lac_array_engine, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")

  localparam int PsumWidth = ActWidth + WgtWidth + $clog2(Rows);
  localparam int ActAddrWidth = `LAC_INDEX_BITS(ActDepth);
  localparam int AccAddrWidth = `LAC_INDEX_BITS(AccDepth);
  localparam int ShiftWidth = $clog2(AccWidth);
  localparam int CountWidth = $clog2(Rows * Cols + 1);

  // fields -----------------------------------------------------------------------------------
  lac_array_cap_t cap;
  logic [31:0] wgt_base, act_base, bias_base, shift;  // checked: their low bits say it all

  assign cap.rsvd       = {32'd0, Cap6, 8'd0};
  assign cap.acc_width  = 8'(AccWidth);
  assign cap.wgt_width  = 8'(WgtWidth);
  assign cap.act_width  = 8'(ActWidth);
  assign cap.bias_depth = 32'(BiasDepth);
  assign cap.acc_depth  = 32'(AccDepth);
  assign cap.wgt_depth  = 32'(WgtDepth);
  assign cap.act_depth  = 32'(ActDepth);
  assign cap.cols       = 16'(Cols);
  assign cap.rows       = 16'(Rows);
  assign cap_o          = cap;

  assign wgt_base       = cfg_i.wgt_base;
  assign act_base       = cfg_i.act_base;
  assign bias_base      = cfg_i.bias_base;
  assign shift          = cfg_i.shift;

  // Activations are counted here; phases are the socket's.
  logic unused_pass;
  assign unused_pass = ^{act_i.left, act_i.bad, pass_i, wgt_base, act_base, bias_base, shift};

  // control ----------------------------------------------------------------------------------
  logic [SizeWidth-1:0] in_pixels, in_words, sums, row_step, top;
  logic        sum_err;
  logic [31:0] sum_pos;

  // Of both in one cycle the sums count.
  assign core_o.err      = sum_err | feed_err_i;
  assign core_o.err_code = sum_err ? 8'(ERR_ACC_OVERFLOW) : feed_code_i;
  assign core_o.err_pos  = sum_err ? sum_pos : feed_pos_i;

  lac_array_geom #(
    .Rows(Rows),
    .AccWidth(AccWidth),
    .ActDepth(ActDepth),
    .WgtDepth(WgtDepth),
    .AccDepth(AccDepth),
    .BiasDepth(BiasDepth),
    .Compressed(Compressed)
  ) u_geom (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .start_i    (pass_i.check),
    .cfg_i      (cfg_i),
    .done_o     (core_o.check_done),
    .bad_o      (core_o.check_bad),
    .bad_idx_o  (core_o.check_idx),
    .in_pixels_o(in_pixels),
    .in_words_o (in_words),
    .sums_o     (sums),
    .tiles_o    (tiles_o),
    .row_step_o (row_step),
    .top_o      (top)
  );

  assign core_o.act_count = 32'(in_words);
  assign core_o.act_err   = 1'b0;
  assign core_o.act_code  = 8'd0;
  assign core_o.wgt_err   = wgt_err_i;
  assign core_o.wgt_code  = wgt_code_i;
  assign wgt_base_o       = wgt_base[WgtAddrWidth-1:0];

  // activations ------------------------------------------------------------------------------
  logic                     wr_act;
  logic [ ActAddrWidth-1:0] wr_act_addr;
  logic [Rows*ActWidth-1:0] wr_act_data;

  lac_array_act_load #(
    .Rows(Rows),
    .DataWidth(DataWidth),
    .ActWidth(ActWidth),
    .AddrWidth(ActAddrWidth)
  ) u_act_load (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .start_i    (pass_i.load_act),
    .act_base_i (act_base[ActAddrWidth-1:0]),
    .pay_valid_i(act_i.valid),
    .pay_data_i (act_i.data),
    .wr_en_o    (wr_act),
    .wr_addr_o  (wr_act_addr),
    .wr_data_o  (wr_act_data)
  );

  assign act_ready_o = 1'b1;

  // Addresses of activations wrap.
  logic unused_addr;
  assign unused_addr = ^{in_pixels, row_step, top};

  // pixels -----------------------------------------------------------------------------------
  logic                    act_rd_en;
  logic [ActAddrWidth-1:0] act_rd_addr;
  logic [Rows*ActWidth-1:0] act_rd_data, pixel, lanes;
  logic px_valid, px_waits, px_switch, px_init, px_last;
  logic [AccAddrWidth-1:0] px_addr;
  logic rd_valid, rd_waits, rd_inside, rd_switch, rd_init, rd_last;
  logic [AccAddrWidth-1:0] rd_sum_addr;
  logic [Rows-1:0] lane_valid, lane_waits, lane_switch;

  lac_array_agen #(
    .AddrWidth(ActAddrWidth),
    .SumWidth (AccAddrWidth)
  ) u_agen (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .clr_i      (pass_i.clr),
    .start_i    (pass_i.compute),
    .in_h_i     (cfg_i.in_size.h),
    .in_w_i     (cfg_i.in_size.w),
    .out_h_i    (cfg_i.out_size.p),
    .out_w_i    (cfg_i.out_size.q),
    .kernel_h_i (cfg_i.kernel.r),
    .kernel_w_i (cfg_i.kernel.s),
    .stride_i   (cfg_i.kernel.stride),
    .pad_top_i  (cfg_i.kernel.pad_top),
    .pad_left_i (cfg_i.kernel.pad_left),
    .ct_i       (cfg_i.tiles.ct),
    .kt_i       (cfg_i.tiles.kt),
    .act_base_i (act_base[ActAddrWidth-1:0]),
    .in_pixels_i(ActAddrWidth'(in_pixels)),
    .row_step_i (ActAddrWidth'(row_step)),
    .top_i      (ActAddrWidth'(top)),
    .keep_i     (cfg_i.mode.acc_keep),
    .ready_i    (ready_i),
    .tile_o     (tile_o),
    .rd_en_o    (act_rd_en),
    .rd_addr_o  (act_rd_addr),
    .valid_o    (rd_valid),
    .waits_o    (rd_waits),
    .inside_o   (rd_inside),
    .switch_o   (rd_switch),
    .init_o     (rd_init),
    .last_o     (rd_last),
    .sum_addr_o (rd_sum_addr)
  );

  lac_sram #(
    .Width(Rows * ActWidth),
    .Depth(ActDepth)
  ) u_act (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (act_rd_en),
    .rd_addr_i(act_rd_addr),
    .rd_data_o(act_rd_data),
    .wr_en_i  (wr_act),
    .wr_addr_i(wr_act_addr),
    .wr_data_i(wr_act_data)
  );

  // A register between the memory and the multipliers of row 0.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      px_valid <= 1'b0;
      px_waits <= 1'b0;
    end else begin
      px_valid <= rd_valid & ~pass_i.clr;
      px_waits <= rd_waits & ~pass_i.clr;
    end
  end

  always_ff @(posedge clk_i) begin
    pixel     <= rd_inside ? act_rd_data : '0;
    px_switch <= rd_switch;
    px_init   <= rd_init;
    px_last   <= rd_last;
    px_addr   <= rd_sum_addr;
  end

  lac_array_skew #(
    .Rows(Rows),
    .ActWidth(ActWidth)
  ) u_skew (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .clr_i   (pass_i.clr),
    .valid_i (px_valid),
    .waits_i (px_waits),
    .switch_i(rd_switch),
    .act_i   (pixel),
    .valid_o (lane_valid),
    .waits_o (lane_waits),
    .switch_o(lane_switch),
    .act_o   (lanes)
  );

  // array, sums, results ---------------------------------------------------------------------
  logic [Cols*PsumWidth-1:0] psums;
  logic [ Cols*AccWidth-1:0] accs;
  logic out_rd_en, ev_sum, ev_read;
  logic [AccAddrWidth-1:0] out_rd_addr;
  logic [CountWidth-1:0] num_filled, num_useful, num_waiting;

  lac_array_mesh #(
    .Rows(Rows),
    .Cols(Cols),
    .ActWidth(ActWidth),
    .WgtWidth(WgtWidth),
    .NumFeeds(NumFeeds)
  ) u_array (
    .clk_i    (clk_i),
    .wgt_row_i(wgt_row_i),
    .wgt_col_i(wgt_col_i),
    .wgt_i    (wgt_i),
    .switch_i (lane_switch),
    .act_i    (lanes),
    .psum_o   (psums)
  );

  lac_array_sums #(
    .Rows(Rows),
    .Cols(Cols),
    .PsumWidth(PsumWidth),
    .AccWidth(AccWidth),
    .AccDepth(AccDepth),
    .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth)
  ) u_sums (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .mem_cfg_i     (mem_cfg_i),
    .clr_i         (pass_i.clr),
    .start_i       (pass_i.compute),
    .use_bias_i    (cfg_i.mode.bias),
    .bias_base_i   (bias_base[BiasAddrWidth-1:0]),
    .bias_wr_en_i  (bias_wr_en_i),
    .bias_wr_addr_i(bias_wr_addr_i),
    .bias_wr_data_i(bias_wr_data_i),
    .valid_i       (px_valid),
    .first_i       (px_switch),
    .init_i        (px_init),
    .last_i        (px_last),
    .addr_i        (px_addr),
    .psum_i        (psums),
    .out_rd_en_i   (out_rd_en),
    .out_rd_addr_i (out_rd_addr),
    .acc_o         (accs),
    .done_o        (core_o.done),
    .ev_sum_o      (ev_sum),
    .ev_read_o     (ev_read),
    .err_o         (sum_err),
    .err_pos_o     (sum_pos)
  );

  lac_array_out #(
    .Cols(Cols),
    .DataWidth(DataWidth),
    .ActWidth(ActWidth),
    .AccWidth(AccWidth),
    .AddrWidth(AccAddrWidth),
    .SizeWidth(SizeWidth)
  ) u_out (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clr_i         (pass_i.clr),
    .start_i       (pass_i.emit),
    .count_i       (sums),
    .shift_i       (shift[ShiftWidth-1:0]),
    .relu_i        (cfg_i.mode.relu),
    .rd_en_o       (out_rd_en),
    .rd_addr_o     (out_rd_addr),
    .acc_i         (accs),
    .result_valid_o(result_o.valid),
    .result_ready_i(result_ready_i),
    .result_data_o (result_o.data),
    .result_last_o (result_o.last)
  );

  lac_array_slots #(
    .Rows(Rows),
    .Cols(Cols),
    .ActWidth(ActWidth),
    .WgtWidth(WgtWidth),
    .NumFeeds(NumFeeds)
  ) u_slots (
    .clk_i    (clk_i),
    .wgt_row_i(wgt_row_i),
    .wgt_col_i(wgt_col_i),
    .wgt_i    (wgt_i),
    .valid_i  (lane_valid),
    .waits_i  (lane_waits),
    .switch_i (lane_switch),
    .act_i    (lanes),
    .filled_o (num_filled),
    .useful_o (num_useful),
    .waiting_o(num_waiting)
  );

  // events -----------------------------------------------------------------------------------
  // What moves that the streams do not show.
  assign core_o.progress           = progress_i | px_valid | ev_sum | out_rd_en;

  assign events_o.mac_useful       = 16'(num_useful);
  assign events_o.slot_padding     = 16'(num_filled - num_useful);
  assign events_o.slot_empty       = '0;
  assign events_o.stall_sync       = 16'(num_waiting);
  assign events_o.stall_bank       = '0;
  assign events_o.stall_queue_full = '0;
  assign events_o.wgt_reads        = wgt_reads_i;
  assign events_o.wgt_writes       = 16'(wgt_write_i);
  assign events_o.idx_reads        = '0;
  assign events_o.idx_writes       = '0;
  assign events_o.act_reads        = 16'(act_rd_en);
  assign events_o.act_writes       = 16'(wr_act);
  assign events_o.psum_reads       = out_rd_en | ev_read ? 16'(Cols) : '0;
  assign events_o.psum_writes      = ev_sum ? 16'(Cols) : '0;
  assign events_o.broadcasts       = '0;
  assign events_o.bypass_hits      = '0;
  assign events_o.own              = '0;

  `LAC_STREAM_CLR(result_o.valid, result_ready_i, {result_o.data, result_o.last}, pass_i.clr)
  `LAC_ASSERT(tile_ready, !tile_o || ready_i, "a tile starts without its weights")
  `LAC_ASSERT(pixels_in_compute, !px_valid || pass_i.phase == 4'(PHASE_COMPUTE) || pass_i.clr,
              "pixels outside Compute")
  `LAC_ASSERT(results_in_output, !out_rd_en || pass_i.clr || pass_i.phase == 4'(PHASE_OUTPUT),
              "sums are read out before they are done")

endmodule
