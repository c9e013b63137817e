"""The projection of monitoring, and figures that were stated."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "monitoring_0001"
down_revision = None
branch_labels = ("monitoring",)
depends_on = None


def _texts(**lengths: int) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length=length), nullable=False) for name, length in lengths.items()]


def upgrade() -> None:
    op.create_table(
        "monitor_position",
        *_texts(party=40),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("time", Instant(), nullable=True),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("party"),
    )
    op.create_table(
        "monitor_case",
        *_texts(party=40, matter=36, case_id=36, stage=40, holder=40),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("since_date", sa.Date(), nullable=False),
        sa.Column("period_date", sa.Date(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        *_texts(supervisor=40, examiner=40, region=5, province=2, agency=40, tier=10, act=40, employment=10),
        sa.Column("recommended_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("followed_up_date", sa.Date(), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("verified_date", sa.Date(), nullable=True),
        *_texts(status=40),
        sa.Column("answered", sa.Boolean(), nullable=False),
        *_texts(step=20),
        sa.Column("step_time", Instant(), nullable=True),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("party", "matter"),
    )
    op.create_index("monitor_case_period", "monitor_case", ["party", "period_date"])
    op.create_index("monitor_case_due", "monitor_case", ["party", "due_date"])
    op.create_table(
        "monitor_feed",
        *_texts(party=40, peer=40),
        sa.Column("last", Instant(), nullable=False),
        sa.Column("statements", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("party", "peer"),
    )
    op.create_table(
        "monitor_said",
        *_texts(party=40, id=36, reconciliation=36, sender=40, recipient=40),
        sa.Column("time", Instant(), nullable=False),
        *_texts(answers=36),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("party", "id"),
    )
    op.create_index("monitor_said_answers", "monitor_said", ["party", "answers"])
