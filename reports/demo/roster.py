"""Bringing an office's own roster file in, as the clerk does: read, checked, confirmed."""

from datetime import datetime
from pathlib import Path

from deputies.models import Term
from deputies.roster_file import read_roster
from deputies.roster_rules import KnownCongress, check_rows
from deputies.services import create_constituency, create_group, enrol_deputy
from liaison.errors import Refused
from liaison.scope import Actor
from liaison.workdays import china_date


def import_roster(*, actor: Actor, term: Term, path: Path, now: datetime) -> int:
    """Enrol everybody of the file; ``Refused`` when a row has an error. Returns how many."""
    roster = read_roster(path.read_bytes())
    known = KnownCongress(elected_on=term.elected_on, may_create_constituencies=True, may_create_groups=True)
    report = check_rows(roster.rows, known, china_date(now))
    if any(m.severity == "error" for m in report.all_messages):
        raise Refused("名册有错误，没有导入。")
    places = {
        p.name: create_constituency(actor=actor, term_id=term.pk, name=p.name, number=p.number, now=now).pk
        for p in report.new_constituencies
    }
    groups = {
        p.name: create_group(actor=actor, term_id=term.pk, name=p.name, number=p.number, now=now).pk
        for p in report.new_groups
    }
    for line in report.rows:
        row = line.row
        enrol_deputy(
            actor=actor,
            term_id=term.pk,
            person={
                "name": row.name, "sex": row.sex, "ethnicity": row.ethnicity, "born_on": row.born_on,
                "political_status": row.political_status, "education": row.education,
                "occupation": row.occupation, "phone": row.phone, "address": row.address,
            },
            seat={
                "election_way": row.election_way, "elected_on": row.elected_on,
                "constituency_id": places[row.constituency], "list_number": row.list_number,
                "concurrent_seat": row.concurrent_seat, "fixed_contact_target": row.fixed_contacts or 0,
                "remark": row.remark,
            },
            group_id=groups.get(row.group),
            post=row.group_post,
            now=now,
        )  # fmt: skip
    return len(report.rows)
