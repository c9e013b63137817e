"""Prevention and supervision: pledges, circulars, campaigns and early indications."""
