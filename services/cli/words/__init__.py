"""Words of the command line in Indonesian: the catalogue `id.po`, and how it is written again from the code. And words of options that have another name now."""
