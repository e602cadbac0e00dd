"""Versions of a frozen rubric, and the marks that a jury gives an example to begin with.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import Json, UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, empty: a rubric that was never corrected has no row."""
    op.create_table(
        "rubric_version",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rubric", Json, nullable=False),
        sa.Column("adopted_at", UtcDateTime(), nullable=False),
        sa.Column("adopted_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_rubric_version_edition_id_edition")),
        sa.ForeignKeyConstraint(["adopted_by"], ["person.id"], name=op.f("fk_rubric_version_adopted_by_person")),
        sa.PrimaryKeyConstraint("edition_id", "version", name=op.f("pk_rubric_version")),
    )
    op.create_table(
        "calibration_sheet",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("marks", Json, nullable=False),
        sa.Column("rubric_version", sa.Integer(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_calibration_sheet_edition_id_edition")),
        sa.ForeignKeyConstraint(["juror_id"], ["person.id"], name=op.f("fk_calibration_sheet_juror_id_person")),
        sa.PrimaryKeyConstraint("edition_id", "juror_id", name=op.f("pk_calibration_sheet")),
    )


def downgrade() -> None:
    """Forget both."""
    op.drop_table("calibration_sheet")
    op.drop_table("rubric_version")
