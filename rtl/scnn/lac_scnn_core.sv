// SPDX-License-Identifier: Apache-2.0
//
// Core of SCNN: loaders, broadcaster, walker, a grid of nodes and results, for lac_socket.
//
//   wgt_i -> lac_scnn_wgt_load -> lac_scnn_bcast --rows--> all nodes
//   act_i -> lac_scnn_act_load -----------------> their memories -> lac_scnn_out -> result_o
//                   lac_scnn_walker --commands--> all nodes; halo links between neighbours
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
//   ActWidth    16
//   WgtWidth    16
//   RunWidth    4
//   AccWidth    20..40
//   Banks       8..512, a power of two
//   Entries     8..256, a power of two
//   MaxKc       4..64, a power of two
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
  import lac_pkg::*, lac_socket_pkg::*, lac_scnn_cfg_pkg::*, lac_scnn_ppu_pkg::*;
#(
  parameter int PeX        = 8,
  parameter int PeY        = 8,
  parameter int F          = 4,
  parameter int I          = 4,
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
  input  logic                         clk_i,
  input  logic                         rst_ni,
  output logic        [NUM_CAP*32-1:0] cap_o,
  input  logic        [NUM_CFG*32-1:0] cfg_i,
  input  lac_pass_t                    pass_i,
  output lac_core_t                    core_o,
  input  lac_word_t                    wgt_i,
  output logic                         wgt_ready_o,
  input  lac_word_t                    act_i,
  output logic                         act_ready_o,
  output lac_result_t                  result_o,
  input  logic                         result_ready_i,
  output lac_events_t                  events_o
);

  `LAC_PARAM(lac_scnn_core, PeX, 1, 16)
  `LAC_PARAM_RULE(lac_scnn_core, PeY, 1, 16,
                  PeX * PeY * F * I <= 32768 && PeX * PeY * Banks <= 32768,
                  "PeX*PeY*F*I and PeX*PeY*Banks at most 32768")
  `LAC_PARAM_RULE(lac_scnn_core, F, 2, 16, (F & (F - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_core, I, 2, 16, (I & (I - 1)) == 0 && F * I <= 256,
                  "a power of two, F*I at most 256")
  `LAC_PARAM(lac_scnn_core, ActWidth, 16, 16)
  `LAC_PARAM(lac_scnn_core, WgtWidth, 16, 16)
  `LAC_PARAM(lac_scnn_core, RunWidth, 4, 4)
  `LAC_PARAM(lac_scnn_core, AccWidth, 20, 40)
  `LAC_PARAM_RULE(lac_scnn_core, Banks, 8, 512, (Banks & (Banks - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_core, Entries, 8, 256, (Entries & (Entries - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_core, MaxKc, 4, 64, (MaxKc & (MaxKc - 1)) == 0, "a power of two")
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
  localparam int ShiftWidth = $clog2(AccWidth);
  localparam int BiasAddr = `LAC_INDEX_BITS(BiasDepth);
  localparam int BiasBits = BiasWidth < AccWidth ? BiasWidth : AccWidth;
  localparam int RowWidth = WinWidth + RowVectors * (11 + F * (KWidth + LinWidth + 16));
  localparam int RowBits = I * 20;
  localparam int CntBits = AddrWidth + 1 + 8 * CountWidth;
  localparam int RowWords = (16 + (12 + 20 * F) * RowVectors + 63) / 64;
  localparam int BusWidth = RowWords * 64;
  localparam int EvWidth = $clog2(F * I + 1);
  localparam int PsumWidth = $clog2(Banks + 1);
  localparam int ChanWidth = 24;

  // build -----------------------------------------------------------------------------------------
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
  assign cap.bias_depth = BiasDepth > 65535 ? 16'hFFFF : 16'(BiasDepth);
  assign cap.carry_depth = CarryDepth > 65535 ? 16'hFFFF : 16'(CarryDepth);
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
    else if (finish) in_dst_q <= behind_q;
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
    .cfg_i    ('0),
    .rd_en_i  (drains_q[2]),
    .rd_addr_i(bias3_q),
    .rd_data_o(bias),
    .wr_en_i  (wr_bias),
    .wr_addr_i(BiasAddr'(wr_addr)),
    .wr_data_i(BiasBits'(wr_data))
  );

  // nodes -----------------------------------------------------------------------------------------
  logic [NumPe*AccWidth-1:0] halo, out_carry;
  logic [NumPe*RowBits-1:0] out_rows;
  logic [NumPe*CntBits-1:0] out_cnts;
  logic [     NumPe*17-1:0] carried;
  logic [NumPe*EvWidth-1:0] ev_useful, ev_padding, ev_empty, ev_bank, ev_sync, ev_merged;
  logic [NumPe*PsumWidth-1:0] ev_psum;
  logic [NumPe*3-1:0] ev_fifo_rd;
  logic [NumPe*4-1:0] ev_fifo_wr, ev_skip;
  logic [NumPe*2-1:0] ev_carry;
  logic [NumPe-1:0] ev_act_rd, ev_act_wr, ev_idx_wr, ev_halo, ev_step, err_valid;
  logic [ NumPe*8-1:0] err_code;
  logic [NumPe*32-1:0] err_pos;
  logic [ PeWidth-1:0] out_pe;
  logic out_row_rd, out_cnt_rd, out_carry_rd;
  logic [ AddrWidth-1:0] out_row_addr;
  logic [  WinWidth-1:0] out_cnt_addr;
  logic [CarryWidth-1:0] out_carry_addr;

  for (genvar y = 0; y < PeY; y++) begin : gen_y
    for (genvar x = 0; x < PeX; x++) begin : gen_x
      localparam int P = y * PeX + x;
      localparam logic [3:0] Sides = {1'(y < PeY - 1), 1'(y > 0), 1'(x < PeX - 1), 1'(x > 0)};
      logic [4*AccWidth-1:0] links;  // W, E, N, S
      logic                  selected;

      if (x > 0) begin : gen_west
        assign links[0+:AccWidth] = halo[(P-1)*AccWidth+:AccWidth];
      end else begin : gen_no_west
        assign links[0+:AccWidth] = '0;
      end
      if (x < PeX - 1) begin : gen_east
        assign links[AccWidth+:AccWidth] = halo[(P+1)*AccWidth+:AccWidth];
      end else begin : gen_no_east
        assign links[AccWidth+:AccWidth] = '0;
      end
      if (y > 0) begin : gen_north
        assign links[2*AccWidth+:AccWidth] = halo[(P-PeX)*AccWidth+:AccWidth];
      end else begin : gen_no_north
        assign links[2*AccWidth+:AccWidth] = '0;
      end
      if (y < PeY - 1) begin : gen_south
        assign links[3*AccWidth+:AccWidth] = halo[(P+PeX)*AccWidth+:AccWidth];
      end else begin : gen_no_south
        assign links[3*AccWidth+:AccWidth] = '0;
      end
      assign selected = out_pe == PeWidth'(P);

      lac_scnn_node #(
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
      ) u_node (
        .clk_i,
        .rst_ni,
        .clr_i            (pass_i.clr),
        .pe_i             (8'(P)),
        .side_i           (Sides),
        .shape_i          (cfg.groups.shape),
        .kc_log_i         (kc_log),
        .merge_i          (mode.merge),
        .empty_step_i     (mode.empty_step),
        .limit_i          (limit_q),
        .keep_i           (mode.oa_keep && in_dst_q != '0),
        .relu_i           (mode.relu),
        .shift_i          (ShiftWidth'(shift)),
        .gap_i            (cfg.tile.out_gap),
        .cout_base_i      (CarryWidth'(cout_base)),
        .start_i          (pass_i.compute),
        .close_i          (close),
        .swap_i           (pass_i.swap),
        .row_take_i       (take),
        .row_i            (row),
        .row_ready_o      (row_ready[P]),
        .go_i             (go),
        .last_i           (go_last),
        .end_o            (pe_end[P]),
        .drained_o        (pe_drained[P]),
        .op_i             (op),
        .k_i              (k),
        .bank_i           (bank),
        .entry_i          (entry),
        .add_bank_i       (add_bank),
        .add_entry_i      (add_entry),
        .set_clr_i        (set_clr),
        .x_i              (class_x[x*4+:4]),
        .y_i              (class_y[y*4+:4]),
        .bias_i           (AccWidth'($signed(bias))),
        .halo_o           (halo[P*AccWidth+:AccWidth]),
        .halo_i           (links),
        .ld_row_wr_en_i   (ld_row[P]),
        .ld_row_addr_i    (ld_row_addr),
        .ld_row_data_i    (ld_row_data),
        .ld_cnt_wr_en_i   (ld_cnt[P]),
        .ld_cnt_addr_i    (ld_cnt_addr),
        .ld_cnt_data_i    (ld_cnt_data),
        .ld_carry_wr_en_i (ld_carry[P]),
        .ld_carry_addr_i  (ld_carry_addr),
        .ld_carry_data_i  (ld_carry_data),
        .out_row_rd_en_i  (out_row_rd & selected),
        .out_row_addr_i   (out_row_addr),
        .out_row_data_o   (out_rows[P*RowBits+:RowBits]),
        .out_cnt_rd_en_i  (out_cnt_rd & selected),
        .out_cnt_addr_i   (out_cnt_addr),
        .out_cnt_data_o   (out_cnts[P*CntBits+:CntBits]),
        .out_carry_rd_en_i(out_carry_rd & selected),
        .out_carry_addr_i (out_carry_addr),
        .out_carry_data_o (out_carry[P*AccWidth+:AccWidth]),
        .carried_o        (carried[P*17+:17]),
        .ev_useful_o      (ev_useful[P*EvWidth+:EvWidth]),
        .ev_padding_o     (ev_padding[P*EvWidth+:EvWidth]),
        .ev_empty_o       (ev_empty[P*EvWidth+:EvWidth]),
        .ev_bank_o        (ev_bank[P*EvWidth+:EvWidth]),
        .ev_sync_o        (ev_sync[P*EvWidth+:EvWidth]),
        .ev_merged_o      (ev_merged[P*EvWidth+:EvWidth]),
        .ev_psum_o        (ev_psum[P*PsumWidth+:PsumWidth]),
        .ev_fifo_rd_o     (ev_fifo_rd[P*3+:3]),
        .ev_fifo_wr_o     (ev_fifo_wr[P*4+:4]),
        .ev_skip_o        (ev_skip[P*4+:4]),
        .ev_act_rd_o      (ev_act_rd[P]),
        .ev_act_wr_o      (ev_act_wr[P]),
        .ev_idx_wr_o      (ev_idx_wr[P]),
        .ev_halo_o        (ev_halo[P]),
        .ev_carry_o       (ev_carry[P*2+:2]),
        .ev_step_o        (ev_step[P]),
        .err_valid_o      (err_valid[P]),
        .err_code_o       (err_code[P*8+:8]),
        .err_pos_o        (err_pos[P*32+:32])
      );
    end
  end

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
    .cnt_data_i    (out_cnts[32'(out_pe)*CntBits+:CntBits]),
    .row_rd_en_o   (out_row_rd),
    .row_addr_o    (out_row_addr),
    .row_data_i    (out_rows[32'(out_pe)*RowBits+:RowBits]),
    .carry_rd_en_o (out_carry_rd),
    .carry_addr_o  (out_carry_addr),
    .carry_data_i  (out_carry[32'(out_pe)*AccWidth+:AccWidth]),
    .carried_i     (carried[32'(out_pe)*17+:17]),
    .result_valid_o(result_o.valid),
    .result_ready_i(result_ready_i),
    .result_data_o (result_o.data),
    .result_last_o (result_o.last)
  );

  // ends and errors -------------------------------------------------------------------------------
  logic [PeWidth-1:0] err_pe;
  logic               pe_err;

  lac_ffs #(
    .Width(NumPe)
  ) u_err (
    .in_i    (err_valid),
    .valid_o (pe_err),
    .index_o (err_pe),
    .onehot_o()
  );
  assign core_o.done = finish;
  assign core_o.err = pe_err | bcast_err;
  assign core_o.err_code = pe_err ? err_code[32'(err_pe)*8+:8] : bcast_code;
  assign core_o.err_pos = pe_err ? err_pos[32'(err_pe)*32+:32] : bcast_pos;
  assign core_o.progress = (|ev_step) | take | (op != OP_NONE);

  // events ----------------------------------------------------------------------------------------
  // Of the nodes: sums of a row of the grid, then of the grid, a register behind each.
  localparam int NumSums = 11;
  logic [NumSums*16-1:0] sums_q;
  lac_scnn_sums #(
    .PeX  (PeX),
    .PeY  (PeY),
    .Width(EvWidth)
  ) u_useful (
    .clk_i,
    .in_i (ev_useful),
    .sum_o(sums_q[0*16+:16])
  );
  lac_scnn_sums #(
    .PeX  (PeX),
    .PeY  (PeY),
    .Width(EvWidth)
  ) u_padding (
    .clk_i,
    .in_i (ev_padding),
    .sum_o(sums_q[1*16+:16])
  );
  lac_scnn_sums #(
    .PeX  (PeX),
    .PeY  (PeY),
    .Width(EvWidth)
  ) u_empty (
    .clk_i,
    .in_i (ev_empty),
    .sum_o(sums_q[2*16+:16])
  );
  lac_scnn_sums #(
    .PeX  (PeX),
    .PeY  (PeY),
    .Width(EvWidth)
  ) u_bank_wait (
    .clk_i,
    .in_i (ev_bank),
    .sum_o(sums_q[3*16+:16])
  );
  lac_scnn_sums #(
    .PeX  (PeX),
    .PeY  (PeY),
    .Width(EvWidth)
  ) u_sync (
    .clk_i,
    .in_i (ev_sync),
    .sum_o(sums_q[4*16+:16])
  );
  lac_scnn_sums #(
    .PeX  (PeX),
    .PeY  (PeY),
    .Width(EvWidth)
  ) u_merged (
    .clk_i,
    .in_i (ev_merged),
    .sum_o(sums_q[5*16+:16])
  );
  lac_scnn_sums #(
    .PeX  (PeX),
    .PeY  (PeY),
    .Width(PsumWidth)
  ) u_psum (
    .clk_i,
    .in_i (ev_psum),
    .sum_o(sums_q[6*16+:16])
  );
  lac_scnn_sums #(
    .PeX  (PeX),
    .PeY  (PeY),
    .Width(3)
  ) u_fifo_rd (
    .clk_i,
    .in_i (ev_fifo_rd),
    .sum_o(sums_q[7*16+:16])
  );
  lac_scnn_sums #(
    .PeX  (PeX),
    .PeY  (PeY),
    .Width(4)
  ) u_fifo_wr (
    .clk_i,
    .in_i (ev_fifo_wr),
    .sum_o(sums_q[8*16+:16])
  );
  lac_scnn_sums #(
    .PeX  (PeX),
    .PeY  (PeY),
    .Width(4)
  ) u_skip (
    .clk_i,
    .in_i (ev_skip),
    .sum_o(sums_q[9*16+:16])
  );
  lac_scnn_sums #(
    .PeX  (PeX),
    .PeY  (PeY),
    .Width(2)
  ) u_carry (
    .clk_i,
    .in_i (ev_carry),
    .sum_o(sums_q[10*16+:16])
  );

  logic [15:0] act_rd_q, act_wr_q, idx_wr_q, halo_q;
  logic [NumPe-1:0] act_rd1_q, act_wr1_q, halo1_q;
  always_ff @(posedge clk_i) begin
    act_rd1_q <= ev_act_rd;
    act_wr1_q <= ev_act_wr;
    halo1_q <= ev_halo;
    act_rd_q <= 16'($countones(act_rd1_q));
    act_wr_q <= 16'($countones(act_wr1_q));
    // The last counts are written two cycles before the end: no time for another register.
    idx_wr_q <= 16'($countones(ev_idx_wr));
    halo_q <= 16'($countones(halo1_q));
  end

  logic row_held;
  assign row_held = row_valid & ~take;

  logic [127:0] own;
  assign own = {
    16'd0,
    sums_q[10*16+:16],
    16'(ev_wait),
    sums_q[5*16+:16],
    sums_q[9*16+:16],
    sums_q[8*16+:16],
    sums_q[7*16+:16],
    halo_q
  };

  // What is on its way when a pass is cut off is not counted: counters are final with the interrupt.
  // A load has no time for sums over the nodes: it writes one word at a time.
  lac_events_t counted;
  logic cut_q;  // from the clr of a pass, or of the Check of the next one, to its first phase
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) cut_q <= 1'b1;
    else if (pass_i.clr) cut_q <= 1'b1;
    else if (pass_i.load_wgt || pass_i.load_act || pass_i.compute || pass_i.emit) cut_q <= 1'b0;
  end
  assign counted.mac_useful = sums_q[0*16+:16];
  assign counted.slot_padding = sums_q[1*16+:16];
  assign counted.slot_empty = sums_q[2*16+:16];
  assign counted.stall_bank = sums_q[3*16+:16];
  assign counted.stall_sync = sums_q[4*16+:16];
  assign counted.stall_queue_full = 16'(row_held);
  assign counted.wgt_reads = 16'(take);
  assign counted.wgt_writes = 16'(wr_row);
  assign counted.idx_reads = take ? 16'(NumPe) : '0;
  assign counted.idx_writes = idx_wr_q + 16'(|ld_cnt);
  assign counted.act_reads = act_rd_q;
  assign counted.act_writes = act_wr_q + 16'(|ld_row);
  assign counted.psum_reads = sums_q[6*16+:16];
  assign counted.psum_writes = sums_q[6*16+:16];
  assign counted.broadcasts = 16'(take);
  assign counted.bypass_hits = '0;
  assign counted.own = own;
  assign events_o = pass_i.clr || cut_q ? '0 : counted;

  `LAC_STREAM_CLR(result_o.valid, result_ready_i, {result_o.data, result_o.last}, pass_i.clr)
  `LAC_ASSERT(take_by_all, !take || rows_ready, "a row that not all PEs take")
  `LAC_ASSERT(rows_in_compute, !take || pass_i.phase == 4'(PHASE_COMPUTE),
              "a row outside of Compute")
  `LAC_ASSERT(out_range, 32'(out_pe) < NumPe, "results of a PE that is none")
  `LAC_ASSERT(last_is_go, !go_last || go, "a last group that does not begin")
  `LAC_ASSERT(finish_in_compute, !finish || pass_i.phase == 4'(PHASE_COMPUTE),
              "an end outside of Compute")
  `LAC_ASSERT(finish_ended, !finish || (&pe_end && &pe_drained), "an end before that of all PEs")
  `LAC_ASSERT(clear_drained, !set_clr || &pe_drained,
              "a set is cleared before all PEs have left it")
  `LAC_ASSERT(one_loaded, $onehot0(ld_row | ld_cnt | ld_carry), "two PEs are loaded at once")
  `LAC_ASSERT(out_apart, !out_row_rd || ld_row == '0, "results leave while rows are loaded")
  `LAC_ASSERT(err_named, !core_o.err || core_o.err_code != '0, "an error without a code")

endmodule
