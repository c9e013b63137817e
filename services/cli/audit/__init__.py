"""`netral audit …`: search, export and verify the trail."""
