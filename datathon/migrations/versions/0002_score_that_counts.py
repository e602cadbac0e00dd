"""Let each submission point at the score record that counts.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the pointer; until now the record of the present attempt counted."""
    with op.batch_alter_table("submission") as batch_op:
        batch_op.add_column(sa.Column("score_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE submission SET score_id = (SELECT score.id FROM score"
        " WHERE score.submission_id = submission.id AND score.attempt = submission.attempt)"
    )


def downgrade() -> None:
    """Drop the pointer; records stay."""
    # Not in batch mode: SQLite may not drop and make again a table that others point at.
    op.drop_column("submission", "score_id")
