"""SQLite and PostgreSQL behind one interface: engines, column types, bulk writes, migrations."""
