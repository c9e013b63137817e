"""Elections as data: which regions vote when, who is a candidate since when, and which election an act belongs to."""
