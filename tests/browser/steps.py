"""Forms that move a record: the record stands where the step begins, the form is sent, the database is looked at.

What a line of ``steps:`` in ``forms.yaml`` may say is the fields of `Step`. A value beginning with ``@`` names
something of the office: ``@HandlingUnit`` the row's number, ``@Opinion.number`` a column of it, ``@colleague.Opinion``
a row of another place, ``@deputy`` the account of a role, ``@today``.
"""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.db import DatabaseError
from django.utils import timezone
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Locator

from deputies.models import Term
from deputies.services import prepare_term
from liaison.models import Appointment, AuditEntry
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from tests.browser.every_form import TAKEN, FormOffice, Sender, table
from tests.deputies.rosters import as_csv, line
from tests.security.routes import all_routes

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """``role`` sends the form ``send`` from ``page`` (its own, unless said); ``stays``: the page reached before.

    ``ready`` and ``done`` are columns by model, before and after; ``made`` a row that was not there before,
    ``noted`` the operation in the audit trail. ``fill`` is typed over what the sender types, ``press`` the
    value of the button, ``upload`` the box that takes a small roster; what ``downloads`` ends in a file.
    """

    send: str
    role: str
    page: str = ""
    key: str = "own"
    args: Values = field(default_factory=dict)
    query: Values = field(default_factory=dict)
    prepare: str = ""
    ready: Mapping[str, Values] = field(default_factory=dict)
    fill: Values = field(default_factory=dict)
    press: str = ""
    upload: str = ""
    stays: bool = False
    downloads: bool = False
    done: Mapping[str, Values] = field(default_factory=dict)
    made: Mapping[str, Values] = field(default_factory=dict)
    noted: str = ""

    def __str__(self) -> str:
        return f"{self.send} {' '.join(map(str, self.args.values()))} {self.press or self.fill.get('action', '')}".strip()


@cache
def steps() -> list[Step]:
    return [Step(**given) for given in table()["steps"]]


@dataclass
class Walker:
    """Takes the steps in their order, each as its role."""

    office: FormOffice
    person: Callable[[Role], Sender]

    def take(self, step: Step) -> str:
        """The fault, or nothing; the steps after it are taken all the same."""
        try:
            return self._take(step)
        except (DatabaseError, BrowserError) as error:
            return f"{step}: {str(error).splitlines()[0]}"

    def _take(self, step: Step) -> str:
        with acting(system_actor()):
            if step.prepare:
                PREPARATIONS[step.prepare](self.office)
            for model, values in step.ready.items():
                self._rows(model, step.key).update(**self._read(values, step.key))
            before = self._last_note()
            were = {model: self._found(model, values, step.key) for model, values in step.made.items()}
        fault = self._send(step)
        if fault:
            return f"{step}: {fault}"
        with acting(system_actor()):
            return self._unlike(step, before, were)

    def _send(self, step: Step) -> str:
        sender = self.person(Role(step.role))
        if not step.stays:
            sender.go(self._address(step, step.page or step.send))
        path = self._address(step, step.send).partition("?")[0]
        form = sender.form_to(path, step.press)
        if form is None:
            return f"no form to {path} on {sender.page.url}"
        sender.fill(form, {name: str(value) for name, value in self._read(step.fill, step.key).items()})
        if step.upload:
            _choose_roster(form, step.upload)
        button = sender.button_of(form, step.press)
        if step.downloads:
            with sender.page.expect_download() as download:
                button.click()
            return str(download.value.failure() or "")
        status = sender.press(button).status
        return "" if status in TAKEN else f"answered {status}"

    def _address(self, step: Step, name: str) -> str:
        route = next(route for route in all_routes() if route.name == name)
        args = {**route.args, **step.args} if name == step.send else route.args
        query = urlencode(self._read(step.query, step.key))
        return replace(route, args=args).address(self.office.nation, step.key) + (
            f"?{query}" if query else ""
        )

    def _unlike(self, step: Step, before: int, were: Mapping[str, int]) -> str:
        wrong = []
        for model, values in step.done.items():
            is_ = self._rows(model, step.key).values(*values).get()
            wanted = self._read(values, step.key)
            wrong += [
                f"{model}.{name} is {is_[name]!r}" for name in values if str(is_[name]) != str(wanted[name])
            ]
        for model, values in step.made.items():
            if self._found(model, values, step.key) <= were[model]:
                wrong.append(f"no new {model}")
        if step.noted and not AuditEntry._plain.filter(pk__gt=before, operation=step.noted).exists():
            wrong.append(f"{step.noted} is not noted")
        return f"{step}: {', '.join(wrong)}" if wrong else ""

    def _rows(self, model: str, key: str) -> Any:
        place, _, name = model.rpartition(".")
        row = self.office.nation[place or key][name]
        return _all(type(row)).filter(pk=row.pk)

    def _found(self, model: str, values: Values, key: str) -> int:
        kind = type(self.office.nation[key][model])
        return int(_all(kind).filter(**self._read(values, key)).count())

    def _last_note(self) -> int:
        return int(AuditEntry._plain.order_by("-pk").values_list("pk", flat=True).first() or 0)

    def _read(self, values: Values, key: str) -> dict[str, Any]:
        return {name: self._value(value, key) for name, value in values.items()}

    def _value(self, value: Any, key: str) -> Any:
        if not isinstance(value, str) or not value.startswith("@"):
            return value
        name = value[1:]
        if name == "today":
            return timezone.localdate()
        if name in Role.values():
            return self.office.nation.actors[Role(name)].account_id
        parts = name.split(".")
        place = parts.pop(0) if parts[0] in self.office.nation.rows else key
        row = self.office.nation[place][parts[0]]
        return getattr(row, parts[1] if len(parts) > 1 else "pk")


def _all(kind: Any) -> Any:
    return getattr(kind, "_plain", kind._default_manager)


def _choose_roster(form: Locator, name: str) -> None:
    roster = {"name": "名册.csv", "mimeType": "text/csv", "buffer": as_csv(line(1, "任小川"))}
    form.locator(f"input[name={name}]").set_input_files(roster)  # type: ignore[arg-type]


# ---- what the product's services put in place first ----


def _second_appointment(office: FormOffice) -> None:
    """The chair is a station's clerk as well."""
    actor = office.nation.actors[Role.PRESIDIUM_CHAIR]
    town, station = office.nation["own"]["Jurisdiction"], office.nation["own"]["Station"]
    made = Appointment._plain.create(
        account_id=actor.account_id,
        jurisdiction=town,
        scope_code=town.scope_code,
        role=Role.STATION_CLERK.value,
        station_ref=station.pk,
        starts_on=date(2026, 1, 1),
    )
    office.nation.rows["second"] = {**office.nation["own"], "Appointment": made}


def _another_year(office: FormOffice) -> None:
    """A year whose facts are taken and whose results are still to come: published ones never change."""
    year = copy(office.nation["own"]["Assessment"])
    year.pk, year.year, year.state, year.published_at, year.notices_issued_at = (
        None,
        2025,
        "frozen",
        None,
        None,
    )
    year.save(force_insert=True)
    office.nation.rows["another year"] = {**office.nation["own"], "Assessment": year}


def _next_term(office: FormOffice) -> None:
    """The next term stands beside the running one."""
    running = office.nation["own"]["Term"]
    Term._plain.filter(pk=running.pk).update(state="current")
    made = prepare_term(
        actor=office.nation.actors[Role.PRESIDIUM_CLERK],
        congress_id=running.congress_id,
        number=running.number + 1,
        elected_on=date(2026, 10, 18),
        starts_on=date(2026, 11, 8),
        seats=47,
    )
    office.nation.rows["next"] = {**office.nation["own"], "Term": made}


PREPARATIONS: dict[str, Callable[[FormOffice], None]] = {
    "second appointment": _second_appointment,
    "another year": _another_year,
    "next term": _next_term,
}
