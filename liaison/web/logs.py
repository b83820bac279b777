"""One JSON object per log line, and no secret in any: line breaks in a message cannot forge a second line.

The log is read by those who keep the machine, who may see no business data. What is taken out is taken out
of the record itself (`SafeRecord`), whichever logger, handler or formatter meets it afterwards.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg2
from django import db

from liaison.tenancy.scope import current_actor

_CUT = "…"
# Addresses whose next part is a secret: the code of a matter, the key of a calendar, the link to set up.
SECRET_PATHS = ("opinions/follow/", "stations/calendar/", "set-up/open/")
_IN_PATH = re.compile(rf"(/(?:{'|'.join(map(re.escape, SECRET_PATHS))}))[^/\s\"'<>]+")
_IN_QUERY = re.compile(r"([?&](?:key|code|token|password|csrfmiddlewaretoken)=)[^&\s\"'<>]+")
# Where PostgreSQL begins to quote: the row, the statement, a value. All that follows is what somebody typed.
_QUOTED = re.compile(r"(?:DETAIL|CONTEXT|STATEMENT|QUERY|LINE \d+):.*|(?<=: )\\?[\"'].*", re.DOTALL)
_DATABASE = re.compile(r"DETAIL:|LINE \d+:|invalid input syntax|duplicate key value|violates|psycopg2")


def safe(text: str) -> str:
    """``text`` without secret parts of addresses, and without what PostgreSQL quotes."""
    text = _IN_QUERY.sub(rf"\1{_CUT}", _IN_PATH.sub(rf"\1{_CUT}", text))
    return _QUOTED.sub(_CUT, text) if _DATABASE.search(text) else text


def database_words(error: BaseException) -> str:
    """What failed in the database and where; never a value: `IntegrityError 23505 opinion_number_once`."""
    cause = error if isinstance(error, psycopg2.Error) else error.__cause__
    words = [type(error).__name__]
    if isinstance(cause, psycopg2.Error):
        told = cause.diag
        words += [
            cause.pgcode or "",
            told.table_name or "",
            told.column_name or "",
            told.constraint_name or "",
        ]
    return " ".join(word for word in words if word)


def _is_of_database(error: object) -> bool:
    return isinstance(error, db.Error | psycopg2.Error)


def trace_of(error: BaseException) -> str:
    """The whole chain of an error, oldest first, each one's own words made safe."""
    return "".join(reversed(list(_links(error, set()))))


def _links(error: BaseException | None, seen: set[int]) -> Iterator[str]:
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = "".join(traceback.format_tb(error.__traceback__))
        name = f"{type(error).__module__}.{type(error).__qualname__}"
        told = database_words(error) if _is_of_database(error) else safe(str(error))
        yield f"{frames}{name}: {told}\n"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


class SafeRecord(logging.LogRecord):
    """A record as Python makes it, its words and its trace made safe once and for everybody."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if isinstance(self.args, tuple):
            self.args = tuple(database_words(arg) if _is_of_database(arg) else arg for arg in self.args)  # type: ignore[arg-type]
        if self.exc_info and self.exc_info[1] is not None:
            # Formatters take what is there instead of printing the error themselves.
            self.exc_text = trace_of(self.exc_info[1])

    def getMessage(self) -> str:  # noqa: N802  Python's own name
        return safe(super().getMessage())


logging.setLogRecordFactory(SafeRecord)


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
        if record.exc_text:
            entry["trace"] = record.exc_text
        return json.dumps(entry, ensure_ascii=False)
