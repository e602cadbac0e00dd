"""Campaigns that score every submission of a challenge again.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from datathon.store.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
LIVE = sa.text("rescoring_id IS NULL")
OPEN = sa.text("state IN ('running', 'ready')")


def upgrade() -> None:
    """Make the tables; a record is unique by attempt, or by campaign."""
    _campaigns()
    _items()
    # Nothing points at score, so that SQLite may make it again.
    with op.batch_alter_table("score") as batch_op:
        batch_op.drop_constraint("uq_score_submission_id_attempt", type_="unique")
        batch_op.add_column(sa.Column("rescoring_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key("fk_score_rescoring_id_rescoring", "rescoring", ["rescoring_id"], ["id"])
        batch_op.create_unique_constraint("uq_score_submission_id_rescoring_id", ["submission_id", "rescoring_id"])
    op.create_index(
        "uq_score_live", "score", ["submission_id", "attempt"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )


def _campaigns() -> None:
    op.create_table(
        "rescoring",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("challenge_id", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("from_basis", sa.String(length=80), nullable=False),
        sa.Column("to_basis", sa.String(length=80), nullable=False),
        sa.Column("changed", JSON, nullable=False),
        sa.Column("everything", sa.Boolean(), nullable=False),
        sa.Column("include", JSON, nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("scores_changed", sa.Integer(), nullable=False),
        sa.Column("ranks_changed", sa.Integer(), nullable=False),
        sa.Column("note_fr", sa.String(length=2000), nullable=False),
        sa.Column("note_en", sa.String(length=2000), nullable=False),
        sa.CheckConstraint(
            "state IN ('running', 'ready', 'stale', 'applied', 'cancelled')", name=op.f("ck_rescoring_state")
        ),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_rescoring_edition_id_edition")),
        sa.ForeignKeyConstraint(["started_by"], ["person.id"], name=op.f("fk_rescoring_started_by_person")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_rescoring_ended_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescoring")),
    )
    op.create_index("ix_rescoring_edition_id", "rescoring", ["edition_id"])
    op.create_index(
        "uq_rescoring_open",
        "rescoring",
        ["edition_id", "challenge_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _items() -> None:
    op.create_table(
        "rescoring_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rescoring_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("score_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("truth_values", JSON, nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'scored', 'rejected', 'failed', 'none')",
            name=op.f("ck_rescoring_item_state"),
        ),
        sa.ForeignKeyConstraint(["rescoring_id"], ["rescoring.id"], name=op.f("fk_rescoring_item_rescoring_id_rescoring")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_rescoring_item_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescoring_item")),
        sa.UniqueConstraint("rescoring_id", "submission_id", name=op.f("uq_rescoring_item_rescoring_id_submission_id")),
    )
    op.create_index("ix_rescoring_item_rescoring_id", "rescoring_item", ["rescoring_id"])


def downgrade() -> None:
    """Forget campaigns and the records that only they made."""
    op.drop_index("uq_score_live", table_name="score")
    op.execute("UPDATE submission SET score_id = NULL WHERE score_id IN (SELECT id FROM score WHERE rescoring_id IS NOT NULL)")
    op.execute("DELETE FROM score WHERE rescoring_id IS NOT NULL")
    with op.batch_alter_table("score") as batch_op:
        batch_op.drop_constraint("uq_score_submission_id_rescoring_id", type_="unique")
        batch_op.drop_constraint("fk_score_rescoring_id_rescoring", type_="foreignkey")
        batch_op.drop_column("rescoring_id")
        batch_op.create_unique_constraint("uq_score_submission_id_attempt", ["submission_id", "attempt"])
    op.drop_table("rescoring_item")
    op.drop_table("rescoring")
