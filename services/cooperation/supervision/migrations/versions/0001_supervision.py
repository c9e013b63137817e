"""First indications at an authority, plans of joint supervision, and the numbers that were given out."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "supervision_0001"
down_revision = None
branch_labels = ("supervision",)
depends_on = None


def _texts(**lengths: int) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length=length), nullable=False) for name, length in lengths.items()]


def upgrade() -> None:
    op.create_table(
        "indication",
        *_texts(party=40, id=36, state=20),
        *[sa.Column(name, Instant(), nullable=False) for name in ("created", "updated")],
        *_texts(team_number=60, act=40, channel=40, region=5),
        sa.Column("seen_date", sa.Date(), nullable=False),
        sa.Column("material_digests", sa.JSON(), nullable=False),
        *_texts(guidance=40),
        sa.Column("settled_date", sa.Date(), nullable=True),
        *_texts(minutes_digest=64, letter_number=60),
        sa.Column("letter_date", sa.Date(), nullable=True),
        *_texts(election=20, office=20, supervisor=40, statement=36, stage=30),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("party", "id"),
    )
    op.create_index("indication_state", "indication", ["party", "state"])
    op.create_table(
        "supervision_number",
        *_texts(party=40, kind=20, number=60, matter=36),
        sa.PrimaryKeyConstraint("party", "kind", "number"),
    )
    op.create_table(
        "supervision_plan",
        *_texts(party=40, id=36, state=20),
        *[sa.Column(name, Instant(), nullable=False) for name in ("created", "updated")],
        *_texts(proposer=40, partner=40, number=60),
        *[sa.Column(name, sa.Date(), nullable=False) for name in ("start_date", "end_date")],
        *[sa.Column(name, sa.JSON(), nullable=False) for name in ("regions", "acts")],
        *_texts(document_digest=64, letter_number=60),
        sa.Column("agreed_date", sa.Date(), nullable=True),
        *_texts(heard=36),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("party", "id"),
    )
