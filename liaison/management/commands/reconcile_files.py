"""Compare stored files with their rows: after a restore, a full disk or a rolled-back transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from liaison.files.uploads import read_bytes
from liaison.models import StoredFile
from liaison.tenancy.scope import acting, system_actor
from liaison.words.errors import Refused

# A file younger than this may belong to a transaction that has not ended.
SETTLED = timedelta(hours=1)


class Command(BaseCommand):
    help = "核对文件与登记：列出丢失、损坏的文件和没有登记的文件；有丢失或损坏时以状态码1退出。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove-unregistered", action="store_true", help="删除没有登记的文件")

    def handle(self, *args: Any, **options: Any) -> None:
        with acting(system_actor(name="核对文件")) as actor:
            rows = list(StoredFile.scoped(actor).order_by("id"))
        bad = [problem for row in rows if (problem := _problem(row))]
        stray = list(_unregistered({row.path for row in rows}, timezone.now()))
        for line in bad:
            self.stderr.write(line)
        for path in stray:
            self.stdout.write(f"没有登记：{path.name}")
            if options["remove_unregistered"]:
                path.unlink()
        if bad:
            raise CommandError(f"有{len(bad)}个文件丢失或损坏，请从备份恢复。")
        self.stdout.write(f"已核对{len(rows)}个文件，没有登记的{len(stray)}个。")


def _problem(row: StoredFile) -> str:
    try:
        read_bytes(row)
    except Refused as error:
        return f"文件{row.pk}：{error.message}"
    return ""


def _unregistered(known: set[str], now: datetime) -> list[Path]:
    root = Path(settings.MEDIA_ROOT)
    if not root.exists():
        return []
    oldest = (now - SETTLED).timestamp()
    return [
        path
        for path in sorted(root.rglob("*"))
        if path.is_file() and str(path.relative_to(root)) not in known and path.stat().st_mtime < oldest
    ]
