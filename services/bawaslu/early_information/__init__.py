"""First information (informasi awal) that an authority's own team passes on."""
