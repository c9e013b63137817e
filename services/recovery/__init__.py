"""What an operator does when something may be wrong: check a host from the inside, and play the harm that it must survive.

`replay` makes a host's state anew from its trail; `check` puts all checks of a host together (`netral audit fsck`); `drills` do
harm to a world of real processes and look at how it ends (`netral drill`). It knows every desk, and no desk knows it.
"""
