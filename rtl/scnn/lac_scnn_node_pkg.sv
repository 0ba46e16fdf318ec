// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_node_pkg: what a node of SCNN is told, and what it says of itself.
//
// Purpose: one struct each instead of dozens of ports through grid and node. Numbers have the bits
// of the largest build; a build uses as many of them as its parameters need.
// Example: `module m import lac_scnn_node_pkg::*; (input lac_scnn_node_cfg_t cfg_i, ...)`, then
//   `LinWidth'(cfg_i.limit)`.

package lac_scnn_node_pkg;

  // Of the pass: holds while it runs.
  typedef struct packed {
    logic [1:0]  shape;
    logic [2:0]  kc_log;
    logic        merge;
    logic        empty_step;
    logic [15:0] limit;       // positions of the tile, at most a power of two
    logic        keep;        // results go behind those of the pass before
    logic        relu;
    logic [5:0]  shift;
    logic [4:0]  gap;
    logic [15:0] cout_base;
  } lac_scnn_node_cfg_t;

  // Of the cycle: pulses, and the command of the walker.
  typedef struct packed {
    logic       start;      // cycle 0 of a pass
    logic       close;      // all commands have gone through
    logic       swap;       // the memories change their places
    logic       row_take;   // the row of weights is taken
    logic       go;         // the next group begins
    logic       last;       // with go: it was the last one
    logic [2:0] op;
    logic [5:0] k;
    logic [8:0] bank;       // of the word that is read
    logic [7:0] entry;
    logic [8:0] add_bank;   // of the word that a neighbour's is added to
    logic [7:0] add_entry;
    logic       set_clr;    // the drained set is cleared
  } lac_scnn_node_cmd_t;

  // Events of a cycle, one cycle behind it.
  localparam int NODE_EVENTS = 82;
  typedef struct packed {
    logic [8:0] useful;
    logic [8:0] padding;
    logic [8:0] empty;
    logic [8:0] bank;
    logic [8:0] sync;
    logic [8:0] merged;
    logic [9:0] psum;
    logic [2:0] fifo_rd;
    logic [3:0] fifo_wr;
    logic [3:0] skip;
    logic [1:0] carry;
    logic       act_rd;
    logic       act_wr;
    logic       idx_wr;
    logic       halo;
    logic       step;     // something moved
  } lac_scnn_node_events_t;

  // The first error since clr.
  typedef struct packed {
    logic        valid;
    logic [7:0]  code;
    logic [31:0] pos;
  } lac_scnn_node_err_t;

endpackage
