"""Alembic's environment for every host: the connection is handed over, the folders are the host's rooms."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=None, render_as_batch=connection.dialect.name == "sqlite"
)
context.run_migrations()
