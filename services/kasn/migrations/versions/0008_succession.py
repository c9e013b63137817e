"""To whom a matter passed, from whom it came, under which rule and letter."""

import sqlalchemy as sa
from alembic import op

revision = "kasn_succession"
down_revision = "kasn_0007_claims"
branch_labels = None
depends_on = None


_TEXTS = {
    "successor": 40,
    "predecessor": 40,
    "passed_in": 40,
    "succession_rule": 40,
    "handover_number": 60,
    "reports_to": 40,
}


def upgrade() -> None:
    for name, length in _TEXTS.items():
        column = sa.Column(name, sa.String(length=length), nullable=False, server_default="")
        op.add_column("matter", column)
    op.add_column("matter", sa.Column("handover_date", sa.Date(), nullable=True))
    op.add_column("matter", sa.Column("said_last", sa.JSON(), nullable=False, server_default="[]"))
