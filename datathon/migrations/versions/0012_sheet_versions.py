"""Versions of submitted sheets, and reminders to the jury.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from datathon.kernel.ids import new_id
from datathon.store.db import Json, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; each sheet that is submitted now becomes its own first version."""
    op.create_table(
        "sheet_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("marks", Json, nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("medium", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("medium IN ('page', 'paper', 'pitch')", name=op.f("ck_sheet_version_medium")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_sheet_version_author_id_person")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_sheet_version_sheet_id_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_version")),
        sa.UniqueConstraint("sheet_id", "number", name=op.f("uq_sheet_version_sheet_id_number")),
    )
    op.create_index("ix_sheet_version_sheet_id", "sheet_version", ["sheet_id"])
    op.create_table(
        "jury_reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_jury_reminder_edition_id_edition")),
        sa.ForeignKeyConstraint(["juror_id"], ["person.id"], name=op.f("fk_jury_reminder_juror_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_reminder")),
        sa.UniqueConstraint("edition_id", "juror_id", "day", name=op.f("uq_jury_reminder_edition_id_juror_id_day")),
    )
    op.create_index("ix_jury_reminder_edition_id", "jury_reminder", ["edition_id"])
    op.create_index("ix_jury_reminder_juror_id", "jury_reminder", ["juror_id"])
    _first_versions()


def _first_versions() -> None:
    sheet = sa.table(
        "sheet",
        sa.column("id", sa.Uuid()),
        sa.column("juror_id", sa.Uuid()),
        sa.column("marks", Json),
        sa.column("state", sa.String()),
        sa.column("submitted_at", UtcDateTime()),
        sa.column("updated_at", UtcDateTime()),
    )
    version = sa.table(
        "sheet_version",
        sa.column("id", sa.Uuid()),
        sa.column("sheet_id", sa.Uuid()),
        sa.column("number", sa.Integer()),
        sa.column("marks", Json),
        sa.column("author_id", sa.Uuid()),
        sa.column("medium", sa.String()),
        sa.column("reason", sa.String()),
        sa.column("at", UtcDateTime()),
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(sheet).where(sheet.c.state == "submitted")).all()
    if rows:
        connection.execute(
            version.insert(),
            [
                {
                    "id": new_id(),
                    "sheet_id": row.id,
                    "number": 1,
                    "marks": row.marks,
                    "author_id": row.juror_id,
                    "medium": "page",
                    "reason": "",
                    "at": row.submitted_at or row.updated_at,
                }
                for row in rows
            ],
        )


def downgrade() -> None:
    """Forget versions and reminders."""
    op.drop_table("jury_reminder")
    op.drop_table("sheet_version")
