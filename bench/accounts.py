"""Accounts for 8,500 deputies as one job of the worker, the audit trail on, and their slips as one PDF.

A prefecture has about so many deputies in all its townships; here they sit in one, so that one job gives them
all. ``BENCH_DEPUTIES`` takes another number.
Bare limit: the same number of accounts inserted without appointments, links and names of their own.
"""

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO

from pypdf import PdfReader

from bench._tools import Figure, connect, queries, scratch_database, seconds
from bench.roster import a_row
from deputies.enums import CongressLevel, Education, ElectionWay, PoliticalStatus, Sex
from deputies.models import Congress, Constituency, Mandate, Person, Term
from liaison.identity.auth import actor_for, open_appointments
from liaison.jobs import account_slips, services
from liaison.models import Account, Appointment, Jurisdiction
from liaison.tenancy.encryption import lookup_digest
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import JurisdictionLevel, Role
from liaison.words.names import pinyin_key, stroke_key

DEPUTIES = int(os.environ.get("BENCH_DEPUTIES", "8500"))
TOWNSHIP = 140702202000
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def run() -> Iterator[Figure]:
    with scratch_database("bench_accounts") as name:
        connect(name, "worker")
        clerk = _office()
        spent: dict[str, float] = {}
        asked: dict[str, int] = {}
        longest = 0.0
        with acting(clerk):
            job = account_slips.order(now=NOW)
        while job.is_open:
            stage, before = job.stage, time.perf_counter()
            asked[stage] = asked.get(stage, 0) + queries(lambda: services.go_on(job.pk, NOW))
            step = time.perf_counter() - before
            longest, spent[stage] = max(longest, step), spent.get(stage, 0.0) + step
            with acting(clerk):
                job.refresh_from_db()
        with acting(clerk):
            content = services.take_file(job_id=job.pk)[1].content
        yield "accounts", DEPUTIES, "rows"
        for stage, value in spent.items():
            yield stage, value, "s"
            yield f"{stage}: queries", asked[stage], "queries"
        yield "longest step", longest, "s"
        yield "pages of the one PDF", len(PdfReader(BytesIO(content)).pages), "pages"
        yield "size of the one PDF", len(content) / 1_000_000, "MB"
        yield "bare limit: accounts inserted, nothing else", seconds(_bare, rounds=1), "s"


def _office() -> Actor:
    """One township with a term full of deputies; its clerk."""
    with acting(system_actor()):
        nation = Jurisdiction.objects.create(
            name="中华人民共和国", short_name="全国", level=JurisdictionLevel.NATION, scope_code=0,
            scope_end=10**12,
        )  # fmt: skip
        town = Jurisdiction.objects.create(
            name="榆次区庄子乡", short_name="庄子乡", level=JurisdictionLevel.TOWNSHIP, scope_code=TOWNSHIP,
            scope_end=TOWNSHIP + 1000, parent=nation, official_code="140702202",
        )  # fmt: skip
        account = Account.objects.create(username="clerk", display_name="秘书", scope_code=TOWNSHIP)
        scope = {"scope_code": TOWNSHIP, "scope_end": TOWNSHIP + 1000}
        congress = Congress._plain.create(
            jurisdiction=town, name="榆次区庄子乡人民代表大会", level=CongressLevel.TOWNSHIP, **scope
        )
        term = Term._plain.create(
            congress=congress, number=15, elected_on=date(2021, 4, 18), starts_on=date(2021, 5, 8), seats=130,
            **scope,
        )  # fmt: skip
        place = Constituency._plain.create(term=term, name="第1选区", number=1, **scope)
        people = [_person(number) for number in range(DEPUTIES)]
        Person._plain.bulk_create(people, batch_size=500)
        Mandate._plain.bulk_create(
            [
                Mandate(
                    scope_code=TOWNSHIP,
                    person=person,
                    term=term,
                    constituency=place,
                    list_number=number,
                    election_way=ElectionWay.GENERAL,
                    elected_on=date(2021, 4, 18),
                )
                for number, person in enumerate(people, 1)
            ],
            batch_size=500,
        )
        Appointment._plain.create(
            scope_code=TOWNSHIP, account=account, jurisdiction=town, role=Role.PRESIDIUM_CLERK,
            starts_on=date(2026, 1, 5),
        )  # fmt: skip
    return actor_for(account, open_appointments(account, NOW.date())[0])


def _person(number: int) -> Person:
    name, phone = str(a_row(number)[1]), f"139{number:08d}"
    return Person(
        scope_code=TOWNSHIP, name=name, name_strokes=stroke_key(name), name_pinyin=pinyin_key(name),
        sex=Sex.MALE, born_on=date(1970, 3, 1), political_status=PoliticalStatus.MASSES,
        education=Education.MIDDLE_SCHOOL,
        phone=phone, phone_digest=lookup_digest(phone), address="东庄村",
    )  # fmt: skip


def _bare() -> None:
    rows = [
        Account(username=f"bare{number}", display_name="某某", scope_code=TOWNSHIP)
        for number in range(DEPUTIES)
    ]
    with acting(system_actor()):
        Account.objects.bulk_create(rows, batch_size=500)
