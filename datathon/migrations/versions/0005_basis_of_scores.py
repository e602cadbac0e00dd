"""Tell which scores were computed alike, and which of them a board shows.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from datathon.store.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """Add the basis to each record, "" for what was scored before, and the table of each challenge's state."""
    op.add_column("score", sa.Column("basis", sa.String(length=80), nullable=False, server_default=""))
    op.create_table(
        "challenge_basis",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("challenge_id", sa.String(length=80), nullable=False),
        sa.Column("present", sa.String(length=80), nullable=False),
        sa.Column("parts", JSON, nullable=False),
        sa.Column("shown", sa.String(length=80), nullable=False),
        sa.Column("shown_parts", JSON, nullable=False),
        sa.Column("trouble", sa.String(length=500), nullable=False),
        sa.Column("noticed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_challenge_basis_edition_id_edition")),
        sa.PrimaryKeyConstraint("edition_id", "challenge_id", name=op.f("pk_challenge_basis")),
    )


def downgrade() -> None:
    """Forget which scores were computed alike."""
    op.drop_table("challenge_basis")
    op.drop_column("score", "basis")
