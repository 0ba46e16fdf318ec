// lac_rst: a reset made inside: for blocks that have a reset but no clear.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_rst.f
lac_rst.sv
