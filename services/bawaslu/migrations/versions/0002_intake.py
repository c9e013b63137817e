"""Reports, findings and first information before there is a matter."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "bawaslu_0002"
down_revision = "bawaslu_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "intake",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("updated", Instant(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("office", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("information_number", sa.String(length=60), nullable=False),
        sa.Column("information_source", sa.String(length=40), nullable=False),
        sa.Column("informant", sa.String(length=40), nullable=False),
        sa.Column("reporter", sa.String(length=36), nullable=False),
        sa.Column("region", sa.String(length=5), nullable=False),
        sa.Column("event_date", sa.Date(), nullable=True),
        sa.Column("known_date", sa.Date(), nullable=True),
        sa.Column("received_date", sa.Date(), nullable=True),
        sa.Column("tracing_number", sa.String(length=60), nullable=False),
        sa.Column("tracing_date", sa.Date(), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("assessed_date", sa.Date(), nullable=True),
        sa.Column("assessment_digest", sa.String(length=64), nullable=False),
        sa.Column("notice_number", sa.String(length=60), nullable=False),
        sa.Column("notice_date", sa.Date(), nullable=True),
        sa.Column("completed_date", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("delegation_number", sa.String(length=60), nullable=False),
        sa.Column("delegation_date", sa.Date(), nullable=True),
        sa.Column("former_offices", sa.JSON(), nullable=False),
        sa.Column("registration_number", sa.String(length=60), nullable=False),
        sa.Column("registered_date", sa.Date(), nullable=True),
        sa.Column("matters", sa.JSON(), nullable=False),
        sa.Column("clarifications", sa.JSON(), nullable=False),
        sa.Column("study_number", sa.String(length=60), nullable=False),
        sa.Column("study_date", sa.Date(), nullable=True),
        sa.Column("study_digest", sa.String(length=64), nullable=False),
        sa.Column("routes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("party", "id"),
    )
    op.create_index("intake_case", "intake", ["party", "case_id"], unique=False)
    op.create_index("intake_state", "intake", ["party", "state"], unique=False)
