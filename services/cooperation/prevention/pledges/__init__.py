"""Lists of pledges (daftar ikrar): imported, closed, proved, erased."""
