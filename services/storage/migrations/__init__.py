"""Migrations: alembic's environment for every host, and the last migrations of folders."""
