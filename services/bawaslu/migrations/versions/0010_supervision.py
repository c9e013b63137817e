"""Form A of a supervision act and the last plenary: columns of `intake` and `matter`."""

import sqlalchemy as sa
from alembic import op

revision = "bawaslu_supervision"
down_revision = "bawaslu_offices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("intake", "matter"):
        op.add_column(
            table, sa.Column("plenary_number", sa.String(length=60), server_default="", nullable=False)
        )
        op.add_column(table, sa.Column("plenary_date", sa.Date(), nullable=True))
        op.add_column(
            table, sa.Column("plenary_digest", sa.String(length=64), server_default="", nullable=False)
        )
        op.add_column(table, sa.Column("plenary_decisions", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("intake", sa.Column("form_number", sa.String(length=60), server_default="", nullable=False))
    op.add_column("intake", sa.Column("supervised_date", sa.Date(), nullable=True))
    op.add_column("intake", sa.Column("form_digest", sa.String(length=64), server_default="", nullable=False))
    op.add_column("intake", sa.Column("subjects", sa.JSON(), server_default="[]", nullable=False))
