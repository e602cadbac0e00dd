"""Every minutes that were frozen, and who signed them.

Revision ID: 0024
Revises: 0023
"""

import uuid

import sqlalchemy as sa
from alembic import op

from datathon.store.db import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; minutes that hold are kept as the first of their edition."""
    kept = op.create_table(
        "frozen_minutes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("public", sa.String(), nullable=False),
        sa.Column("public_sha256", sa.String(length=64), nullable=False),
        sa.Column("validated_at", UtcDateTime(), nullable=False),
        sa.Column("validated_by", sa.Uuid(), nullable=False),
        sa.Column("replaced_at", UtcDateTime(), nullable=True),
        sa.Column("replaced_why", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_frozen_minutes_edition_id_edition")),
        sa.ForeignKeyConstraint(["validated_by"], ["person.id"], name=op.f("fk_frozen_minutes_validated_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_minutes")),
    )
    op.create_index(op.f("ix_frozen_minutes_edition_id"), "frozen_minutes", ["edition_id"])
    op.create_table(
        "minutes_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("medium", sa.String(length=5), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("role IN ('president', 'organiser')", name=op.f("ck_minutes_signature_role")),
        sa.CheckConstraint("medium IN ('page', 'paper')", name=op.f("ck_minutes_signature_medium")),
        sa.ForeignKeyConstraint(
            ["minutes_id"], ["frozen_minutes.id"], name=op.f("fk_minutes_signature_minutes_id_frozen_minutes")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_minutes_signature_person_id_person")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_minutes_signature_recorded_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_signature")),
        sa.UniqueConstraint("minutes_id", "role", name=op.f("uq_minutes_signature_minutes_id_role")),
    )
    op.create_index(op.f("ix_minutes_signature_minutes_id"), "minutes_signature", ["minutes_id"])
    held = sa.table(
        "deliberation",
        sa.column("edition_id", sa.String),
        sa.column("minutes", sa.String),
        sa.column("minutes_sha256", sa.String),
        sa.column("validated_at", UtcDateTime()),
        sa.column("validated_by", sa.Uuid),
    )
    db = op.get_bind()
    for row in db.execute(sa.select(held).where(held.c.minutes_sha256 != "")).all():
        db.execute(
            kept.insert().values(
                id=uuid.uuid4(), edition_id=row.edition_id, content=row.minutes, sha256=row.minutes_sha256,
                public="", public_sha256="", validated_at=row.validated_at, validated_by=row.validated_by, replaced_why="",
            )
        )


def downgrade() -> None:
    """Forget the signatures and the minutes that no longer hold."""
    op.drop_table("minutes_signature")
    op.drop_table("frozen_minutes")
