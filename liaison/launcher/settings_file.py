"""The settings file of a new office, written with fresh secrets: script/serve --init."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from liaison.launcher.errors import LauncherError
from liaison.launcher.installation import DEFAULT_PORT
from liaison.launcher.keep import fernet_key
from liaison.launcher.prepare import REPOSITORY

# What a person types into the address bar: no scheme, no port, no blank.
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.A)
_ALONE = "127.0.0.1"


def write_settings(host: str, *, repository: Path = REPOSITORY) -> Path:
    """Write ``.env`` beside the program, readable by its owner alone; returns its path.

    ``host``: the name people type, served over TLS; "" for one computer that serves only itself. Raises
    LauncherError when a settings file is there already, whatever it holds, or when the name is none.
    """
    path = repository / ".env"
    text = _filled((repository / ".env.example").read_text(encoding="utf-8"), _values(host.strip().lower()))
    try:
        # Created anew or not at all, and closed to others before the first secret is in it.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise LauncherError(
            f"{path} 已存在，没有改动。其中的密钥一旦更换，已有的个人信息将无法读取。"
        ) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _values(host: str) -> dict[str, str]:
    if host and not _HOST.fullmatch(host):
        raise LauncherError(f"主机名不正确：{host}。请只写名称，如 rd.example.cn，不带 https:// 和端口。")
    site = f"https://{host}" if host else f"http://{_ALONE}:{DEFAULT_PORT}"
    return {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FIELD_KEY": fernet_key(),
        "AUDIT_SALT": secrets.token_urlsafe(32),
        "ALLOWED_HOSTS": host or f"{_ALONE},localhost",
        "CSRF_TRUSTED_ORIGINS": site,
        "SITE_URL": site,
        "TRUSTED_PROXIES": _ALONE if host else "",
    }


def _filled(example: str, values: dict[str, str]) -> str:
    """The example with ``values`` in their lines; every one must have a line."""
    text = example
    for name, value in values.items():
        text, count = re.subn(rf"(?m)^{name}=.*$", lambda _, line=f"{name}={value}": line, text)  # type: ignore[misc]
        if count != 1:
            raise LauncherError(f".env.example 中没有 {name} 一行，请重新取得完整的程序。")
    return text
