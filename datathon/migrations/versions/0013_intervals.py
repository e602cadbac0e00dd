"""How sure the order of a board is.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import Json, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table empty: the next refresh of each board asks for what is missing."""
    op.create_table(
        "board_interval",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("challenge_id", sa.String(length=80), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("wanted", sa.String(length=64), nullable=False),
        sa.Column("wanted_since", UtcDateTime(), nullable=False),
        sa.Column("request", Json, nullable=False),
        sa.Column("found_for", sa.String(length=64), nullable=False),
        sa.Column("found", Json, nullable=False),
        sa.Column("computed_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_board_interval_edition_id_edition")),
        sa.PrimaryKeyConstraint("edition_id", "challenge_id", "part", name=op.f("pk_board_interval")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("board_interval")
