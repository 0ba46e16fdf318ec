// SPDX-License-Identifier: Apache-2.0
//
// Geometry of FlexFlow-Pro: the products that a pass needs, and whether the build can hold it.
//
//   start_i --> thirteen products, one by one --> sizes --> bad_o, bad_idx_o with done_o
//               first cells of the rows, one by one --^
//
// Sizes (lac_products) saturate at 25 bits, which is above every memory, so nothing that is too large wraps
// into what fits. bad_idx_o is the lowest CFG register at fault, of those that the phases of MODE
// use; limits: registers.toml beside this. start_cells_o has for each row the cells that its first
// window lies behind that of row 0.
// Example: TAPS 3, STRIDE 1, GROUPS_LOG 1, CELLS 2: step_cells 4, span_cells 8, win_last 5.
// Latency: start_i to done_o 66 cycles. Sizes hold until the next start_i.
// Parameters:
//   Rows      2..32, a power of two
//   Cols      2..32
//   MaskWord  4..16, 4, 8 or 16
//   KCells    1..64
//   NCells    2..64
//   MaxMaps   2..8, even
//   ActDepth  2..65536
//   AccDepth  1..65536
//   AccWidth  17..48
// Model: models/flexflow_pro/registers.py, geometry.py.

`include "lac_assert.svh"

module lac_ffp_geom
  import lac_flexflow_pro_cfg_pkg::*, lac_ffp_pkg::*;
#(
  parameter  int Rows       = 16,
  parameter  int Cols       = 16,
  parameter  int MaskWord   = 16,
  parameter  int KCells     = 9,
  parameter  int NCells     = 12,
  parameter  int MaxMaps    = 4,
  parameter  int ActDepth   = 512,
  parameter  int AccDepth   = 1024,
  parameter  int AccWidth   = 48,
  localparam int StartWidth = 7
) (
  input  logic                                        clk_i,
  input  logic                                        rst_ni,
  input  logic                                        start_i,
  input  lac_flexflow_pro_cfg_t                       cfg_i,
  output logic                                        done_o,        // pulse: all below is valid
  output logic                                        bad_o,
  output logic                  [                3:0] bad_idx_o,
  output lac_ffp_walk_t                               walk_o,
  output lac_ffp_slices_t                             slices_o,
  output logic                  [                2:0] maps_last_o,   // MAPS - 1
  output logic                  [               15:0] res_last_o,    // RES - 1
  output logic                  [               16:0] res_o,         // LINES*WINDOWS*MAPS
  output logic                  [               16:0] col_cells_o,   // LINES*LINE*CELLS
  output logic                  [               31:0] act_count_o,   // Cols times that
  output logic                  [Rows*StartWidth-1:0] start_cells_o
);

  `LAC_PARAM_RULE(lac_ffp_geom, Rows, 2, 32, (Rows & (Rows - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_ffp_geom, Cols, 2, 32)
  `LAC_PARAM_RULE(lac_ffp_geom, MaskWord, 4, 16, MaskWord == 4 || MaskWord == 8 || MaskWord == 16,
                  "4, 8 or 16")
  `LAC_PARAM(lac_ffp_geom, KCells, 1, 64)
  `LAC_PARAM(lac_ffp_geom, NCells, 2, 64)
  `LAC_PARAM_RULE(lac_ffp_geom, MaxMaps, 2, 8, MaxMaps % 2 == 0, "even")
  `LAC_PARAM(lac_ffp_geom, ActDepth, 2, 65536)
  `LAC_PARAM(lac_ffp_geom, AccDepth, 1, 65536)
  `LAC_PARAM(lac_ffp_geom, AccWidth, 17, 48)

  localparam int NumChecks = CFG_SHIFT + 1;
  localparam int SizeWidth = 25;
  localparam int RowLog = $clog2(Rows);
  localparam int MaskLog = $clog2(MaskWord);
  localparam int NumProducts = 13;

  // fields -----------------------------------------------------------------------------------
  lac_flexflow_pro_mode_t mode;
  logic [31:0] shift, threshold;
  logic [15:0] lines, windows, pieces;
  logic [7:0] taps, cells, ring;
  logic [3:0] stride, maps;
  logic [2:0] groups_log;
  logic act_com, com_out;

  assign mode = cfg_i.mode;
  assign act_com = mode.load_act | mode.compute;
  assign com_out = act_com | mode.output_;
  assign lines = cfg_i.plane.lines;
  assign windows = cfg_i.plane.windows;
  assign taps = cfg_i.window.taps;
  assign stride = cfg_i.window.stride;
  assign groups_log = cfg_i.window.groups_log;
  assign maps = cfg_i.window.maps;
  assign pieces = cfg_i.slice.pieces;
  assign cells = cfg_i.slice.cells;
  assign ring = cfg_i.slice.ring;
  assign threshold = cfg_i.threshold;
  assign shift = cfg_i.shift;

  // Upper CFG registers, RELU and THRESHOLD are not looked at here.
  logic unused_cfg;
  assign unused_cfg = ^{cfg_i, threshold};

  logic [10:0] step_q;
  logic [11:0] span_q;

  always_ff @(posedge clk_i) begin
    step_q <= 11'(stride) << groups_log;
    span_q <= 12'(step_q) + 12'(taps) - 12'(stride);
  end

  // products ---------------------------------------------------------------------------------
  logic busy, size_valid, zero_is_one;
  logic [3:0] num;
  logic [SizeWidth-1:0] steps_q, line_q, line_cells_q, col_cells_q, count_q, per_line_q, res_q;
  logic [SizeWidth-1:0] kernel_q, ker_cells_q, ring_cells_q, factor, size;
  // Within RING*CELLS, or the pass is refused.
  logic [StartWidth-1:0] win_cells_q, step_cells_q, span_cells_q, stride_cells_q;
  logic [15:0] times;

  always_comb begin
    zero_is_one = 1'b0;
    case (num)
      4'd0: begin
        factor = SizeWidth'(stride);
        times  = 16'(cells);
      end
      4'd1: begin
        factor = SizeWidth'(step_q);
        times  = windows;
      end
      4'd2: begin
        factor = line_q;
        times  = 16'(cells);
      end
      4'd3: begin
        factor = line_cells_q;
        times = lines;
        zero_is_one = 1'b1;
      end
      4'd4: begin
        factor = col_cells_q;
        times  = 16'(Cols);
      end
      4'd5: begin
        factor = SizeWidth'(windows);
        times  = 16'(maps);
      end
      4'd6: begin
        factor = per_line_q;
        times = lines;
        zero_is_one = 1'b1;
      end
      4'd7: begin
        factor = SizeWidth'(cells);
        times  = 16'(maps);
      end
      4'd8: begin
        factor = kernel_q;
        times = 16'(taps);
        zero_is_one = 1'b1;
      end
      4'd9: begin
        factor = SizeWidth'(taps);
        times  = 16'(cells);
      end
      4'd10: begin
        factor = SizeWidth'(ring);
        times  = 16'(cells);
      end
      4'd11: begin
        factor = SizeWidth'(step_q);
        times  = 16'(cells);
      end
      default: begin
        factor = SizeWidth'(span_q);
        times  = 16'(cells);
      end
    endcase
  end

  lac_products #(
    .Num      (NumProducts),
    .SizeWidth(SizeWidth)
  ) u_products (
    .clk_i,
    .rst_ni,
    .start_i,
    .num_o   (num),
    .factor_i(factor),
    .times_i (times),
    .one_i   (zero_is_one),
    .valid_o (size_valid),
    .size_o  (size),
    .busy_o  (busy),
    .done_o
  );

  always_ff @(posedge clk_i) begin
    if (size_valid) begin
      case (num)
        4'd0: stride_cells_q <= StartWidth'(size);
        4'd1: steps_q <= size;
        4'd2: line_cells_q <= size;
        4'd3: col_cells_q <= size;
        4'd4: count_q <= size;
        4'd5: per_line_q <= size;
        4'd6: res_q <= size;
        4'd7: kernel_q <= size;
        4'd8: ker_cells_q <= size;
        4'd9: win_cells_q <= StartWidth'(size);
        4'd10: ring_cells_q <= size;
        4'd11: step_cells_q <= StartWidth'(size);
        default: span_cells_q <= StartWidth'(size);
      endcase
    end
  end

  // (WINDOWS - 1)*STEP + SPAN; saturated as all sizes. Without a window it is of no account.
  logic [SizeWidth:0] line;
  assign line   = (SizeWidth + 1)'(steps_q) + (SizeWidth + 1)'(taps) - (SizeWidth + 1)'(stride);
  assign line_q = line[SizeWidth] ? '1 : line[SizeWidth-1:0];

  // first cells of the rows, from the end of the first product on ------------------------------
  // Row i is in group i >> (log2(Rows) - GROUPS_LOG), so a group begins where these low bits are 0.
  logic [RowLog:0] row_q;  // Rows: all are there
  logic [RowLog-1:0] low_q;
  logic [StartWidth-1:0] start_q;
  logic row_busy;

  assign row_busy = ~row_q[RowLog];

  always_ff @(posedge clk_i) begin
    low_q <= RowLog'((Rows - 1) >> groups_log);
    if (busy && num == '0) begin
      row_q   <= '0;
      start_q <= '0;
    end else if (row_busy) begin
      row_q <= row_q + (RowLog + 1)'(1);
      if ((row_q[RowLog-1:0] & low_q) == low_q) start_q <= start_q + stride_cells_q;
    end
  end

  for (genvar r = 0; r < Rows; r++) begin : gen_row
    always_ff @(posedge clk_i)
      if (row_q == (RowLog + 1)'(r))
        start_cells_o[r*StartWidth+:StartWidth] <= start_q;
  end

  // checks, by CFG index; one assignment per bit for Icarus 11 ---------------------------------
  logic [15:0] piece_last;
  assign piece_last = pieces - 16'd1;

  logic [NumChecks-1:0] bad, bad_q;

  assign bad[CFG_MODE] = (|(32'(mode) & ~MODE_KNOWN))
                       | ~(mode.load_wgt | com_out)
                       | (mode.acc_keep & mode.bias);
  assign bad[CFG_PLANE] = (act_com & (col_cells_q > SizeWidth'(ActDepth)))
                        | (com_out & ((lines == '0) | (windows == '0)
                                      | (res_q > SizeWidth'(AccDepth))));
  assign bad[CFG_WINDOW] = (act_com & ((taps == '0) | (ker_cells_q > SizeWidth'(KCells))
                                       | (stride == '0) | (8'(stride) > taps)
                                       | (groups_log > 3'(RowLog))))
                         | (com_out & ((maps == '0) | (maps > 4'(MaxMaps))));
  assign bad[CFG_SLICE] = act_com & ((cells == '0) | (pieces == '0)
                                     | ((piece_last >> MaskLog) != 16'(cells - 8'd1))
                                     | (12'(ring) < span_q)
                                     | (ring_cells_q > SizeWidth'(NCells)));
  assign bad[CFG_THRESHOLD] = 1'b0;
  assign bad[CFG_SHIFT] = mode.output_ & (shift >= 32'(AccWidth));

  // The sizes that are looked at come steps before the last one: one more cycle costs none.
  always_ff @(posedge clk_i) bad_q <= bad;

  lac_ffs #(
    .Width(NumChecks)
  ) u_bad (
    .in_i    (bad_q),
    .valid_o (bad_o),
    .index_o (bad_idx_o[$clog2(NumChecks)-1:0]),
    .onehot_o()
  );
  assign bad_idx_o[3]          = 1'b0;

  // sizes ------------------------------------------------------------------------------------
  assign walk_o.relaxed        = mode.relaxed;
  assign walk_o.windows_last   = windows - 16'd1;
  assign walk_o.win_last       = 6'(win_cells_q - 7'd1);
  assign walk_o.ker_last       = 6'(ker_cells_q) - 6'd1;
  assign walk_o.cells_last     = 6'(cells) - 6'd1;
  assign walk_o.ring_cells     = 7'(ring_cells_q);
  assign walk_o.step_cells     = step_cells_q;
  assign walk_o.span_cells     = span_cells_q;
  assign walk_o.tail_mask      = (16'd2 << piece_last[MaskLog-1:0]) - 16'd1;
  assign slices_o.lines_last   = lines - 16'd1;
  assign slices_o.windows_last = windows - 16'd1;
  assign slices_o.cells_last   = 6'(cells) - 6'd1;
  assign slices_o.ring         = 7'(ring);
  assign slices_o.step         = 7'(step_q);
  assign slices_o.span         = 7'(span_q);
  assign slices_o.ring_cells   = 7'(ring_cells_q);
  assign maps_last_o           = 3'(maps - 4'd1);
  assign res_o                 = 17'(res_q);
  assign res_last_o            = 16'(res_q) - 16'd1;
  assign col_cells_o           = 17'(col_cells_q);
  assign act_count_o           = 32'(count_q);

  `LAC_ASSERT(index_of_bad, !done_o || !bad_o || bad_q[3'(bad_idx_o)],
              "the index names a good field")
  `LAC_ASSERT(rows_done, !done_o || !row_busy, "done before the last row")

endmodule
