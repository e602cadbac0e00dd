"""Where a score's losses by row are kept.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; the scores there are have none."""
    with op.batch_alter_table("score") as score:
        score.add_column(sa.Column("losses_digest", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("score") as score:
        score.drop_column("losses_digest")
