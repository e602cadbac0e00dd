"""Appeals of teams against a published ranking.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty."""
    op.create_table(
        "appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("ranking", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'upheld', 'refused')", name=op.f("ck_appeal_state")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_appeal_edition_id_edition")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_appeal_team_id_team")),
        sa.ForeignKeyConstraint(["filed_by"], ["person.id"], name=op.f("fk_appeal_filed_by_person")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_appeal_answered_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("team_id", "ranking", name=op.f("uq_appeal_team_id_ranking")),
    )
    op.create_index(op.f("ix_appeal_edition_id"), "appeal", ["edition_id"])
    op.create_index(op.f("ix_appeal_team_id"), "appeal", ["team_id"])


def downgrade() -> None:
    """Forget the appeals."""
    op.drop_table("appeal")
