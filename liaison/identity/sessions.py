"""Sessions as rows whose key is not the cookie: whoever reads the table cannot sign in as anybody."""

import hashlib
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone


def row_key(session_key: str) -> str:
    """What stands in the table for a cookie of at least 160 random bits: 160 bits of its SHA-256."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    """Django's own table and code; only the key of the row is another one than that of the browser."""

    def _get_session_from_db(self) -> Any:
        rows = self.model.objects.filter(session_key=row_key(self.session_key or ""))
        found = rows.filter(expire_date__gt=timezone.now()).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return bool(self.model.objects.filter(session_key=row_key(session_key)).exists())

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row = super().create_model_instance(data)
        row.session_key = row_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(session_key=row_key(key)).delete()
