"""Commands on an installation of this machine: up, down, demo, drill, season."""
