"""Which failed attempts organisers were told of.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; what failed before counts as told, since the day's page showed it."""
    op.create_table(
        "failure_alert",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("challenge_id", sa.String(length=80), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_failure_alert_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("submission_id", "attempt", name=op.f("pk_failure_alert")),
    )
    op.create_index("ix_failure_alert_told_at", "failure_alert", ["told_at"])
    op.execute(
        "INSERT INTO failure_alert (submission_id, attempt, edition_id, challenge_id, told_at)"
        " SELECT id, attempt, edition_id, challenge_id, COALESCE(finished_at, received_at)"
        " FROM submission WHERE state = 'failed'"
    )


def downgrade() -> None:
    """Forget what was told."""
    op.drop_index("ix_failure_alert_told_at", table_name="failure_alert")
    op.drop_table("failure_alert")
