"""Words of the command line: the Indonesian catalogue `id.po`, how it is written again, words of elections, and old names of options."""
