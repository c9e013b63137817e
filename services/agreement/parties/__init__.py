"""Institutions, regions, offices and posts: who takes part, and under which identifiers."""
