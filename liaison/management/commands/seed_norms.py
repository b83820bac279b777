"""The shipped deadline policies as rows of the nation, for every jurisdiction to inherit."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from liaison.calendar.policies import seed_policies
from liaison.tenancy.scope import acting, system_actor


class Command(BaseCommand):
    help = "写入系统自带的期限规定；已有的不改，--reset 恢复默认值。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="把全国一级的期限规定恢复为系统默认值")

    def handle(self, *args: Any, **options: Any) -> None:
        with acting(system_actor(name="初始化期限规定")):
            written = seed_policies(reset=options["reset"])
        self.stdout.write(f"期限规定写入{written}项。")
