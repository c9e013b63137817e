"""Questions to the trail, answered page by page as of a checkpoint."""
