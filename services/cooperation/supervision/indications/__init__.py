"""First indications (indikasi awal) of an authority and what becomes of them."""
