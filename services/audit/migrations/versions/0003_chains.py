"""The pages of each log's chains: of every matter, case and actor. They fill at a log's next batch."""

import sqlalchemy as sa
from alembic import op

revision = "audit_0003"
down_revision = "audit_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chain_page",
        sa.Column("party", sa.String(40), primary_key=True),
        sa.Column("prefix", sa.String(64), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("A trail is not taken down.")
