"""Timeline of a pack: leaves as one story, told in the words of the pack's format, as a page and as PDF."""
