"""A season of invented cases in the proportions that were published."""
