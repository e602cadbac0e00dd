"""Who grades whom.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; without a row in the first everybody grades every team."""
    op.create_table(
        "jury_plan",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("per_team", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("variance", sa.Float(), nullable=False),
        sa.Column("worst", sa.Float(), nullable=False),
        sa.Column("best", sa.Float(), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=False),
        sa.Column("applied_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["applied_by"], ["person.id"], name=op.f("fk_jury_plan_applied_by_person")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_jury_plan_edition_id_edition")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_jury_plan")),
    )
    op.create_table(
        "assignment",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_assignment_edition_id_edition")),
        sa.ForeignKeyConstraint(["juror_id"], ["person.id"], name=op.f("fk_assignment_juror_id_person")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_assignment_team_id_team")),
        sa.PrimaryKeyConstraint("edition_id", "juror_id", "team_id", name=op.f("pk_assignment")),
    )


def downgrade() -> None:
    """Let everybody grade every team again."""
    op.drop_table("assignment")
    op.drop_table("jury_plan")
