"""One JSON object per log line; line breaks in a message cannot forge a second line."""

import json
import logging
from datetime import UTC, datetime

from liaison.tenancy.scope import current_actor


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        actor = current_actor()
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": actor.request_id if actor else "",
            "account": actor.account_id if actor else None,
        }
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
