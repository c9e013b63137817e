"""Drills: harm is done to a throw-away installation, which must detect or repair it."""
