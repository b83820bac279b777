"""Who can sign in to the demo: one account per role, and one per deputy so that records are confirmed."""

from dataclasses import dataclass
from datetime import date, datetime

from liaison.identity.accounts import appoint, create_account
from liaison.identity.auth import actor_for
from liaison.models import Account, Appointment, Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import LINKS_OF_ROLE, Role

PASSWORD = "Zhuangzi-2026"
SINCE = date(2021, 5, 8)
MAKER = "演示数据"


@dataclass(frozen=True, slots=True)
class Login:
    """One line of the table shown after the start: what to type, who that is, what to look at."""

    username: str
    name: str
    place: str
    role: Role
    title: str
    look_at: str


LOGINS = (
    Login(
        "zz-mishu",
        "李俊梅",
        "庄子乡",
        Role.PRESIDIUM_CLERK,
        "庄子乡人大主席团秘书",
        "今日待办、名册、轮值表、年度计划、测评、通知书",
    ),
    Login(
        "zz-zhuxi",
        "王利民",
        "庄子乡",
        Role.PRESIDIUM_CHAIR,
        "庄子乡人大主席团主席",
        "审定、公布、整改审核、年度计划",
    ),
    Login(
        "zz-zhan",
        "郭海生",
        "庄子乡",
        Role.STATION_CLERK,
        "东庄村联络站联络员",
        "今天的接待登记、轮值表、接待日公告",
    ),
    Login("zz-shuili", "田志强", "庄子乡", Role.HANDLING_UNIT, "乡水利服务站经办人", "签收、答复社情民意"),
    Login(
        "xh-gongwei",
        "任建平",
        "新华街道",
        Role.PRESIDIUM_CLERK,
        "新华街道人大工委干事",
        "一个季度没有接待的站点、区代表的活动与测评",
    ),
    Login("xh-zhuren", "程志远", "新华街道", Role.PRESIDIUM_CHAIR, "新华街道人大工委主任", "审批与审核"),
    Login(
        "hs-mishu",
        "耿秀兰",
        "洪善镇",
        Role.PRESIDIUM_CLERK,
        "洪善镇人大主席团秘书",
        "另一个县的乡镇，与庄子乡互不可见",
    ),
    Login("hs-zhuxi", "冯国栋", "洪善镇", Role.PRESIDIUM_CHAIR, "洪善镇人大主席团主席", "审定与公布"),
    Login(
        "yc-gongwei",
        "赵丽芳",
        "榆次区",
        Role.COUNTY_COMMITTEE,
        "榆次区人大常委会代表工委",
        "各乡镇对比与记录、三个月未接待的站点",
    ),
    Login("jz-chakan", "武建华", "晋中市", Role.CITY_VIEWER, "晋中市人大常委会", "汇总数据"),
    Login("xitong", "系统管理员", "晋中市", Role.SYSTEM_ADMIN, "系统管理员", "工作日历、期限规定"),
    Login("anquan", "安全管理员", "晋中市", Role.SECURITY_ADMIN, "安全管理员", "账号与任职"),
    Login("shenji", "审计管理员", "晋中市", Role.AUDIT_ADMIN, "审计管理员", "审计记录"),
)


# These speak for a station and a unit, which the year sets up first.
LINKED_LOGINS = tuple(login for login in LOGINS if LINKS_OF_ROLE.get(login.role))


def make_login(login: Login, where: Jurisdiction, now: datetime, **refs: int) -> Actor:
    """The account and its appointment, once; returns the actor."""
    return make_account(login.username, login.name, where, login.role, now, title=login.title, **refs)


def make_account(
    username: str, name: str, where: Jurisdiction, role: Role, now: datetime, *, title: str = "", **refs: int
) -> Actor:
    with acting(system_actor(name=MAKER)):
        account = Account.objects.filter(username=username).first()
        if account is None:
            account = create_account(
                username=username, display_name=name, scope_code=where.scope_code, password=PASSWORD, now=now
            )
            account.must_change_password = False
            account.save(update_fields=["must_change_password"])
            appoint(account=account, jurisdiction=where, role=role, starts_on=SINCE, title=title, **refs)
        appointment = Appointment.objects.filter(account=account).select_related("jurisdiction").first()
    return actor_for(account, appointment)
