// lac_phases: walks the phases of a pass, catches errors, drains, watches.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_phases.f
+incdir+.
lac_pkg.sv
lac_phases.sv
