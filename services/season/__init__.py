"""A season to play: invented cases in the proportions that were published, for demonstrations and tests of figures."""
