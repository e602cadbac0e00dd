"""An index for the submissions taken last.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it."""
    op.create_index("ix_submission_started_at", "submission", ["started_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_submission_started_at", table_name="submission")
