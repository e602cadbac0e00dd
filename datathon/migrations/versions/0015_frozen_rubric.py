"""The rubric as it was when the jury's phase opened.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import Json, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; a jury that is open already freezes its rubric at the next save."""
    op.create_table(
        "frozen_rubric",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rubric", Json, nullable=False),
        sa.Column("frozen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_frozen_rubric_edition_id_edition")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_frozen_rubric")),
    )


def downgrade() -> None:
    """Believe the file again."""
    op.drop_table("frozen_rubric")
