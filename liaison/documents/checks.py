"""System checks for printing. Registered in `liaison.apps`; `manage.py check` shows them in Chinese.

They load no WeasyPrint (it takes a second, and every management command runs the checks).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

#: The names WeasyPrint itself tries (weasyprint/text/ffi.py), in its order.
SUBSET_LIBRARIES = (
    "libharfbuzz-subset-0",
    "harfbuzz-subset",
    "harfbuzz-subset-0.0",
    "libharfbuzz-subset.so.0",
    "libharfbuzz-subset.0.dylib",
)
_SYSTEM_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_LATIN_FILES = (
    "times.ttf",
    "liberationserif-regular.ttf",
    "nimbusroman-regular.otf",
    "texgyretermes-regular.otf",
)


def check_pdf(app_configs: Sequence[Any] | None = None, **kwargs: object) -> list[CheckMessage]:
    """Report what would make printing useless (E) or unlike an official document (W)."""
    messages: list[CheckMessage] = []
    if not _loads_any(SUBSET_LIBRARIES):
        messages.append(
            Error(
                "未找到 libharfbuzz-subset，打印一页公文要十几秒。",
                hint="请以管理员身份执行：apt-get install libharfbuzz-subset0，然后重新启动。",
                id="liaison.E101",
            )
        )
    names = _font_files((Path(settings.FONT_DIR), *_system_folders()))
    if not any(_is_fangsong(name) for name in names):
        messages.append(
            Warning(
                "未找到仿宋字体，公文正文将用宋体代替。",
                hint="请重新执行 script/setup，或将单位已购字库的仿宋、小标宋字体文件放入 "
                f"{settings.FONT_DIR} 后重新启动。",
                id="liaison.W101",
            )
        )
    if not any(name in _LATIN_FILES for name in names):
        messages.append(
            Warning(
                "未找到西文衬线字体，公文中的数字字形将不协调。",
                hint="请以管理员身份执行：apt-get install fonts-liberation，然后重新启动。",
                id="liaison.W102",
            )
        )
    return messages


def _loads_any(names: Sequence[str]) -> bool:
    return any(_loads(name) for name in names)


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _system_folders() -> tuple[Path, ...]:
    return tuple(Path(folder).expanduser() for folder in _SYSTEM_FONT_FOLDERS)


def _font_files(folders: Sequence[Path]) -> set[str]:
    return {
        name.lower()
        for folder in folders
        for _, _, files in os.walk(folder)
        for name in files
        if name.lower().endswith((".otf", ".ttf", ".ttc"))
    }


def _is_fangsong(name: str) -> bool:
    return any(word in name for word in ("fandolfang", "fangsong", "simfang", "stfangso", "zhuque", "仿宋"))
