// SPDX-License-Identifier: Apache-2.0
//
// Core of SCNN: loaders, broadcaster, walker, grid of nodes, results and events, for lac_socket.
//
//   wgt_i -> lac_scnn_wgt_load -> lac_scnn_bcast --rows--> all nodes
//   act_i -> lac_scnn_act_load -----------------> their memories -> lac_scnn_out -> result_o
//                   lac_scnn_walker --commands--> all nodes; lac_scnn_events
//
// Function, formats, registers, parameters and cycles: README.md; what a core
// does: docs/socket.md, "Inside". Throughput: PeX * PeY * F * I multiplies per cycle.
// Events of nodes reach the socket 3 cycles behind what they count. Errors: of the lowest PE, then
// of the broadcaster.
// Parameters:
//   PeX         1..16
//   PeY         1..16, PeX*PeY*F*I and PeX*PeY*Banks at most 32768
//   F           2..16, a power of two
//   I           2..16, a power of two, F*I at most 256
//   DataWidth   64
//   ActWidth    16
//   WgtWidth    16
//   RunWidth    4
//   AccWidth    20..40
//   Banks       8..512, a power of two
//   Entries     8..256, a power of two
//   MaxKc       4..64, a power of two, at most 4*Entries
//   RowVectors  I > 2 ? 4 : 2..8, a power of two
//   WgtFifo     2 * RowVectors..256, a multiple of RowVectors
//   IaramRows   8..65536
//   CountWidth  4..12
//   MaxC        8..4096, a multiple of 8
//   WgtDepth    16..16777216
//   MaxTaps     1..255
//   BiasDepth   1..65536
//   BiasWidth   2..32
//   CarryDepth  1..65536
//   LaneDepth   1..8
//   XbarGrants  1..2
//   LookAhead   1..4, at most LaneDepth
//   BankDepth   1..8, at least XbarGrants
//   BankMap     0..2
//   Merge       0..1
// Small: PeX 2, PeY 2, F 2, I 2, RowVectors 4, WgtFifo 16, IaramRows 64, MaxC 64, WgtDepth 512.
// Source: SCNN (ISCA 2017). Model: models/scnn.

`include "lac_assert.svh"

module lac_scnn_core
  import lac_pkg::*, lac_socket_pkg::*, lac_scnn_cfg_pkg::*, lac_scnn_ppu_pkg::*,
    lac_scnn_node_pkg::*;
#(
  parameter int PeX        = 8,
  parameter int PeY        = 8,
  parameter int F          = 4,
  parameter int I          = 4,
  parameter int DataWidth  = 64,
  parameter int ActWidth   = 16,
  parameter int WgtWidth   = 16,
  parameter int RunWidth   = 4,
  parameter int AccWidth   = 24,
  parameter int Banks      = 2 * F * I,
  parameter int Entries    = 32,
  parameter int MaxKc      = 64,
  parameter int RowVectors = 8,
  parameter int WgtFifo    = 64,
  parameter int IaramRows  = 1024,
  parameter int CountWidth = 8,
  parameter int MaxC       = 1024,
  parameter int WgtDepth   = 8192,
  parameter int MaxTaps    = 128,
  parameter int BiasDepth  = 1024,
  parameter int BiasWidth  = 24,
  parameter int CarryDepth = 2048,
  parameter int LaneDepth  = 3,
  parameter int XbarGrants = 2,
  parameter int LookAhead  = 1,
  parameter int BankDepth  = 4,
  parameter int BankMap    = 0,
  parameter int Merge      = 1
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  lac_mem_cfg_t                  mem_cfg_i,
  output logic         [NUM_CAP*32-1:0] cap_o,
  input  logic         [NUM_CFG*32-1:0] cfg_i,
  input  lac_pass_t                     pass_i,
  output lac_core_t                     core_o,
  input  lac_word_t                     wgt_i,
  output logic                          wgt_ready_o,
  input  lac_word_t                     act_i,
  output logic                          act_ready_o,
  output lac_result_t                   result_o,
  input  logic                          result_ready_i,
  output lac_events_t                   events_o
);

  `LAC_PARAM(lac_scnn_core, PeX, 1, 16)
  `LAC_PARAM_RULE(lac_scnn_core, PeY, 1, 16,
                  PeX * PeY * F * I <= 32768 && PeX * PeY * Banks <= 32768,
                  "PeX*PeY*F*I and PeX*PeY*Banks at most 32768")
  `LAC_PARAM_RULE(lac_scnn_core, F, 2, 16, (F & (F - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_core, I, 2, 16, (I & (I - 1)) == 0 && F * I <= 256,
                  "a power of two, F*I at most 256")
  `LAC_PARAM(lac_scnn_core, DataWidth, 64, 64)
  `LAC_PARAM(lac_scnn_core, ActWidth, 16, 16)
  `LAC_PARAM(lac_scnn_core, WgtWidth, 16, 16)
  `LAC_PARAM(lac_scnn_core, RunWidth, 4, 4)
  `LAC_PARAM(lac_scnn_core, AccWidth, 20, 40)
  `LAC_PARAM_RULE(lac_scnn_core, Banks, 8, 512, (Banks & (Banks - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_core, Entries, 8, 256, (Entries & (Entries - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_core, MaxKc, 4, 64, (MaxKc & (MaxKc - 1)) == 0 && MaxKc <= 4 * Entries,
                  "a power of two, at most 4*Entries")
  `LAC_PARAM_RULE(lac_scnn_core, RowVectors, I > 2 ? 4 : 2, 8,
                  (RowVectors & (RowVectors - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_core, WgtFifo, 2 * RowVectors, 256, WgtFifo % RowVectors == 0,
                  "a multiple of RowVectors")
  `LAC_PARAM(lac_scnn_core, IaramRows, 8, 65536)
  `LAC_PARAM(lac_scnn_core, CountWidth, 4, 12)
  `LAC_PARAM_RULE(lac_scnn_core, MaxC, 8, 4096, MaxC % 8 == 0, "a multiple of 8")
  `LAC_PARAM(lac_scnn_core, WgtDepth, 16, 16777216)
  `LAC_PARAM(lac_scnn_core, MaxTaps, 1, 255)
  `LAC_PARAM(lac_scnn_core, BiasDepth, 1, 65536)
  `LAC_PARAM(lac_scnn_core, BiasWidth, 2, 32)
  `LAC_PARAM(lac_scnn_core, CarryDepth, 1, 65536)
  `LAC_PARAM(lac_scnn_core, LaneDepth, 1, 8)
  `LAC_PARAM(lac_scnn_core, XbarGrants, 1, 2)
  `LAC_PARAM_RULE(lac_scnn_core, LookAhead, 1, 4, LookAhead <= LaneDepth, "at most LaneDepth")
  `LAC_PARAM_RULE(lac_scnn_core, BankDepth, 1, 8, BankDepth >= XbarGrants, "at least XbarGrants")
  `LAC_PARAM(lac_scnn_core, BankMap, 0, 2)
  `LAC_PARAM(lac_scnn_core, Merge, 0, 1)

  localparam int NumPe = PeX * PeY;
  localparam int PeWidth = `LAC_INDEX_BITS(NumPe);
  localparam int KWidth = $clog2(MaxKc);
  localparam int LinWidth = $clog2(Banks / 4 * Entries);
  localparam int BankWidth = $clog2(Banks);
  localparam int EntryWidth = $clog2(Entries);
  localparam int AddrWidth = `LAC_INDEX_BITS(IaramRows);
  localparam int WinWidth = `LAC_INDEX_BITS(MaxC / 8);
  localparam int CarryWidth = `LAC_INDEX_BITS(CarryDepth);
  localparam int BiasAddr = `LAC_INDEX_BITS(BiasDepth);
  localparam int BiasBits = BiasWidth < AccWidth ? BiasWidth : AccWidth;
  localparam int RowWidth = WinWidth + RowVectors * (11 + F * (KWidth + LinWidth + 16));
  localparam int RowBits = I * 20;
  localparam int CntBits = AddrWidth + 1 + 8 * CountWidth;
  localparam int RowWords = (16 + (12 + 20 * F) * RowVectors + 63) / 64;
  localparam int BusWidth = RowWords * 64;
  localparam int ChanWidth = 24;

  // build -----------------------------------------------------------------------------------------
  localparam int BiasCap = BiasDepth > 65535 ? 65535 : BiasDepth;
  localparam int CarryCap = CarryDepth > 65535 ? 65535 : CarryDepth;
  lac_scnn_cap_t cap;
  assign cap.rsvd = '0;
  assign cap.pe_x = 8'(PeX);
  assign cap.pe_y = 8'(PeY);
  assign cap.lanes_f = 8'(F);
  assign cap.lanes_i = 8'(I);
  assign cap.banks = 16'(Banks);
  assign cap.entries = 16'(Entries);
  assign cap.wgt_fifo = 16'(WgtFifo);
  assign cap.max_c = 16'(MaxC);
  assign cap.iaram_rows = 32'(IaramRows);
  assign cap.wgt_depth = 32'(WgtDepth);
  assign cap.bias_depth = 16'(BiasCap);
  assign cap.carry_depth = 16'(CarryCap);
  assign cap.lane_depth = 4'(LaneDepth);
  assign cap.xbar_grants = 4'(XbarGrants);
  assign cap.look_ahead = 4'(LookAhead);
  assign cap.bank_depth = 4'(BankDepth);
  assign cap.bank_map = 4'(BankMap);
  assign cap.row_log = 2'($clog2(RowVectors));
  assign cap.has_merge = 1'(Merge);
  assign cap.max_kc = 8'(MaxKc);
  assign cap.act_width = 8'(ActWidth);
  assign cap.acc_width = 8'(AccWidth);
  assign cap.count_width = 8'(CountWidth);
  assign cap.last_tap = 8'(MaxTaps - 1);
  assign cap_o = cap;

  // geometry --------------------------------------------------------------------------------------
  lac_scnn_cfg_t  cfg;
  lac_scnn_mode_t mode;
  logic [16:0] tile_lin, up_lin, last_lin;
  logic [ChanWidth-1:0] channels, behind_q, in_dst_q;  // in the destination: behind this pass, now
  logic [31:0] wgt_base, bias_base, shift, cout_base, out_channels, act_words;
  logic [2:0] kc_log;
  logic       finish;

  assign cfg = cfg_i;
  assign mode = cfg.mode;
  assign wgt_base = cfg.wgt_base;
  assign bias_base = cfg.bias_base;
  assign shift = cfg.shift;
  assign cout_base = cfg.cout_base;
  assign out_channels = cfg.out_channels;
  assign act_words = cfg.act_words;
  assign kc_log = cfg.groups.kc_log;

  // Phases are the socket's; upper bits of what geometry has checked.
  logic unused_bits;
  assign unused_bits = ^{
    mode,pass_i, wgt_i.bad, act_i.bad, cfg, wgt_base, bias_base, shift, cout_base,
                         out_channels};

  lac_scnn_geom #(
    .I(I),
    .AccWidth(AccWidth),
    .Banks(Banks),
    .Entries(Entries),
    .MaxKc(MaxKc),
    .MaxC(MaxC),
    .MaxTaps(MaxTaps),
    .WgtDepth(WgtDepth),
    .BiasDepth(BiasDepth),
    .CarryDepth(CarryDepth),
    .Merge(1'(Merge))
  ) u_geom (
    .clk_i,
    .rst_ni,
    .start_i   (pass_i.check),
    .cfg_i     (cfg),
    .chan_i    (in_dst_q),
    .done_o    (core_o.check_done),
    .bad_o     (core_o.check_bad),
    .bad_idx_o (core_o.check_idx),
    .tile_lin_o(tile_lin),
    .up_lin_o  (up_lin),
    .last_lin_o(last_lin),
    .channels_o(channels)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) in_dst_q <= '0;
    // Of a pass that is cut off nothing stays, nor of those whose results it was to go on with.
    else if (pass_i.swap || pass_i.compute) in_dst_q <= '0;
    else if (finish && !core_o.err && !pass_i.clr) in_dst_q <= behind_q;
  end
  always_ff @(posedge clk_i) if (pass_i.compute) behind_q <= channels;

  // Sizes of the box of results, and the end of a PE's positions.
  logic [8:0] box_w_q, box_h_q;
  logic [LinWidth:0] limit_q;
  always_ff @(posedge clk_i) begin
    box_w_q <= {1'b0, cfg.tile.tile_w}
             + (mode.rim ? {5'd0, cfg.halo.halo_l} + {5'd0, cfg.halo.halo_r} : 9'd0);
    box_h_q <= {1'b0, cfg.tile.tile_h}
             + (mode.rim ? {5'd0, cfg.halo.halo_u} + {5'd0, cfg.halo.halo_d} : 9'd0);
    limit_q <= (tile_lin >> LinWidth) != '0 ? {1'b1, {LinWidth{1'b0}}} : (LinWidth + 1)'(tile_lin);
  end

  // weights ---------------------------------------------------------------------------------------
  logic wr_bias, wr_row, row_valid, rows_ready, take, bcast_err;
  logic [         3:0] wr_off;
  logic [        23:0] wr_addr;
  logic [BusWidth-1:0] wr_data;
  logic [RowWidth-1:0] row;
  logic [         7:0] bcast_code;
  logic [        31:0] bcast_pos;
  logic [NumPe-1:0] row_ready, pe_end, pe_drained;

  lac_scnn_wgt_load #(
    .RowWords (RowWords),
    .LinWidth (LinWidth),
    .AccWidth (AccWidth),
    .BiasWidth(BiasWidth),
    .MaxTaps  (MaxTaps),
    .WgtDepth (WgtDepth),
    .BiasDepth(BiasDepth)
  ) u_wgt_load (
    .clk_i,
    .rst_ni,
    .clr_i      (pass_i.clr),
    .start_i    (pass_i.load_wgt),
    .pay_valid_i(wgt_i.valid),
    .pay_ready_o(wgt_ready_o),
    .pay_data_i (wgt_i.data),
    .pay_left_i (wgt_i.left),
    .err_o      (core_o.wgt_err),
    .err_code_o (core_o.wgt_code),
    .wr_off_o   (wr_off),
    .wr_bias_o  (wr_bias),
    .wr_row_o   (wr_row),
    .wr_addr_o  (wr_addr),
    .wr_data_o  (wr_data)
  );

  assign rows_ready = &row_ready;

  lac_scnn_bcast #(
    .F(F),
    .RowVectors(RowVectors),
    .Banks(Banks),
    .Entries(Entries),
    .MaxKc(MaxKc),
    .MaxC(MaxC),
    .MaxTaps(MaxTaps),
    .WgtDepth(WgtDepth)
  ) u_bcast (
    .clk_i,
    .rst_ni,
    .mem_cfg_i,
    .clr_i      (pass_i.clr),
    .wr_row_i   (wr_row),
    .wr_off_i   (wr_off),
    .wr_addr_i  (wr_addr),
    .wr_data_i  (wr_data),
    .start_i    (pass_i.compute),
    .base_i     (24'(wgt_base)),
    .channels_i (cfg.channels.c),
    .taps_i     (cfg.channels.taps),
    .groups_i   (cfg.groups.num_groups),
    .kc_log_i   (kc_log),
    .row_valid_o(row_valid),
    .row_o      (row),
    .ready_i    (rows_ready),
    .take_o     (take),
    .err_o      (bcast_err),
    .err_code_o (bcast_code),
    .err_pos_o  (bcast_pos)
  );

  // activations -----------------------------------------------------------------------------------
  logic [NumPe-1:0] ld_row, ld_cnt, ld_carry;
  logic [AddrWidth-1:0]  ld_row_addr;
  logic [RowBits-1:0]    ld_row_data;
  logic [WinWidth-1:0]   ld_cnt_addr;
  logic [CntBits-1:0]    ld_cnt_data;
  logic [CarryWidth-1:0] ld_carry_addr;
  logic [AccWidth-1:0]   ld_carry_data;

  assign core_o.act_count = act_words;

  lac_scnn_act_load #(
    .NumPe(NumPe),
    .I(I),
    .AccWidth(AccWidth),
    .IaramRows(IaramRows),
    .CountWidth(CountWidth),
    .MaxC(MaxC),
    .CarryDepth(CarryDepth)
  ) u_act_load (
    .clk_i,
    .rst_ni,
    .clr_i        (pass_i.clr),
    .start_i      (pass_i.load_act),
    .channels_i   (cfg.channels.c),
    .pay_valid_i  (act_i.valid),
    .pay_ready_o  (act_ready_o),
    .pay_data_i   (act_i.data),
    .pay_left_i   (act_i.left),
    .err_o        (core_o.act_err),
    .err_code_o   (core_o.act_code),
    .row_wr_en_o  (ld_row),
    .row_addr_o   (ld_row_addr),
    .row_data_o   (ld_row_data),
    .cnt_wr_en_o  (ld_cnt),
    .cnt_addr_o   (ld_cnt_addr),
    .cnt_data_o   (ld_cnt_data),
    .carry_wr_en_o(ld_carry),
    .carry_addr_o (ld_carry_addr),
    .carry_data_o (ld_carry_data)
  );

  // walker, bias, classes of positions ------------------------------------------------------------
  logic go, go_last, close, set_clr, ev_wait;
  logic [       2:0] op;
  logic [KWidth-1:0] k;
  logic [BankWidth-1:0] bank, add_bank;
  logic [EntryWidth-1:0] entry, add_entry;
  logic [8:0] ax, ay;
  logic [   PeX*4-1:0] class_x;
  logic [   PeY*4-1:0] class_y;
  logic [BiasBits-1:0] bias;

  lac_scnn_walker #(
    .Banks  (Banks),
    .Entries(Entries),
    .MaxKc  (MaxKc),
    .BankMap(BankMap)
  ) u_walker (
    .clk_i,
    .rst_ni,
    .clr_i      (pass_i.clr),
    .start_i    (pass_i.compute),
    .cfg_i      (cfg),
    .tile_lin_i (tile_lin),
    .up_lin_i   (up_lin),
    .last_lin_i (last_lin),
    .end_i      (&pe_end),
    .drained_i  (&pe_drained),
    .go_o       (go),
    .go_last_o  (go_last),
    .last_o     (close),
    .finish_o   (finish),
    .op_o       (op),
    .k_o        (k),
    .bank_o     (bank),
    .entry_o    (entry),
    .ax_o       (ax),
    .ay_o       (ay),
    .add_bank_o (add_bank),
    .add_entry_o(add_entry),
    .set_clr_o  (set_clr),
    .ev_wait_o  (ev_wait)
  );

  lac_scnn_axis #(
    .Num(PeX)
  ) u_axis_x (
    .clk_i,
    .tile_i (cfg.tile.tile_w),
    .halo_i (cfg.halo.halo_l),
    .fin0_i (cfg.final_x.final_x0),
    .fin1_i (cfg.final_x.final_x1),
    .cin1_i (cfg.carry_in.carry_in_x),
    .cout1_i(cfg.carry_out.carry_out_x),
    .pos_i  (ax),
    .class_o(class_x)
  );
  lac_scnn_axis #(
    .Num(PeY)
  ) u_axis_y (
    .clk_i,
    .tile_i (cfg.tile.tile_h),
    .halo_i (cfg.halo.halo_u),
    .fin0_i (cfg.final_y.final_y0),
    .fin1_i (cfg.final_y.final_y1),
    .cin1_i (cfg.carry_in.carry_in_y),
    .cout1_i(cfg.carry_out.carry_out_y),
    .pos_i  (ay),
    .class_o(class_y)
  );

  // The bias of a DRAIN in cycle t is read in t + 3 and there in t + 4.
  logic [BiasAddr-1:0] kbase_q, bias1_q, bias2_q, bias3_q;
  logic [2:0] drains_q;
  logic       first_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) drains_q <= '0;
    else drains_q <= {drains_q[1:0], op == OP_DRAIN};
  end
  always_ff @(posedge clk_i) begin
    if (pass_i.compute) first_q <= 1'b1;
    else if (go) first_q <= 1'b0;
    // The sums of a go are of the group before: the first one has the first biases.
    if (go) kbase_q <= first_q ? BiasAddr'(bias_base) : kbase_q + (BiasAddr'(1) << kc_log);
    bias1_q <= kbase_q + BiasAddr'(k);
    bias2_q <= bias1_q;
    bias3_q <= bias2_q;
  end

  lac_sram #(
    .Width(BiasBits),
    .Depth(BiasDepth)
  ) u_bias (
    .clk_i,
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (drains_q[2]),
    .rd_addr_i(bias3_q),
    .rd_data_o(bias),
    .wr_en_i  (wr_bias),
    .wr_addr_i(BiasAddr'(wr_addr)),
    .wr_data_i(BiasBits'(wr_data))
  );

  // nodes -----------------------------------------------------------------------------------------
  lac_scnn_node_cfg_t node_cfg;
  lac_scnn_node_cmd_t node_cmd;
  lac_scnn_node_err_t node_err;
  logic [NumPe*NODE_EVENTS-1:0] node_events;
  logic [PeWidth-1:0] out_pe;
  logic [RowBits-1:0] out_row;
  logic [CntBits-1:0] out_cnt;
  logic [AccWidth-1:0] out_carry;
  logic [16:0] carried;
  logic out_row_rd, out_cnt_rd, out_carry_rd, step;
  logic [ AddrWidth-1:0] out_row_addr;
  logic [  WinWidth-1:0] out_cnt_addr;
  logic [CarryWidth-1:0] out_carry_addr;

  assign node_cfg.shape = cfg.groups.shape;
  assign node_cfg.kc_log = kc_log;
  assign node_cfg.merge = mode.merge;
  assign node_cfg.empty_step = mode.empty_step;
  assign node_cfg.limit = 16'(limit_q);
  assign node_cfg.keep = mode.oa_keep && in_dst_q != '0;
  assign node_cfg.relu = mode.relu;
  assign node_cfg.shift = 6'(shift);
  assign node_cfg.gap = cfg.tile.out_gap;
  assign node_cfg.cout_base = 16'(cout_base);

  assign node_cmd.start = pass_i.compute;
  assign node_cmd.close = close;
  assign node_cmd.swap = pass_i.swap;
  assign node_cmd.row_take = take;
  assign node_cmd.go = go;
  assign node_cmd.last = go_last;
  assign node_cmd.op = op;
  assign node_cmd.k = 6'(k);
  assign node_cmd.bank = 9'(bank);
  assign node_cmd.entry = 8'(entry);
  assign node_cmd.add_bank = 9'(add_bank);
  assign node_cmd.add_entry = 8'(add_entry);
  assign node_cmd.set_clr = set_clr;

  lac_scnn_grid #(
    .PeX(PeX),
    .PeY(PeY),
    .F(F),
    .I(I),
    .AccWidth(AccWidth),
    .Banks(Banks),
    .Entries(Entries),
    .MaxKc(MaxKc),
    .RowVectors(RowVectors),
    .WgtFifo(WgtFifo),
    .IaramRows(IaramRows),
    .CountWidth(CountWidth),
    .MaxC(MaxC),
    .CarryDepth(CarryDepth),
    .LaneDepth(LaneDepth),
    .XbarGrants(XbarGrants),
    .LookAhead(LookAhead),
    .BankDepth(BankDepth),
    .BankMap(BankMap),
    .Merge(Merge)
  ) u_grid (
    .clk_i,
    .rst_ni,
    .mem_cfg_i,
    .clr_i           (pass_i.clr),
    .cfg_i           (node_cfg),
    .cmd_i           (node_cmd),
    .row_i           (row),
    .row_ready_o     (row_ready),
    .end_o           (pe_end),
    .drained_o       (pe_drained),
    .x_i             (class_x),
    .y_i             (class_y),
    .bias_i          (AccWidth'($signed(bias))),
    .ld_row_i        (ld_row),
    .ld_row_addr_i   (ld_row_addr),
    .ld_row_data_i   (ld_row_data),
    .ld_cnt_i        (ld_cnt),
    .ld_cnt_addr_i   (ld_cnt_addr),
    .ld_cnt_data_i   (ld_cnt_data),
    .ld_carry_i      (ld_carry),
    .ld_carry_addr_i (ld_carry_addr),
    .ld_carry_data_i (ld_carry_data),
    .out_pe_i        (out_pe),
    .out_row_rd_i    (out_row_rd),
    .out_row_addr_i  (out_row_addr),
    .out_row_o       (out_row),
    .out_cnt_rd_i    (out_cnt_rd),
    .out_cnt_addr_i  (out_cnt_addr),
    .out_cnt_o       (out_cnt),
    .out_carry_rd_i  (out_carry_rd),
    .out_carry_addr_i(out_carry_addr),
    .out_carry_o     (out_carry),
    .carried_o       (carried),
    .ev_o            (node_events),
    .step_o          (step),
    .err_o           (node_err)
  );

  // results ---------------------------------------------------------------------------------------
  lac_scnn_out #(
    .NumPe(NumPe),
    .I(I),
    .AccWidth(AccWidth),
    .IaramRows(IaramRows),
    .CountWidth(CountWidth),
    .MaxC(MaxC),
    .CarryDepth(CarryDepth)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clr_i         (pass_i.clr),
    .start_i       (pass_i.emit),
    .dense_i       (mode.dense),
    .chans_i       (16'(out_channels)),
    .box_w_i       (box_w_q),
    .box_h_i       (box_h_q),
    .gap_i         (cfg.tile.out_gap),
    .cout_base_i   (CarryWidth'(cout_base)),
    .pe_o          (out_pe),
    .cnt_rd_en_o   (out_cnt_rd),
    .cnt_addr_o    (out_cnt_addr),
    .cnt_data_i    (out_cnt),
    .row_rd_en_o   (out_row_rd),
    .row_addr_o    (out_row_addr),
    .row_data_i    (out_row),
    .carry_rd_en_o (out_carry_rd),
    .carry_addr_o  (out_carry_addr),
    .carry_data_i  (out_carry),
    .carried_i     (carried),
    .result_valid_o(result_o.valid),
    .result_ready_i(result_ready_i),
    .result_data_o (result_o.data),
    .result_last_o (result_o.last)
  );

  // ends, errors, events --------------------------------------------------------------------------
  assign core_o.done = finish;
  assign core_o.err = node_err.valid | bcast_err;
  assign core_o.err_code = node_err.valid ? node_err.code : bcast_code;
  assign core_o.err_pos = node_err.valid ? node_err.pos : bcast_pos;
  assign core_o.progress = step | take | (op != OP_NONE);

  lac_scnn_events #(
    .PeX  (PeX),
    .PeY  (PeY),
    .Lanes(F * I),
    .Banks(Banks)
  ) u_events (
    .clk_i,
    .rst_ni,
    .pass_i,
    .nodes_i (node_events),
    .take_i  (take),
    .held_i  (row_valid & ~take),
    .wait_i  (ev_wait),
    .wr_wgt_i(wr_row),
    .wr_row_i(|ld_row),
    .wr_cnt_i(|ld_cnt),
    .events_o
  );

  `LAC_STREAM_CLR(result_o.valid, result_ready_i, {result_o.data, result_o.last}, pass_i.clr)
  `LAC_ASSERT(take_by_all, !take || rows_ready, "a row that not all PEs take")
  `LAC_ASSERT(rows_in_compute, !take || pass_i.clr || pass_i.phase == 4'(PHASE_COMPUTE),
              "a row outside of Compute")
  `LAC_ASSERT(last_is_go, !go_last || go, "a last group that does not begin")
  `LAC_ASSERT(finish_in_compute, !finish || pass_i.clr || pass_i.phase == 4'(PHASE_COMPUTE),
              "an end outside of Compute")
  `LAC_ASSERT(finish_ended, !finish || (&pe_end && &pe_drained), "an end before that of all PEs")
  `LAC_ASSERT(clear_drained, !set_clr || &pe_drained,
              "a set is cleared before all PEs have left it")
  `LAC_ASSERT(err_named, !core_o.err || core_o.err_code != '0, "an error without a code")

endmodule
