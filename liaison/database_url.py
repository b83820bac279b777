"""What an address of a database says, for every program that connects: settings, preparation, backup.

``postgresql://user:password@host:port/database?sslmode=verify-full&connect_timeout=5``. The part behind the
question mark is handed to libpq as it is; standard library only, so that nothing has to be set up first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

# Who connects and to what is said before the question mark: each part swaps the owner for its own role there.
_SAID_BEFORE = frozenset({"user", "password", "dbname", "service", "passfile"})


class WrongAddress(ValueError):
    """The address cannot be used; the message is a Chinese sentence without the password."""


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address, percent signs undone; ``options`` are libpq's, without host and port."""

    user: str
    password: str
    host: str
    port: str
    database: str
    options: Mapping[str, str]

    def connection_string(self) -> str:
        """``dbname`` and options as one word of libpq, for tools that take the rest from the environment."""
        words = {"dbname": self.database, **self.options}
        return " ".join(f"{name}='{_quoted(value)}'" for name, value in words.items() if value)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def parse(url: str) -> Address:
    """The parts of ``url``; ``WrongAddress`` for a strange scheme or port, or an account in the options."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise WrongAddress("数据库地址应以 postgresql:// 开头。")
    try:
        port = str(parts.port or "")
    except ValueError:
        raise WrongAddress("数据库地址中的端口应为数字。") from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if misplaced := sorted(_SAID_BEFORE & set(options)):
        raise WrongAddress(f"数据库地址的问号后不能写 {'、'.join(misplaced)}，账号和数据库名请写在问号前。")
    # A socket's folder cannot stand before the path, so libpq takes host and port as options too.
    host, port = options.pop("host", parts.hostname or ""), options.pop("port", port)
    return Address(
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=host,
        port=port,
        database=unquote(parts.path.lstrip("/")),
        options=MappingProxyType(options),
    )


def with_database_of(url: str, other: str) -> str:
    """``url`` (account, server and options) leading to the database of ``other``."""
    return urlunsplit(urlsplit(url)._replace(path=urlsplit(other).path))
