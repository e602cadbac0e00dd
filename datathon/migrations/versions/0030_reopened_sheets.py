"""Sheets opened again after the closing, and what the closing froze, version by version.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import Json, UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables, empty: a closing that nothing followed has no version."""
    op.create_table(
        "sheet_reopening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('', 'corrected', 'unchanged', 'taken_back')", name=op.f("ck_sheet_reopening_outcome")
        ),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_sheet_reopening_edition_id_edition")),
        sa.ForeignKeyConstraint(["juror_id"], ["person.id"], name=op.f("fk_sheet_reopening_juror_id_person")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_sheet_reopening_team_id_team")),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_sheet_reopening_opened_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_reopening")),
    )
    for column in ("edition_id", "juror_id", "team_id"):
        op.create_index(op.f(f"ix_sheet_reopening_{column}"), "sheet_reopening", [column])
    op.create_table(
        "closing_version",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("correction", sa.String(length=8), nullable=False),
        sa.Column("correction_lambda", sa.Float(), nullable=True),
        sa.Column("correction_applied", sa.Boolean(), nullable=False),
        sa.Column("correction_why", sa.String(length=16), nullable=False),
        sa.Column("agreement", Json, nullable=False),
        sa.Column("reopening_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_closing_version_edition_id_edition")),
        sa.ForeignKeyConstraint(
            ["reopening_id"], ["sheet_reopening.id"], name=op.f("fk_closing_version_reopening_id_sheet_reopening")
        ),
        sa.PrimaryKeyConstraint("edition_id", "version", name=op.f("pk_closing_version")),
    )


def downgrade() -> None:
    """Forget both."""
    op.drop_table("closing_version")
    op.drop_table("sheet_reopening")
