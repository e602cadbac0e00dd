"""What ladders answered, file by file.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty: a worker fills it for the challenges that have a ladder."""
    op.create_table(
        "ladder_step",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("challenge_id", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("score_id", sa.Uuid(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.Float(), nullable=True),
        sa.Column("level", sa.Float(), nullable=True),
        sa.Column("best_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_ladder_step_submission_id_submission")
        ),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_ladder_step_edition_id_edition")),
        sa.ForeignKeyConstraint(["score_id"], ["score.id"], name=op.f("fk_ladder_step_score_id_score")),
        sa.ForeignKeyConstraint(["best_id"], ["submission.id"], name=op.f("fk_ladder_step_best_id_submission")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_ladder_step")),
    )
    op.create_index("ix_ladder_step_owner", "ladder_step", ["edition_id", "challenge_id", "owner"])


def downgrade() -> None:
    """Forget the answers; they follow from the scores."""
    op.drop_index("ix_ladder_step_owner", table_name="ladder_step")
    op.drop_table("ladder_step")
