"""The shipped years of the working calendar (2024 and later)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from liaison.calendar.working import load_default_years
from liaison.tenancy.scope import acting, system_actor


class Command(BaseCommand):
    help = "载入系统自带的节假日与调休安排；已载入的年份不改。"

    def handle(self, *args: Any, **options: Any) -> None:
        with acting(system_actor(name="载入工作日历")):
            years = load_default_years(timezone.now())
        loaded = "、".join(f"{year}年" for year in years) or "没有需要载入的年份"
        self.stdout.write(f"工作日历：{loaded}。")
