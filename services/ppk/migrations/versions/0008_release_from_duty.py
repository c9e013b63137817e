"""Release of a person from duty while severe discipline is examined."""

import sqlalchemy as sa
from alembic import op

revision = "ppk_release_from_duty"
down_revision = "ppk_succession"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.Column("release_number", sa.String(length=60), nullable=False, server_default="")
    op.add_column("proceeding", number)
    for name in ("release_date", "release_end_date"):
        op.add_column("proceeding", sa.Column(name, sa.Date(), nullable=True))
