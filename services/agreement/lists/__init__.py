"""Lists as people and other systems write them: names of columns, days, and which column is which of our fields."""
