"""Walk the audit chains; a broken one names the jurisdiction and the entry, and the exit status is 1."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from liaison.auditing import trail
from liaison.models import AuditEntry, AuditHead
from liaison.tenancy.scope import Actor, acting, system_actor


class Command(BaseCommand):
    """A chain rewritten from end to end holds by itself, so its heads are also kept elsewhere.

    ``--heads FILE`` writes them (to be carried off the machine), ``--against FILE`` compares.
    """

    help = "核验审计链：逐条重算哈希；发现问题时指出区域和序号，并以状态码1退出。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--heads", type=Path, help="把各链的链首写入文件，供另处保存")
        parser.add_argument("--against", type=Path, help="与另处保存的链首文件比对")

    def handle(self, *args: Any, **options: Any) -> None:
        with acting(system_actor(name="核验审计链")) as actor:
            kept = _read(options["against"]) if options["against"] else {}
            found = [*trail.verify_chains(actor), *_differences(actor, kept)]
            heads = {row.scope_code: (row.seq, row.hash) for row in AuditHead.scoped(actor)}
        for broken in found:
            self.stderr.write(f"管辖代码{broken.scope_code}，第{broken.seq}条：{broken.problem}")
        if found:
            raise CommandError(f"审计链有{len(found)}处问题。")
        if options["heads"]:
            _write(options["heads"], heads)
        total = sum(seq for seq, _ in heads.values())
        self.stdout.write(f"审计链完整：{len(heads)}条链，{total}条记录，总摘要{_root(heads)[:16]}。")


def _differences(actor: Actor, kept: dict[int, tuple[int, str]]) -> list[trail.Break]:
    """What was kept elsewhere must still stand at its place."""
    found = []
    for scope_code, (seq, digest) in sorted(kept.items()):
        entry = AuditEntry.scoped(actor).filter(scope_code=scope_code, seq=seq).first()
        if entry is None or entry.hash != digest:
            found.append(trail.Break(scope_code, seq, "与另处保存的链首不符，此前的记录被改写过"))
    return found


def _root(heads: dict[int, tuple[int, str]]) -> str:
    """One digest over all heads in the order of their codes; printed on notices and kept elsewhere."""
    text = "\n".join(f"{code}:{seq}:{digest}" for code, (seq, digest) in sorted(heads.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def _write(path: Path, heads: dict[int, tuple[int, str]]) -> None:
    content = {"root": _root(heads), "heads": {str(code): list(head) for code, head in sorted(heads.items())}}
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _read(path: Path) -> dict[int, tuple[int, str]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        heads = {int(code): (int(seq), str(digest)) for code, (seq, digest) in content["heads"].items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"不能读取链首文件{path}。") from error
    if _root(heads) != content.get("root"):
        raise CommandError(f"链首文件{path}自身不完整。")
    return heads
