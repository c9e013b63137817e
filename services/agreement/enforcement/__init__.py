"""Enforcement: intake, violations, sanctions, procedures, copies, and the measures of overseers."""
