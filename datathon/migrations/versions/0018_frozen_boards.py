"""Copies of what boards showed when they froze.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import Json, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them empty: a freeze in force is copied at the next refresh of its boards."""
    op.create_table(
        "veiled_edition",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("teams", Json, nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_veiled_edition_edition_id_edition")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_veiled_edition")),
    )
    op.create_table(
        "veiled_board",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("challenge_id", sa.String(length=80), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("shown", sa.String(length=80), nullable=False),
        sa.Column("awaited", Json, nullable=False),
        sa.Column("said", Json, nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_veiled_board_edition_id_edition")),
        sa.PrimaryKeyConstraint("edition_id", "challenge_id", name=op.f("pk_veiled_board")),
    )
    op.create_table(
        "veiled_standing",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("challenge_id", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("baseline", sa.String(length=80), nullable=False),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.Column("hidden", sa.Integer(), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("values", Json, nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=True),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("steps", Json, nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_veiled_standing_edition_id_edition")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_veiled_standing_submission_id_submission")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_veiled_standing_team_id_team")),
        sa.PrimaryKeyConstraint("edition_id", "challenge_id", "owner", name=op.f("pk_veiled_standing")),
    )
    op.create_index("ix_veiled_standing_team_id", "veiled_standing", ["team_id"])


def downgrade() -> None:
    """Drop them: boards that are frozen follow teams and scores again."""
    op.drop_index("ix_veiled_standing_team_id", table_name="veiled_standing")
    op.drop_table("veiled_standing")
    op.drop_table("veiled_board")
    op.drop_table("veiled_edition")
