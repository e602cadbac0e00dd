"""What juries decide, and the minutes that are frozen when it is validated.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import Json, UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty: earlier rankings were announced without a deliberation on the platform."""
    op.create_table(
        "deliberation",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("places", Json, nullable=False),
        sa.Column("awards", Json, nullable=False),
        sa.Column("casting", sa.String(length=500), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("validated_at", UtcDateTime(), nullable=True),
        sa.Column("validated_by", sa.Uuid(), nullable=True),
        sa.Column("embargo_until", UtcDateTime(), nullable=True),
        sa.Column("minutes", sa.String(), nullable=False),
        sa.Column("minutes_sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint("state IN ('deliberated', 'validated')", name=op.f("ck_deliberation_state")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_deliberation_edition_id_edition")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_deliberation_decided_by_person")),
        sa.ForeignKeyConstraint(["validated_by"], ["person.id"], name=op.f("fk_deliberation_validated_by_person")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_deliberation")),
    )


def downgrade() -> None:
    """Forget what was decided."""
    op.drop_table("deliberation")
