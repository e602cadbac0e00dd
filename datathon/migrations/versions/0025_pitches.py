"""Pitches before the jury: the drawn order and the clock.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import Json, UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty."""
    op.create_table(
        "pitch_run",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("teams", Json, nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("draws", sa.Integer(), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.Column("drawn_by", sa.Uuid(), nullable=False),
        sa.Column("pitch_minutes", sa.Integer(), nullable=False),
        sa.Column("questions_minutes", sa.Integer(), nullable=False),
        sa.Column("grading_minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=12), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("spent", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("phase IN ('pitch', 'questions', 'grading')", name=op.f("ck_pitch_run_phase")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_pitch_run_edition_id_edition")),
        sa.ForeignKeyConstraint(["drawn_by"], ["person.id"], name=op.f("fk_pitch_run_drawn_by_person")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_pitch_run")),
    )


def downgrade() -> None:
    """Forget the order."""
    op.drop_table("pitch_run")
