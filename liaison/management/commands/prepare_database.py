"""Roles and database on any PostgreSQL 14+ server, with the same SQL the embedded server gets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError

from liaison import database_roles as roles
from liaison import database_url


class Command(BaseCommand):
    """Idempotent: creates what is missing and sets the passwords of the environment."""

    help = "在现有 PostgreSQL 服务器上建立本系统的三个数据库角色和数据库；可重复执行。"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Create roles, then the database, then the rights to connect."""
        url = _needed("DATABASE_URL")
        try:
            self._prepare(url, os.environ.get("DATABASE_ADMIN_URL") or url)
        except psycopg2.Error as error:
            raise CommandError(f"数据库未能准备好：{str(error).strip()}\n{_advice(url)}") from error
        self.stdout.write(f"数据库 {_database(url)} 与角色已就绪。")

    def _prepare(self, url: str, admin_url: str) -> None:
        database, wanted = _database(url), _roles(url)
        with _connection(admin_url) as cursor:
            _make_roles(cursor, wanted[1:] if admin_url == url else wanted, url)
            _refuse_unsafe(cursor, [role.name for role in wanted])
            cursor.execute(roles.database_exists_sql(database))
            if cursor.fetchone() is None:
                _borrow_owner(cursor, wanted[0].name)
                cursor.execute(roles.create_database_sql(database, wanted[0].name))
        # As the owner: who may connect and create tables is the owner's to say.
        with _connection(url) as cursor:
            for statement in (*roles.connect_grants_sql(database), *roles.schema_grants_sql()):
                cursor.execute(statement)


def _make_roles(cursor: Any, wanted: list[roles.Role], url: str) -> None:
    for role in wanted:
        cursor.execute(roles.create_role_sql(role))
        if not _opens(url, role):
            cursor.execute(roles.set_password_sql(role))


def _opens(url: str, role: roles.Role) -> bool:
    """True if the password already fits: another's account may then be used, never changed, by us."""
    try:
        psycopg2.connect(url, user=role.name, password=role.password, **_patience(url)).close()
    except psycopg2.OperationalError:
        return False
    return True


def _refuse_unsafe(cursor: Any, names: list[str]) -> None:
    """Row-level security must bind all three; a superuser among them would see everything."""
    cursor.execute(roles.unsafe_role_sql(names))
    unsafe = [name for (name,) in cursor.fetchall()]
    if unsafe:
        listed = "、".join(unsafe)
        raise CommandError(f"角色 {listed} 具有 SUPERUSER 或 BYPASSRLS，行级隔离对其无效，请先收回。")


def _borrow_owner(cursor: Any, owner: str) -> None:
    """An administrator who is no superuser must be a member of the role it gives a database to."""
    cursor.execute("SELECT rolsuper OR rolname = %s FROM pg_roles WHERE rolname = current_user", [owner])
    if not cursor.fetchone()[0]:
        cursor.execute(f"GRANT {roles.identifier(owner)} TO CURRENT_USER")


def _roles(url: str) -> list[roles.Role]:
    address = database_url.parse(url)
    owner, password = address.user, address.password
    web, worker = _needed("DATABASE_WEB_PASSWORD"), _needed("DATABASE_WORKER_PASSWORD")
    return roles.roles(password, web, worker, owner=owner)


def _database(url: str) -> str:
    return database_url.parse(url).database


def _needed(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise CommandError(f"未设置环境变量 {name}。")
    return value


def _advice(url: str) -> str:
    """What to hand to the server's keeper when our own account may not do it."""
    statements = [roles.create_role_sql(role) + ";" for role in _roles(url)]
    owner = database_url.parse(url).user
    statements.append(roles.create_database_sql(_database(url), owner) + ";")
    return "如账号权限不足，请数据库管理员执行以下语句并设置口令，然后重试：\n" + "\n".join(statements)


def _patience(url: str) -> dict[str, int]:
    """Ten seconds, unless the address says how long (connect_timeout); libpq reads its other options."""
    return {} if "connect_timeout" in database_url.parse(url).options else {"connect_timeout": 10}


@contextmanager
def _connection(url: str) -> Iterator[Any]:
    """Autocommit: CREATE DATABASE does not work inside a transaction."""
    connection = psycopg2.connect(url, **_patience(url))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
