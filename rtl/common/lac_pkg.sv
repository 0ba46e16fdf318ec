// SPDX-License-Identifier: Apache-2.0
//
// lac_pkg: the numbers of the socket, for the RTL.
//
// Purpose: register offsets, error codes, counter indices, phases and packet magics that every
//   accelerator shares. The single source is models/socket.py; this file repeats it and a test
//   compares the two, so a change is made there first. Besides them the type of the memories' pins.
// Example: `module m import lac_pkg::*; (...)`, then `err_code = 8'(ERR_TIMEOUT);` (import in the
//   module header: Icarus 11 takes no other way for structs, and one way is enough).
// Registers that repeat (CAP, CFG, PERF) have the offset of their first one; the next is 4 bytes on.

package lac_pkg;

  // Sizes of the register map
  localparam int NUM_CAP = 8;
  localparam int NUM_CFG = 16;
  localparam int NUM_PERF = 32;
  localparam int NUM_COUNTERS = 24;

  // Identification and packet magics
  localparam logic [31:0] ID_PREFIX = 32'h4C41_4300;
  localparam logic [31:0] SOCKET_VERSION = 32'h0001_0000;
  localparam logic [31:0] WGT_MAGIC = 32'h4C41_4357;
  localparam logic [31:0] ACT_MAGIC = 32'h4C41_4341;

  // Register byte offsets
  localparam int REG_ID = 'h000;
  localparam int REG_VERSION = 'h004;
  localparam int REG_CTRL = 'h008;
  localparam int REG_STATUS = 'h00C;
  localparam int REG_ERR_CODE = 'h010;
  localparam int REG_ERR_POS = 'h014;
  localparam int REG_IRQ_EN = 'h018;
  localparam int REG_WATCHDOG = 'h01C;
  localparam int REG_CAP0 = 'h020;
  localparam int REG_CFG0 = 'h040;
  localparam int REG_PACKETS = 'h080;
  localparam int REG_PERF0 = 'h100;

  // CTRL and STATUS masks
  localparam int CTRL_FORGET = 8;
  localparam int CTRL_IRQ_ACK = 4;
  localparam int CTRL_SOFT_RESET = 2;
  localparam int CTRL_START = 1;
  localparam int STATUS_BUSY = 1;
  localparam int STATUS_DONE = 2;
  localparam int STATUS_DROPPED = 8;
  localparam int STATUS_ERROR = 4;

  // STATUS[11:8]
  localparam int PHASE_IDLE = 0;
  localparam int PHASE_WGT = 1;
  localparam int PHASE_ACT = 2;
  localparam int PHASE_COMPUTE = 3;
  localparam int PHASE_OUTPUT = 4;
  localparam int PHASE_DRAIN = 5;
  localparam int PHASE_ERROR = 6;

  // ERR_CODE
  localparam int ERR_NONE = 0;
  localparam int ERR_GEOMETRY = 1;
  localparam int ERR_WGT_HEADER = 2;
  localparam int ERR_WGT_SHORT = 3;
  localparam int ERR_WGT_LONG = 4;
  localparam int ERR_WGT_ORDER = 5;
  localparam int ERR_ACT_HEADER = 6;
  localparam int ERR_ACT_SHORT = 7;
  localparam int ERR_ACT_LONG = 8;
  localparam int ERR_CODEBOOK = 9;
  localparam int ERR_POINTER_ORDER = 10;
  localparam int ERR_POINTER_RANGE = 11;
  localparam int ERR_ROW_RANGE = 12;
  localparam int ERR_ACC_OVERFLOW = 13;
  localparam int ERR_TIMEOUT = 14;
  localparam int ERR_WGT_VALUE = 15;
  localparam int ERR_WGT_FORMAT = 16;

  // PERF registers
  localparam int CNT_CYCLES = 0;
  localparam int CNT_CYCLES_WGT = 1;
  localparam int CNT_CYCLES_ACT = 2;
  localparam int CNT_CYCLES_COMPUTE = 3;
  localparam int CNT_CYCLES_OUTPUT = 4;
  localparam int CNT_MAC_USEFUL = 5;
  localparam int CNT_MAC_SLOTS = 6;
  localparam int CNT_STALL_INPUT = 7;
  localparam int CNT_STALL_OUTPUT = 8;
  localparam int CNT_STALL_QUEUE_FULL = 9;
  localparam int CNT_STALL_SYNC = 10;
  localparam int CNT_STALL_BANK = 11;
  localparam int CNT_SLOT_PADDING = 12;
  localparam int CNT_SLOT_EMPTY = 13;
  localparam int CNT_WGT_READS = 14;
  localparam int CNT_WGT_WRITES = 15;
  localparam int CNT_IDX_READS = 16;
  localparam int CNT_IDX_WRITES = 17;
  localparam int CNT_ACT_READS = 18;
  localparam int CNT_ACT_WRITES = 19;
  localparam int CNT_PSUM_READS = 20;
  localparam int CNT_PSUM_WRITES = 21;
  localparam int CNT_BROADCASTS = 22;
  localparam int CNT_BYPASS_HITS = 23;

  // Pins that a memory macro has beside its ports: zero is normal operation. One value for all memories
  // of a top, through `mem_cfg_i` of every module that holds one. Only the two cells read its fields: a
  // chip whose macros have other pins changes this type along with them.
  typedef struct packed {
    logic       test;       // test mode of the macro
    logic       sleep;      // keep the words at low power
    logic       margin_en;  // the margins below count, not those of the macro
    logic [3:0] rd_margin;
    logic [3:0] wr_margin;
  } lac_mem_cfg_t;

endpackage
