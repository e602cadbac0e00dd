"""The rules of a public vote as they were when it opened.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import Json, UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns, empty: a vote that is open already is frozen at its next act."""
    with op.batch_alter_table("vote_poll") as table:
        table.add_column(sa.Column("rules", Json, nullable=True))
        table.add_column(sa.Column("frozen_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Forget them."""
    with op.batch_alter_table("vote_poll") as table:
        table.drop_column("frozen_at")
        table.drop_column("rules")
