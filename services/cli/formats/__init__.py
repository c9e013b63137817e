"""Formats in which a reading command answers: as a table, as JSON, as CSV, as a spreadsheet."""
