"""Notices of lateness to an authority: reminders, claims of silence, escalations to it."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "ppk_notices"
down_revision = "ppk_0002_regime"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("updated", Instant(), nullable=False),
        sa.Column("examiner", sa.String(length=40), nullable=False),
        sa.Column("letter_number", sa.String(length=60), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("reminded_date", sa.Date(), nullable=True),
        sa.Column("silence", sa.String(length=40), nullable=False),
        sa.Column("silence_date", sa.Date(), nullable=True),
        sa.Column("claim", sa.String(length=36), nullable=False),
        sa.Column("refuted_by", sa.String(length=64), nullable=False),
        sa.Column("escalation_number", sa.String(length=60), nullable=False),
        sa.Column("authority", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("party", "id"),
    )
