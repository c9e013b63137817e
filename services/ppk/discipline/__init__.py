"""The discipline procedure of a matter (PP 94/2021; Peraturan BKN 6/2022)."""
