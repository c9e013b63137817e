"""Joint supervision (pengawasan bersama) of supervisor and examiner."""
