// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_ppu_pkg: commands of the walker to the post-processing units, and errors of SCNN's own.
//
// Purpose: what lac_scnn_walker says to all lac_scnn_ppu alike, and the codes that no other design
// has.
// Example: `module m import lac_scnn_ppu_pkg::*; (...)`, then `cmd_i.op == OP_DRAIN`.

package lac_scnn_ppu_pkg;

  localparam logic [2:0] OP_NONE = 3'd0;
  localparam logic [2:0] OP_SEND_W = 3'd1;
  localparam logic [2:0] OP_SEND_E = 3'd2;
  localparam logic [2:0] OP_SEND_N = 3'd3;
  localparam logic [2:0] OP_SEND_S = 3'd4;
  localparam logic [2:0] OP_DRAIN = 3'd5;
  localparam logic [2:0] OP_GAP = 3'd6;
  localparam logic [2:0] OP_FLUSH = 3'd7;

  // Sides with a neighbour
  localparam int SIDE_W = 0;
  localparam int SIDE_E = 1;
  localparam int SIDE_N = 2;
  localparam int SIDE_S = 3;

  // Errors of the design's own
  localparam int ERR_IARAM_OVERFLOW = 32;
  localparam int ERR_OARAM_OVERFLOW = 33;
  localparam int ERR_BLOCK_RANGE = 34;
  localparam int ERR_ACT_RANGE = 35;
  localparam int ERR_CARRY_OVERFLOW = 36;

  // Class of a position along an axis: of one column or row of PEs
  typedef struct packed {
    logic own;   // the PE has its sum, behind the halo exchange
    logic fin;   // complete
    logic cout;  // or to be completed by another chip tile
    logic cin;   // another chip tile has a part of it
  } lac_scnn_class_t;

endpackage
