"""Every set of roles, once; who may do what is said with these names.

Sources: domain.md section 1 ("who sees and does what") and section 7 (三权分立).
"""

from liaison.words.enums import Role

# The office of a township or street: it runs roster, stations, opinions and the yearly appraisal.
OFFICE = frozenset({Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR})
# The county's committee looks over its townships and keeps its own congress.
OVERSEERS = frozenset({Role.COUNTY_COMMITTEE})
# Whoever keeps the register of a congress: the office or the county's committee.
REGISTRARS = OFFICE | OVERSEERS
# A deputy, with or without a group to lead.
DEPUTIES = frozenset({Role.DEPUTY, Role.GROUP_LEADER})
# Whoever runs a station day by day: the office and the station's own clerk; the overseers read it.
STATION_RUNNERS = OFFICE | {Role.STATION_CLERK}
STATION_STAFF = STATION_RUNNERS | OVERSEERS
# Whoever arranges activities of deputies: the office, the county's committee, the leader of a group.
ORGANISERS = REGISTRARS | {Role.GROUP_LEADER}
# Whoever reads every record inside the own area; the system does so for its tasks.
RECORD_READERS = REGISTRARS | {Role.SYSTEM}
# 三权分立: these three keep the system and see no business data.
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
# The roles that work in the browser admin; each needs a second factor.
STAFF = STATION_STAFF | ADMINISTRATORS
# Roles an account can be appointed to; the other two are never held by a person's account.
APPOINTABLE = tuple(role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM))
