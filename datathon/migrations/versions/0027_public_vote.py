"""The public vote: its state, hashed codes, ballots without a link to them.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import Json, UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, empty."""
    op.create_table(
        "vote_poll",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_vote_poll_edition_id_edition")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_vote_poll")),
    )
    op.create_table(
        "vote_code",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_vote_code_edition_id_edition")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_vote_code")),
    )
    op.create_index(op.f("ix_vote_code_edition_id"), "vote_code", ["edition_id"])
    op.create_table(
        "vote_ballot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("teams", Json, nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_vote_ballot_edition_id_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote_ballot")),
    )
    op.create_index(op.f("ix_vote_ballot_edition_id"), "vote_ballot", ["edition_id"])


def downgrade() -> None:
    """Forget the vote."""
    op.drop_table("vote_ballot")
    op.drop_table("vote_code")
    op.drop_table("vote_poll")
