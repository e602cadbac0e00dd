"""Standings, kept up to date score by score.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import Json, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them empty: the first refresh of each board computes them from its scores."""
    op.create_table(
        "standing",
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
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_standing_edition_id_edition")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_standing_submission_id_submission")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_standing_team_id_team")),
        sa.PrimaryKeyConstraint("edition_id", "challenge_id", "owner", name=op.f("pk_standing")),
    )
    op.create_index("ix_standing_team_id", "standing", ["team_id"])
    op.create_index(
        "ix_submission_edition_id_challenge_id_state", "submission", ["edition_id", "challenge_id", "state"]
    )
    with op.batch_alter_table("board_snapshot") as board:
        board.add_column(sa.Column("made_with", sa.String(length=32), nullable=False, server_default=""))
    with op.batch_alter_table("board_snapshot") as board:
        board.alter_column("made_with", server_default=None)


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("board_snapshot") as board:
        board.drop_column("made_with")
    op.drop_index("ix_submission_edition_id_challenge_id_state", table_name="submission")
    op.drop_index("ix_standing_team_id", table_name="standing")
    op.drop_table("standing")
