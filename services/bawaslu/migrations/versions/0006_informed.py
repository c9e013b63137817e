"""First information of an authority's team, and the matters that it led to."""

import sqlalchemy as sa
from alembic import op

revision = "bawaslu_0006_informed"
down_revision = "bawaslu_0005_extension"
branch_labels = None
depends_on = None


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default="")


def upgrade() -> None:
    op.add_column("matter", _text("informant", 40))
    op.add_column("matter", _text("information", 36))
    op.add_column("matter", sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("intake", _text("statement", 36))
    op.add_column("intake", _text("informant_number", 60))
    op.add_column("intake", sa.Column("informant_date", sa.Date(), nullable=True))
    op.add_column("intake", _text("suspected_act", 40))
    op.add_column("intake", _text("channel", 40))
    op.add_column("intake", sa.Column("seen_date", sa.Date(), nullable=True))
    op.add_column("intake", sa.Column("evidence_digests", sa.JSON(), nullable=False, server_default="[]"))
