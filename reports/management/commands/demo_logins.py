"""Print the table of the demo's logins."""

from typing import Any

from django.core.management.base import BaseCommand

from reports.demo.logins import LOGINS, PASSWORD


class Command(BaseCommand):
    help = "列出演示账号。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"所有演示账号的密码都是：{PASSWORD}")
        for login in LOGINS:
            self.stdout.write(f"  {login.username:<12} {login.title}（{login.name}）：{login.look_at}")
        self.stdout.write("  zz-db01      庄子乡人大代表（第一代表小组组长），zz-db02 至 zz-db47 为其他代表")
        self.stdout.write("  zz-db02      建好演示数据的当天在东庄村联络站值班，可以用手机试试接待登记")
