"""Build 庄子乡's year 2025 and the running 2026 through the services people use."""

import gc
from datetime import date
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from liaison.models import SetUp
from reports.demo.year import STAGES, Year, is_begun, is_whole

# Lines of progress of a whole run; the bar is an estimate, not a promise.
STEPS = 80


_REAL = "这是正式使用的系统，不能载入演示数据。演示请另用 script/demo，它有自己的数据目录。"
_OCCUPIED = (
    "数据库中已有数据，演示数据只能建在空的数据库里。"
    "如果是上次建到一半中断的，请先停止程序，删除数据目录（默认 .local/data），再重新启动。"
)


class Command(BaseCommand):
    help = "建立演示数据：庄子乡2025年度和2026年的工作，另有新华街道和洪善镇供对比。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stage", choices=STAGES, default="now", help="做到哪个阶段为止")
        parser.add_argument(
            "--from", dest="first", choices=STAGES, default=STAGES[0], help="接着上次，从哪个阶段做起"
        )
        parser.add_argument("--seed", type=int, default=2025, help="随机种子，同一种子得到同样的数据")
        parser.add_argument("--today", type=date.fromisoformat, help="2026年的工作做到哪一天，默认今天")
        parser.add_argument(
            "--neighbours",
            type=float,
            default=1.0,
            help="新华街道和洪善镇有几成月份在工作，1为全年，小于1则建得更快",
        )
        parser.add_argument("--if-empty", action="store_true", help="已有数据时什么也不做")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IS_PRODUCTION or SetUp.objects.exists():
            raise CommandError(_REAL)
        first = STAGES.index(options["first"])
        if is_begun() and not first:
            if options["if_empty"] and is_whole():
                return
            raise CommandError(_OCCUPIED)
        today = options["today"] or timezone.localdate()
        wanted = STAGES[first : STAGES.index(options["stage"]) + 1]
        began = monotonic()
        # A year makes millions of small objects; what is loaded already need not be looked through each time.
        gc.freeze()
        with tqdm(total=STEPS, unit="步", disable=options["verbosity"] == 0) as bar:
            self._build(options["seed"], today, wanted, bar, options["neighbours"])
        self.stdout.write(f"演示数据已建好，用时{monotonic() - began:.0f}秒。")

    def _build(
        self, seed: int, today: date, stages: tuple[str, ...], bar: Any, neighbours: float = 1.0
    ) -> None:
        def report(line: str) -> None:
            bar.set_description(line)
            bar.update(1)

        year = Year.begin(seed, today, report, neighbours)
        if stages[:1] != STAGES[:1]:
            year.resume()
        for stage in stages:
            year.run((stage,))
