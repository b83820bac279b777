"""The link of the first set-up, for whoever sits at the machine."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from liaison.founding import links
from liaison.words.errors import Refused


class Command(BaseCommand):
    help = "给出首次设置的链接（一次有效，24小时内打开）；以前给出的链接同时作废。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-wanted", action="store_true", help="设置已经完成时什么也不做")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_wanted"] and not links.is_wanted():
            return
        try:
            link = links.make_link(now=timezone.now())
        except Refused as error:
            raise CommandError(error.message) from None
        self.stdout.write(
            f"首次设置：请用浏览器打开下面的链接（一次有效，{links.HOURS}小时内打开，请勿转发）：\n{link}"
        )
