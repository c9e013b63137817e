"""Pure rules of prevention: the rows of a list of pledges, campaigns and the acts that answer them."""
