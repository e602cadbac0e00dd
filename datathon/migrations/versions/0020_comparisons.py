"""Comparisons of prototypes two by two.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, empty."""
    op.create_table(
        "comparison",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_comparison_edition_id_edition")),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_comparison_opened_by_person")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_comparison_closed_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison")),
    )
    op.create_index(op.f("ix_comparison_edition_id"), "comparison", ["edition_id"])
    op.create_table(
        "comparison_stand",
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        _of_session("comparison_stand"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_comparison_stand_team_id_team")),
        sa.PrimaryKeyConstraint("comparison_id", "team_id", name=op.f("pk_comparison_stand")),
    )
    op.create_table(
        "comparison_juror",
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("left_id", sa.Uuid(), nullable=True),
        sa.Column("right_id", sa.Uuid(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        _of_session("comparison_juror"),
        *_of_pair("comparison_juror"),
        sa.PrimaryKeyConstraint("comparison_id", "juror_id", name=op.f("pk_comparison_juror")),
    )
    op.create_table(
        "comparison_vote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("left_id", sa.Uuid(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(length=16), nullable=False),
        sa.Column("cast_at", UtcDateTime(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "choice IN ('left', 'right', 'equal', 'unseen', 'conflict_left', 'conflict_right')",
            name=op.f("ck_comparison_vote_choice"),
        ),
        _of_session("comparison_vote"),
        *_of_pair("comparison_vote"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison_vote")),
        sa.UniqueConstraint(
            "comparison_id", "juror_id", "turn", name=op.f("uq_comparison_vote_comparison_id_juror_id_turn")
        ),
    )
    op.create_index(op.f("ix_comparison_vote_comparison_id"), "comparison_vote", ["comparison_id"])
    op.create_index(op.f("ix_comparison_vote_juror_id"), "comparison_vote", ["juror_id"])


def _of_session(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["comparison_id"], ["comparison.id"], name=op.f(f"fk_{table}_comparison_id_comparison")
    )


def _of_pair(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return (
        sa.ForeignKeyConstraint(["juror_id"], ["person.id"], name=op.f(f"fk_{table}_juror_id_person")),
        sa.ForeignKeyConstraint(["left_id"], ["team.id"], name=op.f(f"fk_{table}_left_id_team")),
        sa.ForeignKeyConstraint(["right_id"], ["team.id"], name=op.f(f"fk_{table}_right_id_team")),
    )


def downgrade() -> None:
    """Forget the sessions and their votes."""
    for table in ("comparison_vote", "comparison_juror", "comparison_stand", "comparison"):
        op.drop_table(table)
