"""What the set-up writes: our office with those above it, the places below, three keepers, the first clerk.

Everything runs as `links.set_up_actor` on the locked row of the set-up, so that two windows cannot found two
offices.
"""

from collections.abc import Mapping
from datetime import date, datetime

from liaison.auditing import trail
from liaison.founding import place_codes
from liaison.founding.organs import first_role, organ_name, place_name
from liaison.founding.places import places_with_office, write_places
from liaison.identity import accounts
from liaison.identity.roles import ADMINISTRATORS
from liaison.models import Account, Appointment, Jurisdiction, SetUp
from liaison.models.set_up import ONLY
from liaison.tenancy.scope import NATION, require_actor
from liaison.words.enums import JurisdictionLevel as Level
from liaison.words.enums import Role
from liaison.words.errors import InvalidInput, Refused
from liaison.words.text import clean_line

# The keepers in the order in which they are asked for: the one who opens accounts first.
KEEPERS = (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.SYSTEM_ADMIN)
_NATION = "全国"


def _running() -> SetUp:
    """The locked row; ``Refused`` once the set-up is over."""
    require_actor().require_system()
    row = SetUp.objects.select_for_update(of=("self",)).select_related("office").get(pk=ONLY)
    if row.finished_at is not None:
        raise Refused("首次设置已经完成，不能再改。")
    return row


def found_office(
    *, level: Level, name: str, code: str, prefecture: str = "", county: str = ""
) -> Jurisdiction:
    """Make our own place and the places above it, which are names only; returns our own.

    ``code``: its official code, of which the codes above it are the beginnings. ``prefecture``, ``county``:
    the short names above; without a prefecture (直辖市) the county lies right below the province.
    ``InvalidInput`` names the field.
    """
    row = _running()
    if row.office is not None:
        raise Refused("本级已经登记。")
    code, name = place_codes.bare(clean_line(code)), clean_line(name)
    _check_office(level, name, code, county)
    above = [
        (Level.NATION, _NATION),
        (Level.PROVINCE, place_codes.PROVINCES[code[:2]]),
        (Level.PREFECTURE, clean_line(prefecture)),
        (Level.COUNTY, clean_line(county)),
    ]
    digits = place_codes.DIGITS
    with trail.operation("found_office"):
        parent = None
        for higher, short in above:
            if short and digits[higher] < digits[level]:
                parent = _place(higher, code[: digits[higher]], short, parent)
        place = _place(level, code, name, parent)
        SetUp.objects.filter(pk=ONLY).update(office=place)
    return place


def _check_office(level: Level, name: str, code: str, county: str) -> None:
    problems = {}
    if not name:
        problems["name"] = "请填写名称。"
    length = place_codes.DIGITS[level]
    if code[:2] not in place_codes.PROVINCES:
        problems["code"] = "前两位不是省级代码，请核对。"
    elif len(code) != length:
        shown = 6 if level == Level.PREFECTURE else length
        problems["code"] = f"{level.label}的行政区划代码是{shown}位数字，请核对。"
    if level in (Level.TOWNSHIP, Level.STREET) and not clean_line(county):
        problems["county"] = "请填写所属的县（市、区）。"
    if problems:
        raise InvalidInput(problems)


def _place(level: Level, code: str, short: str, parent: Jurisdiction | None) -> Jurisdiction:
    """A place of the chain, or the one that is there from a set-up broken off."""
    low, high = NATION if parent is None else (parent.scope_code, parent.scope_end)
    scope = low if parent is None else place_codes.scope_for(level, code, (low, high), ())
    found = Jurisdiction.objects.filter(scope_code=scope, level=level).first()
    return found or Jurisdiction.objects.create(
        name="中华人民共和国" if level == Level.NATION else place_name(level, short, parent),
        short_name=short,
        level=level,
        official_code=code if level == Level.NATION else code.ljust(6, "0"),
        scope_code=scope,
        scope_end=scope + place_codes.width(level),
        parent=parent,
        organ_name=organ_name(level, short, parent),
    )


def add_places(*, table: str, now: datetime) -> int:
    """Write the places of a table that are new, all or none; returns how many.

    Without a table the step is passed. ``InvalidInput`` when a line still has a fault.
    """
    row = _running()
    if row.office is None:
        raise Refused("请先登记本级。")
    with trail.operation("add_places"):
        SetUp.objects.filter(pk=ONLY).update(places_done_at=now)
    return write_places(row.office, table) if table else 0


def keepers(office: Jurisdiction) -> dict[Role, Account]:
    """The keepers appointed so far."""
    rows = Appointment.scoped(require_actor()).filter(role__in=ADMINISTRATORS, jurisdiction=office)
    return {Role(row.role): row.account for row in rows.select_related("account").order_by("pk")}


def appoint_keepers(*, people: Mapping[Role, tuple[str, str]], today: date, now: datetime) -> list[Account]:
    """Open the three keepers' accounts; each has its ``initial_password``, to be handed over once.

    ``people``: name and sign-in name by role. Three persons, by the law of three powers (三权分立).
    """
    office = _office_of(_running())
    if keepers(office):
        raise Refused("三名管理员已经登记。")
    names = [clean_line(name) for name, _ in people.values()]
    if len(set(names)) < len(KEEPERS):
        raise InvalidInput({"people": "三名管理员须由不同的人担任，请填写三个人的姓名。"})
    return [
        _appointed(office, role, *people[role], today=today, now=now, prefix=f"{role.value}_")
        for role in KEEPERS
    ]


def first_clerk(office: Jurisdiction) -> Account | None:
    """The first account of the office's own business, once it is there."""
    rows = Appointment.scoped(require_actor()).exclude(role__in=ADMINISTRATORS)
    found = rows.select_related("account").order_by("pk").first()
    return found.account if found else None


def appoint_first_clerk(
    *, place: Jurisdiction, name: str, username: str, today: date, now: datetime
) -> Account:
    """The first account that does business, at our own place or at one below; its role follows the level."""
    office = _office_of(_running())
    if first_clerk(office) is not None:
        raise Refused("第一个业务账号已经开立。")
    if not places_with_office(office).filter(pk=place.pk).exists():
        raise InvalidInput({"place": "请选择这个账号所在的区域。"})
    role, title = first_role(Level(place.level))
    return _appointed(place, role, name, username, title=title, today=today, now=now)


def _office_of(row: SetUp) -> Jurisdiction:
    if row.office is None:
        raise Refused("请先登记本级。")
    return row.office


def _appointed(
    place: Jurisdiction,
    role: Role,
    name: str,
    username: str,
    *,
    title: str = "",
    today: date,
    now: datetime,
    prefix: str = "",
) -> Account:
    """The account in its office; what is wrong is named with ``prefix`` where several are asked for."""
    try:
        account = accounts.create_account(
            username=username, display_name=name, scope_code=place.scope_code, now=now
        )
    except InvalidInput as error:
        raise InvalidInput({f"{prefix}{field}": words for field, words in error.fields.items()}) from None
    accounts.appoint(account=account, jurisdiction=place, role=role, title=title, starts_on=today)
    return account


def new_passwords(*, now: datetime) -> list[Account]:
    """Fresh one-time passwords for the accounts of the set-up that nobody has signed in with yet.

    For passwords that were shown and not written down; whoever has chosen an own one keeps it.
    """
    office = _office_of(_running())
    clerk = first_clerk(office)
    found = [*keepers(office).values(), *([clerk] if clerk else [])]
    waiting = [account for account in found if account.must_change_password]
    for account in waiting:
        account.initial_password = accounts.reset_password(account=account, reason="首次设置时重新生成")
    return waiting


def finish(*, now: datetime) -> None:
    """Close the set-up for good; ``Refused`` while something it is for is missing."""
    row = _running()
    if not keepers(_office_of(row)) or first_clerk(_office_of(row)) is None:
        raise Refused("还有步骤没有办完，请先办完再结束设置。")
    with trail.operation("finish_set_up"):
        SetUp.objects.filter(pk=ONLY).update(finished_at=now, visit_digest="")
