"""Accounts for 8,500 deputies in one act, as the role of the web server, the audit trail on; then the slips.

A prefecture has about so many deputies in all its townships; here they sit in one, so that one act gives them
all. Slips are printed as the page does it, 200 on one PDF.
Bare limit: the same number of accounts inserted without appointments, links and names of their own.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from bench._tools import Figure, connect, cpu_seconds, queries, scratch_database, seconds
from bench.roster import a_row
from deputies.enums import CongressLevel, Education, ElectionWay, PoliticalStatus, Sex
from deputies.models import Congress, Constituency, Mandate, Person, Term
from liaison.documents.account_slips import print_slips
from liaison.identity.giving import Slip, give_accounts
from liaison.models import Account, Jurisdiction
from liaison.tenancy.encryption import lookup_digest
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import JurisdictionLevel, Role
from liaison.words.names import pinyin_key, stroke_key

DEPUTIES, ON_ONE_PDF = 8_500, 200
TOWNSHIP = 140702202000
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def run() -> Iterator[Figure]:
    with scratch_database("bench_accounts") as name:
        connect(name, "worker")
        clerk, names = _office()
        connect(name, "web")
        made: list[Slip] = []
        asked = [0]

        def give() -> None:
            with acting(clerk):
                made.extend(give_accounts(column="person_ref", names=names, today=date(2026, 3, 2), now=NOW))

        def count() -> None:
            asked[0] = queries(give)

        spent = seconds(count, rounds=1)
        yield "accounts", len({slip.username for slip in made}), "rows"
        yield "given, appointed and linked", spent, "s"
        yield "queries", asked[0], "queries"
        slips = cpu_seconds(
            lambda: print_slips(made[:ON_ONE_PDF], organ="庄子乡人大主席团", made_at=NOW), rounds=1
        )
        yield f"{ON_ONE_PDF} slips as one PDF", slips, "s"
        yield "a slip", 1000 * slips / ON_ONE_PDF, "ms"
        yield "bare limit: accounts inserted, nothing else", seconds(_bare, rounds=1), "s"


def _office() -> tuple[Actor, dict[int, str]]:
    """One township with its clerk and a term full of deputies; their names by person."""
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
    clerk = Actor(
        account.pk, None, Role.PRESIDIUM_CLERK, TOWNSHIP, TOWNSHIP + 1000, jurisdiction_id=town.pk,
        jurisdiction_name=town.name, display_name="秘书",
    )  # fmt: skip
    return clerk, {person.pk: person.name for person in people}


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
