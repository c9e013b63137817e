"""Statements of overseers on a matter: data blocked, data unblocked, authority warned."""

import sqlalchemy as sa
from alembic import op

revision = "kasn_0003_overseen"
down_revision = "kasn_0004_discipline"
branch_labels = None
depends_on = None


def upgrade() -> None:
    flag: sa.Column[bool] = sa.Column("data_blocked", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("matter", flag)
    for act in ("block", "unblock", "warning"):
        number = sa.Column(f"{act}_number", sa.String(length=60), nullable=False, server_default="")
        op.add_column("matter", number)
        op.add_column("matter", sa.Column(f"{act}_date", sa.Date(), nullable=True))
    op.add_column("matter", sa.Column("warning_due_date", sa.Date(), nullable=True))
