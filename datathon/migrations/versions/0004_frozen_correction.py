"""Keep the correction of severity that was frozen when a jury closed.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the frozen correction; juries closed until now were not corrected."""
    with op.batch_alter_table("jury_closing") as batch_op:
        batch_op.add_column(sa.Column("correction", sa.String(length=8), nullable=False, server_default="raw"))
        batch_op.add_column(sa.Column("correction_lambda", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("correction_applied", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("correction_why", sa.String(length=16), nullable=False, server_default="not_wanted"))
    with op.batch_alter_table("jury_closing") as batch_op:
        batch_op.alter_column("correction", server_default=None)
        batch_op.alter_column("correction_applied", server_default=None)
        batch_op.alter_column("correction_why", server_default=None)
        batch_op.create_check_constraint("correction", "correction IN ('raw', 'reml', 'fixed')")


def downgrade() -> None:
    """Drop the frozen correction."""
    with op.batch_alter_table("jury_closing") as batch_op:
        batch_op.drop_constraint("correction", type_="check")
        batch_op.drop_column("correction_why")
        batch_op.drop_column("correction_applied")
        batch_op.drop_column("correction_lambda")
        batch_op.drop_column("correction")
