"""How many hidden rows each challenge has in each part, as a worker read them.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty until a worker looks."""
    op.add_column("challenge_basis", sa.Column("public_rows", sa.Integer(), nullable=True))
    op.add_column("challenge_basis", sa.Column("private_rows", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Forget the numbers."""
    with op.batch_alter_table("challenge_basis") as batch:
        batch.drop_column("private_rows")
        batch.drop_column("public_rows")
