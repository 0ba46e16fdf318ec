"""``make run``: layers through RTL, tables and the report page."""
