"""Which comments of jurors go to their teams.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty: a comment that nobody read goes to nobody."""
    op.create_table(
        "comment_review",
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('approved', 'withheld')", name=op.f("ck_comment_review_state")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_comment_review_sheet_id_sheet")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_comment_review_edition_id_edition")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_comment_review_decided_by_person")),
        sa.PrimaryKeyConstraint("sheet_id", name=op.f("pk_comment_review")),
    )
    op.create_index(op.f("ix_comment_review_edition_id"), "comment_review", ["edition_id"])


def downgrade() -> None:
    """Forget what was decided."""
    op.drop_table("comment_review")
