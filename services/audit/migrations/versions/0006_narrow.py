"""On SQLite a leaf's time is an integer, and what is little more than its key stands once. PostgreSQL has both already."""

from alembic import op

revision = "audit_0006"
down_revision = "audit_0005"
branch_labels = None
depends_on = None

_LEAF = "id, party, kind, ref, matter, type, actor, author, time, hash, body, heading"
_MICROS = "strftime('%s', substr(time, 1, 19)) * 1000000 + substr(time, 21, 6)"
_STEPS = (
    """
    CREATE TABLE fresh (
        id INTEGER NOT NULL PRIMARY KEY, party VARCHAR(40) NOT NULL, kind INTEGER NOT NULL, ref VARCHAR(36) NOT NULL,
        matter VARCHAR(36) NOT NULL, type VARCHAR(100) NOT NULL, actor VARCHAR(100) NOT NULL, author VARCHAR(40) NOT NULL,
        time BIGINT NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL, heading BIGINT DEFAULT '0' NOT NULL
    )
    """,
    f"INSERT INTO fresh ({_LEAF}) SELECT {_LEAF.replace('time', _MICROS)} FROM leaf ORDER BY id",  # noqa: S608 - constants
    "DROP TABLE leaf",
    "ALTER TABLE fresh RENAME TO leaf",
    "CREATE INDEX leaf_ref ON leaf (party, ref)",
    "CREATE INDEX leaf_matter ON leaf (party, matter)",
    "CREATE INDEX leaf_time ON leaf (party, time)",
    "CREATE INDEX leaf_actor ON leaf (party, actor, time)",
    "CREATE INDEX leaf_heading ON leaf (heading)",
    """
    CREATE TABLE fresh (
        party VARCHAR(40) NOT NULL, "index" BIGINT NOT NULL, leaf_id BIGINT NOT NULL UNIQUE, PRIMARY KEY (party, "index")
    ) WITHOUT ROWID
    """,
    'INSERT INTO fresh SELECT party, "index", leaf_id FROM leaf_index ORDER BY party, "index"',
    "DROP TABLE leaf_index",
    "ALTER TABLE fresh RENAME TO leaf_index",
    """
    CREATE TABLE fresh (
        party VARCHAR(40) NOT NULL, case_id VARCHAR(36) NOT NULL, matter VARCHAR(36) NOT NULL, ref VARCHAR(36) NOT NULL,
        PRIMARY KEY (party, case_id, matter, ref)
    ) WITHOUT ROWID
    """,
    "INSERT INTO fresh SELECT party, case_id, matter, ref FROM case_entry ORDER BY party, case_id, matter, ref",
    "DROP TABLE case_entry",
    "ALTER TABLE fresh RENAME TO case_entry",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for step in _STEPS:
            op.execute(step)


def downgrade() -> None:
    raise NotImplementedError("A trail is not taken down.")
