"""Asking one address as one client, and what the answer gave away."""

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

import pypdf
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.test import Client

from liaison.words.enums import Role


class Asker(Client):
    """The test client without its memory of templates and contexts: copying them costs more than the page."""

    def request(self, **request: Any) -> Any:
        self.exc_info = None
        uid = f"asker-{id(self)}"
        got_request_exception.connect(self.store_exc_info, dispatch_uid=uid)
        try:
            response = self.handler(self._base_environ(**request))  # type: ignore[attr-defined]
        finally:
            got_request_exception.disconnect(dispatch_uid=uid)
        self.check_exception(response)
        if response.cookies:
            self.cookies.update(response.cookies)
        return response


_MARK = re.compile("⟦([TX])-(\\d)⟧")
# A PDF reader may lose the brackets when the font has none.
_BARE_MARK = re.compile(r"([TX])-(\d)")
_PERSONAL = "密⟦"


@dataclass(frozen=True)
class Answer:
    """One cell: who asked what for whose object, and what came back."""

    route: str
    role: Role | None
    key: str
    url: str
    status: int
    location: str
    marks: frozenset[tuple[str, str]]
    has_personal: bool
    noted: frozenset[str]
    headers: dict[str, str]
    error: str = ""

    @property
    def is_sign_in(self) -> bool:
        return self.status == 302 and ("/sign-in/" in self.location or "/admin/login/" in self.location)

    @property
    def is_turned_back(self) -> bool:
        """Django's admin answers an absent object with its index and a message."""
        return self.status == 302 and self.location == "/admin/"

    def __str__(self) -> str:
        who = self.role.value if self.role else "anonymous"
        return f"{self.route} as {who} for {self.key}: {self.status} {self.location} ({self.url}) {self.error}".rstrip()


def readable(response: Any) -> str:
    """Everything a response lets somebody read: body, headers, addresses, the insides of PDF and XLSX."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.get("Content-Type", "")
    text = body.decode(errors="ignore") + unquote_to_bytes(body).decode(errors="ignore")
    if "pdf" in kind and body.startswith(b"%PDF-") and b"% mark" not in body:
        found = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)
        text += "".join(f"⟦{letter}-{digit}⟧" for letter, digit in _BARE_MARK.findall(found))
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            text += "".join(packed.read(name).decode(errors="ignore") for name in packed.namelist())
    return text + unquote_to_bytes(str(dict(response.headers))).decode(errors="ignore")


def audit_position() -> int:
    """The number last given to an audit entry; moves with every write, whoever may see it."""
    return _numbered("")


def _numbered(first: str) -> int:
    """Run ``first`` and read the position, in one round trip; sequences are outside transactions."""
    with connection.cursor() as cursor:
        cursor.execute(f"{first}SELECT last_value FROM liaison_auditentry_id_seq")
        return int(cursor.fetchone()[0])


def _operations_after(position: int) -> frozenset[str]:
    """The names of the entries written since; none, in one query, when the position stands."""
    if connection.needs_rollback or audit_position() == position:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.lo', '0', true), set_config('app.hi', '1000000000000', true)")
        cursor.execute("SELECT operation FROM liaison_auditentry WHERE id > %s", [position])
        return frozenset(name for (name,) in cursor.fetchall())


def ask(
    client: Client,
    url: str,
    *,
    method: str = "get",
    data: dict[str, Any] | None = None,
    role: Role | None = None,
    route: str = "",
    key: str = "",
    keeps_count: bool = False,
) -> Answer:
    """One request whose effects are undone; the client's cookies are as before it, and so are limits."""
    if not keeps_count:
        cache.clear()
    cookies = client.cookies.copy()
    before, later = _numbered("SAVEPOINT asked;"), len(connection.run_on_commit)
    try:
        response = getattr(client, method)(url, data or {})
        text = readable(response)
        broken = _broken_constraint() if method == "post" else ""
        noted = _operations_after(before)
    finally:
        _numbered("ROLLBACK TO SAVEPOINT asked; RELEASE SAVEPOINT asked;")
        del connection.run_on_commit[later:]
        client.cookies = cookies
    return Answer(
        route=route, role=role, key=key, url=url, status=response.status_code, location=response.get("Location", ""),
        marks=frozenset(_MARK.findall(text)), has_personal=_PERSONAL in text, noted=noted,
        headers={name.lower(): value for name, value in response.headers.items()},
        error=broken or _failure(response),
    )  # fmt: skip


def _broken_constraint() -> str:
    """Keys are checked at the end of a transaction, which here never comes: check them now."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except Exception as error:
        return f"only the database refused: {str(error).splitlines()[0]}"
    return ""


def _failure(response: Any) -> str:
    trace = getattr(response, "exc_info", None)
    if response.status_code < 500 or not trace:
        return ""
    last = trace[2]
    while last.tb_next:
        last = last.tb_next
    where = last.tb_frame.f_code.co_filename.split("/main/")[-1]
    return f"{trace[0].__name__}: {trace[1]} at {where}:{last.tb_lineno}"[:300]
