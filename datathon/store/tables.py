"""The audit log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from datathon.kernel.ids import new_id
from datathon.store.db import Json, UtcDateTime


class AuditEntry(SQLModel, table=True):
    """One act that changed something for others: who, what, on what, when. Never edited."""

    __tablename__ = "audit_entry"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    actor_id: UUID | None = Field(default=None, index=True)
    edition_id: str | None = Field(default=None, max_length=80, index=True)
    act: str = Field(max_length=80)
    subject: str = Field(max_length=200)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
