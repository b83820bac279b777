"""Rows the ground's tests need of upper floors."""

import secrets
from datetime import UTC, date, datetime
from typing import Any

from constituents.enums import ContactWay, OpinionCategory
from constituents.models import Opinion
from liaison.models import Jurisdiction
from liaison.tenancy.scope import acting, system_actor

PLANTED_PHONE = "13712345678"
PLANTED_NAME = "韩梅梅"


def make_opinion(place: Jurisdiction, **values: Any) -> Opinion:
    with acting(system_actor()):
        return Opinion._plain.create(
            scope_code=place.scope_code,
            number=f"2026-{secrets.randbelow(10**6):06d}",
            query_code=secrets.token_urlsafe(16),
            received_on=date(2026, 12, 28),
            resident_name=PLANTED_NAME,
            resident_phone=PLANTED_PHONE,
            contact_way=ContactWay.values()[0],
            category=OpinionCategory.values()[0],
            content=f"村口路灯不亮，联系{PLANTED_PHONE}",
            recorded_at=datetime(2026, 12, 28, 2, tzinfo=UTC),
            **values,
        )
