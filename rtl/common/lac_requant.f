// lac_requant: accumulator to activation.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_requant.f
+incdir+.
lac_requant.sv
