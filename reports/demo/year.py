"""The demo year in stages: roster, spring, december, published, rectifying, now.

Everything goes through the services people use, at the hour it would have happened, and follows from the
seed. The clock runs from January 2025; ``today`` says where the running year 2026 stops.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from assessments.models import Assessment
from constituents.models import HandlingUnit
from constituents.tasks import watch
from deputies.enums import ElectionWay, MandateEvent
from deputies.models import Congress, GroupMembership, Mandate
from deputies.services import (
    change_mandate,
    enrol_deputy,
    hold_session,
)
from liaison.tenancy.scope import acting, system_actor
from reports.demo import activities, appraisal, invitations, keepup, present, rotas, workplans
from reports.demo.casework import bring_matter, bring_suggestion
from reports.demo.clock import at, months
from reports.demo.founding import Founding, looked_on, looking_on, unit_key
from reports.demo.logins import MAKER
from reports.demo.messages import read_messages
from reports.demo.township import Township, on_day
from stations.enums import PlaceKind
from stations.models import Station
from stations.services import (
    plan_ahead,
)

STAGES = ("roster", "spring", "december", "published", "rectifying", "now")
PUBLISHED_ON = date(2026, 1, 20)
"""Published before 春节 2026, so that thirty days end inside it (domain.md, notices)."""


@dataclass(slots=True)
class Year(Founding):
    """The builder: the places, the townships and how far the running year goes."""

    def run(self, stages: tuple[str, ...]) -> None:
        """Run the stages in order; each leaves the database in a state one can work with."""
        for stage in stages:
            for name, town in self.towns.items():
                # Each stage draws from its own sequence, so a run may stop between stages and go on later.
                town.rng = random.Random(f"{self.seed}-{name}-{stage}")
            getattr(self, f"stage_{stage}")()

    def resume(self) -> None:
        """Find the towns of an earlier run again, to go on with a later stage."""
        staff = {
            "庄子乡": ("zz-mishu", "zz-zhuxi"),
            "洪善镇": ("hs-mishu", "hs-zhuxi"),
            "新华街道": ("xh-gongwei", "xh-zhuren"),
        }
        for name, (clerk, chair) in staff.items():
            with acting(system_actor(name=MAKER)):
                seats = Mandate._plain.filter(scope_code=self.places[name].scope_code).select_related(
                    "term__congress"
                )
                term = seats.order_by("pk")[0].term
            town = self._remember(name, term, self.actors[clerk], self.actors[chair])
            with acting(system_actor(name=MAKER)):
                kinds = {"scope_code": town.place.scope_code, "kind": PlaceKind.LIAISON_STATION}
                town.stations = list(Station._plain.filter(**kinds).order_by("pk"))
                town.units = {
                    unit_key(u, name): u for u in HandlingUnit._plain.filter(scope_code=town.place.scope_code)
                }
        self._appoint_linked("庄子乡")

    # -- roster ---------------------------------------------------------------------------------

    def stage_roster(self) -> None:
        """Rosters from the office's own files, groups, stations, rules and the year's reception days."""
        with looking_on():
            self._found_everybody()
        for name in ("庄子乡", "洪善镇", "新华街道"):
            with looking_on():
                self._equip(name)

    # -- the working year -----------------------------------------------------------------------

    def stage_spring(self) -> None:
        """January to June 2025, with a resignation and the by-election that follows."""
        self._session("庄子乡", date(2025, 2, 20), date(2025, 2, 21))
        for name, town in self._paced():
            self._work(name, town, date(2025, 1, 1), date(2025, 6, 30))
        self._by_election()

    def stage_december(self) -> None:
        """July to December 2025, a suspension, the yearly exchange, and the assessment up to approval."""
        self._suspend()
        for name, town in self._paced():
            self._work(name, town, date(2025, 7, 1), date(2025, 12, 31))
        self._session("庄子乡", date(2025, 8, 28), date(2025, 8, 28))
        self._restore()
        for name, meeting in (
            ("庄子乡", "庄子乡人大主席团第二十三次会议"),
            ("洪善镇", "洪善镇人大主席团第二十一次会议"),
        ):
            self.report(f"年度测评：{name}")
            with looking_on():
                scheme_name = f"{self.places[name].short_name}人大代表履职测评办法"
                appraisal.prepare_assessment(self.towns[name], scheme_name, meeting)

    def stage_published(self) -> None:
        """The button pressed on 20 January 2026, every notice numbered and printed."""
        for name in ("庄子乡", "洪善镇"):
            self.report(f"公布结果、签发通知书：{name}")
            town = self.towns[name]
            with looking_on():
                row = Assessment._plain.get(term=town.term, year=2025)
                appraisal.publish(town, row, PUBLISHED_ON)
            if name == "庄子乡":
                with looking_on():
                    row.refresh_from_db()
                    appraisal.render_all(town, row, PUBLISHED_ON)

    def stage_rectifying(self) -> None:
        """Across 春节 2026: delivery, reminders, reports, reviews, talks."""
        town = self.towns["庄子乡"]
        self.report("整改：庄子乡")
        with looking_on():
            row = Assessment._plain.get(term=town.term, year=2025)
            appraisal.rectify(town, row, self.today)

    def stage_now(self) -> None:
        """The running years up to yesterday, what is planned ahead, and what waits today."""
        looked_at = self.today
        # Whatever hour the demo is built at, nobody has done anything later than last evening.
        self.today -= timedelta(days=1)
        town = self.towns["庄子乡"]
        self.report("庄子乡：整改收尾、接待规则、轮值表")
        with looking_on():
            keepup.finish_rectification(town)
            keepup.collect_reports(self.towns["洪善镇"])
        with looking_on():
            rotas.begin_years(town)
            rotas.send_from_county(town, self.actors["yc-gongwei"], self._county_seat())
        for year in range(2026, self.today.year + 1):
            self._run_year(year)
        self._look_ahead(town)
        self._furnish(looked_at)
        self.today = looked_at

    def _run_year(self, year: int) -> None:
        first, last = date(year, 1, 1), date(year, 12, 31)
        town = self.towns["庄子乡"]
        with looking_on():
            if year == 2026:
                rotas.draft_year(town, year, date(2025, 12, 30))
            else:
                self._draft_year(town, year)
            rotas.adopt_drafts(town, date(year - 1, 12, 31))
            if date(year, 1, 9) <= self.today:
                workplans.publish_plan(town, year, self.today)
        for name, other in self._paced(0.6):
            if name != "庄子乡":
                with looking_on():
                    for station in other.stations:
                        self._open_rota(other, station, first, last, date(year, 1, 6))
        self._session("庄子乡", date(year, 3, 5), date(year, 3, 6))
        for name, each in self._paced(0.6):
            self._work(name, each, first, last)
        with looking_on():
            workplans.hang_activities(town, year, self.today)

    def _county_seat(self) -> Mandate:
        """A deputy of the county who lives in 新华街道 and takes turns in 庄子乡 on theme days."""
        return self.towns["新华街道"].seated(rotas.FIRST_YEAR)[3]

    def _draft_year(self, town: Township, year: int) -> None:
        rotas.draft_year(town, year, date(year - 1, 11, 20))
        workplans.draft_next(town, year, date(year - 1, 11, 23))

    @looked_on
    def _look_ahead(self, town: Township) -> None:
        """In late autumn next year's plan and rota are drafted, on an estimated calendar until the notice comes."""
        if date(self.today.year, 11, 23) <= self.today:
            self._draft_year(town, self.today.year + 1)
        for each in self.towns.values():
            lo, hi = each.place.scope_code, each.place.scope_end
            with acting(system_actor(lo, hi, "接待日续排")) as actor:
                plan_ahead(actor=actor, now=at(self.today, 6))

    def _furnish(self, today: date) -> None:
        """What stations show, what is coming up, and what waits for somebody today."""
        town, street = self.towns["庄子乡"], self.towns["新华街道"]
        self.report("庄子乡：站点、活动、今日待办")
        with looking_on():
            present.furnish(town, today)
            invitations.invite(town, today)
            present.receive_today(town, today)
            present.leave_work_open(town, today)
            deputy = town.deputies[Mandate._plain.get(term=town.term, list_number=2).pk]
            present.subscribe(town.clerk, self.actors["zz-zhan"], deputy, town.stations[0], today)
            room = Station._plain.get(scope_code=street.place.scope_code, kind=PlaceKind.RECEPTION_ROOM)
            present.fall_silent(street, room, date(2026, 1, 5), today)
        for each in self.towns.values():
            with looking_on():
                activities.confirm_month(each, today - timedelta(days=6))
            keepup.read_everything(each, at(self.today, 21))
        keepup.read_messages_of(self.actors["zz-zhan"], at(self.today, 21))

    def _paced(self, factor: float = 1.0) -> Iterator[tuple[str, Township]]:
        """庄子乡 in full, the others thinner: they are there to be compared and kept apart."""
        for name, pace, visits in (("庄子乡", 1.0, 1.0), ("洪善镇", 0.4, 0.9), ("新华街道", 0.5, 0.8)):
            # Everybody in 庄子乡 visits as ever; only the cases of a running year are fewer.
            visited = visits if name == "庄子乡" else visits * factor
            self.towns[name].pace, self.towns[name].visit_pace = pace * factor, visited
            yield name, self.towns[name]

    def _work(self, name: str, town: Township, first: date, last: date) -> None:
        for month in self._worked(name, months(first, last)):
            if month > self.today:
                break
            self.report(f"{name} {month.year}年{month.month}月")
            with looking_on():
                self._work_month(town, month)
        with looking_on():
            self._plan_ahead(town, last)

    def _worked(self, name: str, span: list[date]) -> list[date]:
        """庄子乡 works every month; of the others' months the last ones, one at least."""
        if name == "庄子乡" or self.neighbours >= 1:
            return span
        return span[-max(1, round(len(span) * self.neighbours)) :]

    def _work_month(self, town: Township, month: date) -> None:
        end = min((month + timedelta(days=32)).replace(day=1) - timedelta(days=1), self.today)
        if town.place.short_name == "庄子乡" and month.year > 2025:
            rotas.arrange_month(town, month, self.today)
            rotas.hold_planned(town, month, end, self.today)
        else:
            activities.hold_receptions(town, month, end, self.today, town.turns)
        activities.visit_constituencies(town, month, self.today)
        if month.month % 3 == 1:
            activities.hold_quarter(town, month, self.today)
        if month.month == 11:
            activities.hold_yearly(town, month + timedelta(days=13), self.today)
        self._bring_cases(town, month)
        if end + timedelta(days=1) <= self.today:
            activities.confirm_month(town, end)
        # What the beat tasks would have done by then, and the office reading its messages.
        watch(at(end, 20))
        read_messages(town, at(end, 21))

    def _plan_ahead(self, town: Township, last: date) -> None:
        """Turns of the next receptions, so that home pages show what is coming."""
        is_planned = town.place.short_name == "庄子乡" and last.year > 2025
        if last.year == self.today.year and last > self.today and not is_planned:
            first = self.today + timedelta(days=1)
            activities.hold_receptions(
                town, first, min(last, first + timedelta(days=45)), self.today, Counter()
            )

    def _bring_cases(self, town: Township, month: date) -> None:
        for mandate in town.seated(month):
            character = town.character_of(mandate)
            if town.rng.random() < character.opinions / 12 * town.pace * 0.95:
                day = month + timedelta(days=town.rng.randint(3, 25))
                if day <= self.today:
                    bring_matter(town, mandate, day, self.today)
            if (mandate.list_number or 0) % 6 == month.month % 6 and town.rng.random() < character.writes:
                self._yearly_duties(town, mandate, month)

    def _yearly_duties(self, town: Township, mandate: Mandate, month: date) -> None:
        """Once a year per person: a suggestion in one half, a policy talk in the other."""
        day = month + timedelta(days=town.rng.randint(5, 24))
        if day > self.today:
            return
        if month.month <= 6:
            bring_suggestion(town, mandate, day, self.today, mandate.list_number or 0)
        else:
            activities.give_policy_talk(town, mandate, day)

    @looked_on
    def _session(self, name: str, first: date, last: date) -> None:
        if first > self.today:
            return
        town = self.towns[name]
        with on_day(town.clerk, first - timedelta(days=20), 9) as now:
            session = hold_session(
                actor=town.clerk, term_id=town.term.pk, starts_on=first, ends_on=last, now=now
            )
        activities.hold_sitting(town, session, "全体会议（上午）", first)
        activities.hold_sitting(
            town, session, "分组审议（下午）" if first == last else "全体会议（第二日）", last
        )

    # -- what happens to seats ------------------------------------------------------------------

    @looked_on
    def _by_election(self) -> None:
        """One deputy resigns in March, another is elected in May who bears the name of a colleague."""
        town = self.towns["庄子乡"]
        with acting(town.clerk):
            leaver = Mandate._plain.select_related("constituency").get(term=town.term, list_number=31)
            namesake = Mandate._plain.select_related("person").get(term=town.term, list_number=3)
            place = GroupMembership._plain.filter(mandate=leaver, ends_on__isnull=True).first()
        with on_day(town.clerk, date(2025, 3, 28), 10) as now:
            change_mandate(
                actor=town.clerk, mandate_id=leaver.pk, event=MandateEvent.RESIGN, effective_on=date(2025, 3, 28),
                basis="庄子乡第十五届人民代表大会第十次会议决定接受辞职", now=now,
            )  # fmt: skip
        with on_day(town.clerk, date(2025, 5, 20), 10) as now:
            winner = enrol_deputy(
                actor=town.clerk,
                term_id=town.term.pk,
                person={
                    "name": namesake.person.name, "sex": "male", "ethnicity": "汉族", "born_on": date(1984, 6, 1),
                    "political_status": "masses", "education": "college", "occupation": "东湾村合作社理事长",
                    "phone": "13835412068", "address": "庄子乡东湾村",
                },
                seat={
                    "election_way": ElectionWay.BY_ELECTION, "elected_on": date(2025, 5, 18),
                    "constituency_id": leaver.constituency_id, "fixed_contact_target": 10,
                    "remark": "补选当选",
                },
                group_id=place.group_id if place else None,
                now=now,
            )  # fmt: skip
        self.appear(town, winner)

    @looked_on
    def _suspend(self) -> None:
        town = self.towns["庄子乡"]
        with acting(town.clerk):
            row = Mandate._plain.get(term=town.term, list_number=44)
        with on_day(town.clerk, date(2025, 7, 3), 10) as now:
            change_mandate(
                actor=town.clerk, mandate_id=row.pk, event=MandateEvent.SUSPEND, effective_on=date(2025, 7, 3),
                basis="榆次区人民检察院通报，依照代表法第六十一条暂停执行代表职务", ground="criminal_proceedings", now=now,
            )  # fmt: skip

    @looked_on
    def _restore(self) -> None:
        town = self.towns["庄子乡"]
        with acting(town.clerk):
            row = Mandate._plain.get(term=town.term, list_number=44)
        with on_day(town.clerk, date(2025, 12, 8), 10) as now:
            change_mandate(
                actor=town.clerk, mandate_id=row.pk, event=MandateEvent.RESTORE, effective_on=date(2025, 12, 8),
                basis="检察机关作出不起诉决定，恢复执行代表职务", now=now,
            )  # fmt: skip


def is_begun() -> bool:
    """Whether there is a congress in this database: the demo is only built into an empty one."""
    with looking_on():
        return Congress._plain.exists()


def is_whole() -> bool:
    """Whether a demo was built up to the published assessment of 2025 at least."""
    with looking_on():
        return Assessment._plain.filter(year=2025, published_at__isnull=False).exists()
