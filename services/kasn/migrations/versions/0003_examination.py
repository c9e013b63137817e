"""Completion, clarification, conflict, correction; the index of persons."""

import sqlalchemy as sa
from alembic import op

revision = "kasn_0002_examination"
down_revision = "kasn_ladder"
branch_labels = None
depends_on = None

_TEXTS = {
    "completion_number": 60,
    "clarification_number": 60,
    "clarification_addressee": 40,
    "clarification_answer": 60,
    "attendance": 40,
    "minutes_digest": 64,
    "conflicted": 40,
    "conflict_ground": 40,
    "correction_number": 60,
    "withdrawal_reason": 40,
}


def upgrade() -> None:
    for name, length in _TEXTS.items():
        op.add_column("matter", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    for name in ("missing", "reason_codes"):
        op.add_column("matter", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    for name in ("clarification_date", "held_date", "objection_date"):
        op.add_column("matter", sa.Column(name, sa.Date(), nullable=True))
    op.create_table(
        "person_index",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("matter", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("party", "matter"),
    )
    op.create_index("person_index_digest", "person_index", ["party", "digest"], unique=False)
