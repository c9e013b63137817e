"""The discipline procedure, and what a matter keeps of it."""

import sqlalchemy as sa
from alembic import op

revision = "ppk_0005_discipline"
down_revision = "ppk_0002_clarification"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proceeding",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("employee_status", sa.String(length=20), nullable=False),
        sa.Column("employee_date", sa.Date(), nullable=True),
        sa.Column("moved_to", sa.String(length=40), nullable=False),
        sa.Column("team_number", sa.String(length=60), nullable=False),
        sa.Column("team_date", sa.Date(), nullable=True),
        sa.Column("team_digest", sa.String(length=64), nullable=False),
        sa.Column("team_units", sa.JSON(), nullable=False),
        sa.Column("summons_number", sa.String(length=60), nullable=False),
        sa.Column("summons_date", sa.Date(), nullable=True),
        sa.Column("summoned_for", sa.Date(), nullable=True),
        sa.Column("absences", sa.Integer(), nullable=False),
        sa.Column("examined_date", sa.Date(), nullable=True),
        sa.Column("minutes_digest", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("report_number", sa.String(length=60), nullable=False),
        sa.Column("report_date", sa.Date(), nullable=True),
        sa.Column("report_digest", sa.String(length=64), nullable=False),
        sa.Column("decree_number", sa.String(length=60), nullable=False),
        sa.Column("decree_date", sa.Date(), nullable=True),
        sa.Column("sanction_class", sa.String(length=40), nullable=False),
        sa.Column("delivered_date", sa.Date(), nullable=True),
        sa.Column("delivery_way", sa.String(length=40), nullable=False),
        sa.Column("appeal_kind", sa.String(length=20), nullable=False),
        sa.Column("appeal_number", sa.String(length=60), nullable=False),
        sa.Column("appeal_date", sa.Date(), nullable=True),
        sa.Column("appeal_outcome", sa.String(length=20), nullable=False),
        sa.Column("appeal_decision_number", sa.String(length=60), nullable=False),
        sa.Column("appeal_decision_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("party", "id"),
    )
    op.add_column("matter", sa.Column("moved_to", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("matter", sa.Column("open_measures", sa.JSON(), nullable=False, server_default="[]"))
