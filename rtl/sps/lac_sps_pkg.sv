// SPDX-License-Identifier: Apache-2.0
//
// lac_sps_pkg: errors of SPS's own.
//
// Purpose: one name for each number, for RTL; README.md beside this file says what they mean.
// Example: `module m import lac_sps_pkg::*; (...)`, then `code = 8'(ERR_RESIDUE);`.

package lac_sps_pkg;

  localparam int ERR_WGT_RANGE = 32;
  localparam int ERR_RESIDUE = 33;
  localparam int ERR_POSITION = 34;

endpackage
