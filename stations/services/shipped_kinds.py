"""The activity kinds shipped with the system, laid down for the whole nation.

Frequencies are the seed's 十个一 (domain.md 0.1 and 3.2); every jurisdiction may lay down its own row for a
code, and the nearest one decides (domain.md 0.11).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from liaison.auditing import trail
from liaison.tenancy.scope import NATION, require_actor
from stations.enums import PER_PERSON_KINDS, TEN_ONES, ContactMethod
from stations.enums import ActivityKind as Kind
from stations.models import ActivityKind

# Which fact of the schemes a kind feeds; empty for what no shipped scheme asks for.
FACT_CODES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.RECEPTION: "reception",
        Kind.CONSTITUENCY_VISIT: "constituency_visit",
        Kind.PUBLIC_OPINION: "public_opinion",
        Kind.SURVEY: "inspection",
        Kind.TRAINING: "training",
        Kind.SUGGESTION: "suggestion",
        Kind.POLICY_TALK: "policy_talk",
        Kind.DEPUTIES_MEETING: "deputies_meeting",
        Kind.EXCHANGE: "exchange",
        Kind.REVIEW: "review_ballot",
        Kind.SESSION: "session_attendance",
        Kind.SESSION_SPEECH: "session_speech",
        Kind.GROUP_ACTIVITY: "group_activity",
        Kind.ENFORCEMENT_CHECK: "inspection",
        Kind.PERFORMANCE_REPORT: "performance_report",
        Kind.LIVELIHOOD_PROJECT: "livelihood_project",
        Kind.STATION_VISIT: "station_visit",
        Kind.WORK_DIARY: "work_diary",
        Kind.WORK_STORY: "work_story",
    }
)

# Which of the eight contact methods [seed] a kind usually is; an activity may say otherwise.
CONTACT_METHODS: Mapping[Kind, ContactMethod] = MappingProxyType(
    {
        Kind.RECEPTION: ContactMethod.RECEIVE_VOTERS,
        Kind.STATION_VISIT: ContactMethod.RECEIVE_VOTERS,
        Kind.CONSTITUENCY_VISIT: ContactMethod.VISITS,
        Kind.POLICY_TALK: ContactMethod.VISITS,
        Kind.SURVEY: ContactMethod.SURVEYS,
        Kind.ENFORCEMENT_CHECK: ContactMethod.SURVEYS,
        Kind.GROUP_ACTIVITY: ContactMethod.GROUP_ACTIVITIES,
        Kind.PERFORMANCE_REPORT: ContactMethod.REPORT_TO_VOTERS,
        Kind.REVIEW: ContactMethod.REPORT_TO_VOTERS,
    }
)

# Done by the deputy alone, so what is due is the norm for the months in office; all else is what was
# scheduled for that deputy.
PERSONAL_KINDS = PER_PERSON_KINDS | {Kind.CONSTITUENCY_VISIT}


@dataclass(frozen=True, slots=True)
class ShippedKind:
    """One kind: its code, name, fact code, how often it is due a year, and whether it is personal."""

    code: str
    name: str
    fact_code: str
    due_per_year: int
    is_personal: bool
    sort: int
    contact_method: str


def shipped_kinds() -> tuple[ShippedKind, ...]:
    return tuple(
        ShippedKind(
            kind.value,
            kind.label,
            FACT_CODES.get(kind, ""),
            TEN_ONES[kind].per_year if kind in TEN_ONES else 0,
            kind in PERSONAL_KINDS,
            sort,
            CONTACT_METHODS[kind].value if kind in CONTACT_METHODS else "",
        )
        for sort, kind in enumerate(Kind, start=1)
    )


def seed(now: datetime) -> int:
    """Write the shipped kinds that are missing at the nation's scope; counts the rows written.

    What an office changed is never overwritten. The acting actor must reach the nation (the system).
    """
    actor = require_actor()
    there = set(
        ActivityKind.scoped(actor)
        .filter(scope_code=NATION[0], scope_end=NATION[1])
        .values_list("code", flat=True)
    )
    missing = [kind for kind in shipped_kinds() if kind.code not in there]
    with trail.operation("seed_activity_kinds"):
        ActivityKind.objects.bulk_create(
            ActivityKind(
                scope_code=NATION[0],
                scope_end=NATION[1],
                code=kind.code,
                name=kind.name,
                fact_code=kind.fact_code,
                due_per_year=kind.due_per_year,
                is_personal=kind.is_personal,
                sort=kind.sort,
                contact_method=kind.contact_method,
            )
            for kind in missing
        )
    return len(missing)
