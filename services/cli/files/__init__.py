"""Files that an officer gives a command: lists as CSV or spreadsheet, and texts, whatever they are written in. No desk ever opens one."""
