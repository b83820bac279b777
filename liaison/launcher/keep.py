"""Ports, passwords and keys that must survive a restart, in one file only its owner can read."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from liaison.launcher.errors import LauncherError


class Keep:
    """A small map of names to strings in a 0600 JSON file, written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, str]:
        """Everything kept so far; empty before the first write."""
        try:
            return dict(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}
        except PermissionError as error:
            raise LauncherError(
                f"无权读取 {self.path}。数据目录由另一用户建立，请以该用户（或 root）运行。"
            ) from error
        except ValueError as error:
            raise LauncherError(f"{self.path} 已损坏，请从备份恢复该文件。") from error

    def get(self, name: str) -> str | None:
        """The kept value, or None."""
        return self.read().get(name)

    def put(self, name: str, value: str) -> None:
        """Keep one value; after this returns it survives a power cut."""
        with self._one_at_a_time():
            self._put(name, value)

    def value(self, name: str, make: Callable[[], str]) -> str:
        """The kept value, made and kept on first use."""
        found = self.get(name)
        if found is not None:
            return found
        with self._one_at_a_time():
            found = self.get(name)
            if found is None:
                found = make()
                self._put(name, found)
        return found

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Database and queue start side by side, and each keeps its port."""
        descriptor = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            self._give_to_owner(self.path.with_suffix(".lock"))
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _put(self, name: str, value: str) -> None:
        values = self.read()
        if values.get(name) == value:
            return
        values[name] = value
        self._write(values)

    def _give_to_owner(self, path: Path) -> None:
        """A root run over an ordinary user's folder must not lock that user out."""
        if os.geteuid() == 0:
            owner = self.path.parent.stat()
            os.chown(path, owner.st_uid, owner.st_gid)

    def _write(self, values: dict[str, str]) -> None:
        temporary = self.path.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(values, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        self._give_to_owner(temporary)
        os.replace(temporary, self.path)


def random_password() -> str:
    """32 characters that need no escaping in a URL, a shell line or a configuration file."""
    return secrets.token_urlsafe(24)


def fernet_key() -> str:
    """A key in Fernet's form: 32 random bytes, URL-safe base64."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode("ascii")
