"""The activity kinds shipped with the system, laid down for the whole nation.

Frequencies are the seed's 十个一 (domain.md 0.1 and 3.2); every jurisdiction may lay down its own row for a
code, and the nearest one decides (domain.md 0.11).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from liaison.auditing import trail
from liaison.tenancy.scope import NATION, require_actor
from stations.enums import PER_PERSON_KINDS, TEN_ONES, ContactMethod, ShippedKind
from stations.models import ActivityKind

# Which fact of the schemes a kind feeds; empty for what no shipped scheme asks for.
FACT_CODES: Mapping[ShippedKind, str] = MappingProxyType(
    {
        ShippedKind.RECEPTION: "reception",
        ShippedKind.CONSTITUENCY_VISIT: "constituency_visit",
        ShippedKind.PUBLIC_OPINION: "public_opinion",
        ShippedKind.SURVEY: "inspection",
        ShippedKind.TRAINING: "training",
        ShippedKind.SUGGESTION: "suggestion",
        ShippedKind.POLICY_TALK: "policy_talk",
        ShippedKind.DEPUTIES_MEETING: "deputies_meeting",
        ShippedKind.EXCHANGE: "exchange",
        ShippedKind.REVIEW: "review_ballot",
        ShippedKind.SESSION: "session_attendance",
        ShippedKind.SESSION_SPEECH: "session_speech",
        ShippedKind.GROUP_ACTIVITY: "group_activity",
        ShippedKind.ENFORCEMENT_CHECK: "inspection",
        ShippedKind.PERFORMANCE_REPORT: "performance_report",
        ShippedKind.LIVELIHOOD_PROJECT: "livelihood_project",
        ShippedKind.STATION_VISIT: "station_visit",
        ShippedKind.WORK_DIARY: "work_diary",
        ShippedKind.WORK_STORY: "work_story",
    }
)

# Which of the eight contact methods [seed] a kind usually is; an activity may say otherwise.
CONTACT_METHODS: Mapping[ShippedKind, ContactMethod] = MappingProxyType(
    {
        ShippedKind.RECEPTION: ContactMethod.RECEIVE_VOTERS,
        ShippedKind.STATION_VISIT: ContactMethod.RECEIVE_VOTERS,
        ShippedKind.CONSTITUENCY_VISIT: ContactMethod.VISITS,
        ShippedKind.POLICY_TALK: ContactMethod.VISITS,
        ShippedKind.SURVEY: ContactMethod.SURVEYS,
        ShippedKind.ENFORCEMENT_CHECK: ContactMethod.SURVEYS,
        ShippedKind.GROUP_ACTIVITY: ContactMethod.GROUP_ACTIVITIES,
        ShippedKind.PERFORMANCE_REPORT: ContactMethod.REPORT_TO_VOTERS,
        ShippedKind.REVIEW: ContactMethod.REPORT_TO_VOTERS,
    }
)

# Done by the deputy alone, so what is due is the norm for the months in office; all else is what was
# scheduled for that deputy.
PERSONAL_KINDS = PER_PERSON_KINDS | {ShippedKind.CONSTITUENCY_VISIT}


@dataclass(frozen=True, slots=True)
class ShippedRow:
    """One kind: its code, name, fact code, how often it is due a year, and whether it is personal."""

    code: str
    name: str
    fact_code: str
    due_per_year: int
    is_personal: bool
    sort: int
    contact_method: str


def shipped_kinds() -> tuple[ShippedRow, ...]:
    return tuple(
        ShippedRow(
            kind.value,
            kind.label,
            FACT_CODES.get(kind, ""),
            TEN_ONES[kind].per_year if kind in TEN_ONES else 0,
            kind in PERSONAL_KINDS,
            sort,
            CONTACT_METHODS[kind].value if kind in CONTACT_METHODS else "",
        )
        for sort, kind in enumerate(ShippedKind, start=1)
    )


def seed() -> int:
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
