"""The three database roles and the SQL that makes them, for the embedded and any other server.

The owner owns database and tables and runs migrations; web and worker own nothing, so
row-level security binds them (reliability: both walls).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass

OWNER = "liaison_owner"
WEB = "liaison_web"
WORKER = "liaison_worker"
DATABASE = "liaison"
_ITERATIONS = 4096


@dataclass(frozen=True)
class Role:
    """A login role; `creates_databases` only for the owner (tests make their own database)."""

    name: str
    password: str
    creates_databases: bool = False


def roles(owner_password: str, web_password: str, worker_password: str, owner: str = OWNER) -> list[Role]:
    """The three roles of an installation."""
    return [
        Role(owner, owner_password, creates_databases=True),
        Role(WEB, web_password),
        Role(WORKER, worker_password),
    ]


def create_role_sql(role: Role) -> str:
    """Create the role if it is missing. Attributes that only a superuser may name stay unsaid."""
    option = " CREATEDB" if role.creates_databases else ""
    missing = f"NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = {literal(role.name)})"  # noqa: S608
    create = f"CREATE ROLE {identifier(role.name)} LOGIN{option}"
    return f"DO $do$ BEGIN IF {missing} THEN {create}; END IF; END $do$"


def set_password_sql(role: Role) -> str:
    """Give the role its password; only the SCRAM verifier travels, so no log ever holds the password."""
    return f"ALTER ROLE {identifier(role.name)} LOGIN PASSWORD {literal(scram_verifier(role.password))}"


def unsafe_role_sql(names: list[str]) -> str:
    """Rows: roles that row-level security would not bind. Must return none."""
    wanted = ", ".join(literal(name) for name in names)
    unsafe = "rolsuper OR rolbypassrls"
    return f"SELECT rolname FROM pg_roles WHERE rolname IN ({wanted}) AND ({unsafe})"  # noqa: S608


def database_exists_sql(database: str) -> str:
    """One row if the database is there."""
    return f"SELECT 1 FROM pg_database WHERE datname = {literal(database)}"  # noqa: S608


def create_database_sql(database: str, owner: str) -> str:
    """Outside a transaction. template0, so that encoding and locale are ours on any server."""
    return (
        f"CREATE DATABASE {identifier(database)} OWNER {identifier(owner)} TEMPLATE template0 ENCODING 'UTF8'"
    )


def connect_grants_sql(database: str) -> list[str]:
    """Who may connect. Rights on tables are given by the migrations that create them."""
    name = identifier(database)
    return [
        f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {name} TO {identifier(WEB)}, {identifier(WORKER)}",
    ]


def schema_grants_sql() -> list[str]:
    """Inside the database: nobody but the owner creates tables (PostgreSQL 14 lets everybody)."""
    return [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {identifier(WEB)}, {identifier(WORKER)}",
    ]


def identifier(name: str) -> str:
    """Quoted name."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Quoted string, whatever standard_conforming_strings says (a backslash forces the E form)."""
    quoted = "'" + value.replace("'", "''").replace("\\", "\\\\") + "'"
    return "E" + quoted if "\\" in value else quoted


def scram_verifier(password: str) -> str:
    """The stored form of a password under SCRAM-SHA-256 (RFC 5802, RFC 7677).

    Raises ValueError for a password outside printable ASCII: its preparation (SASLprep) is not ours.
    """
    if not password or not all(" " <= letter <= "~" for letter in password):
        raise ValueError("数据库口令只能由可见的 ASCII 字符组成。")
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _ITERATIONS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    stored = hashlib.sha256(client).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = [base64.b64encode(part).decode("ascii") for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_ITERATIONS}:{parts[0]}${parts[1]}:{parts[2]}"
