"""System checks: what must hold before the program may serve anybody."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register("liaison", deploy=True)
def closed_by_default(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Production serves over TLS, with its own keys and a named host; one PC for itself alone needs none."""
    problems: list[CheckMessage] = []
    if not settings.IS_PRODUCTION:
        return problems
    if settings.IS_OVER_TLS and not settings.SITE_URL.startswith("https://"):
        problems.append(Error("SITE_URL 须以 https:// 开头。", id="liaison.E001"))
    if settings.DATABASES["default"]["USER"] not in ("liaison_web", "liaison_worker", "liaison_owner"):
        problems.append(Error("应用须以 liaison_web 或 liaison_worker 连接数据库。", id="liaison.E002"))
    return problems
