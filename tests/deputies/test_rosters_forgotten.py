"""An imported roster is kept nowhere: neither by the import, nor by one made before this rule."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings as live_settings
from django.test import Client

from deputies.models import RosterImport, Term
from deputies.roster_import.preview import Options
from deputies.roster_import.write import import_roster
from liaison.files.uploads import file_url, store_bytes
from liaison.models import StoredFile
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import FileKind
from tests.deputies.rosters import ZHUANGZI
from tests.factories import NOW
from tests.liaison.test_mending import insert, older  # noqa: F401

FORGET: Any = importlib.import_module("deputies.migrations.0004_forget_rosters")


def stored_lists() -> list[Path]:
    return sorted(Path(live_settings.MEDIA_ROOT).rglob("*.xlsx"))


def test_after_the_import_only_name_and_digest_of_the_roster_are_left(clerk: Actor, term: Term) -> None:
    before = stored_lists()
    with acting(clerk):
        options = Options({}, constituencies=True, groups=True)
        import_roster(
            actor=clerk, term_id=term.pk, data=ZHUANGZI, file_name="名册.xlsx", options=options, now=NOW
        )
        record = RosterImport.scoped(clerk).get()
        assert (str(record.file_name), len(record.file_sha256)) == ("名册.xlsx", 64)
        assert (StoredFile.scoped(clerk).count(), stored_lists()) == (0, before)


def test_a_list_is_opened_by_its_number_for_nobody(
    clerk: Actor, sign_in: Callable[[Actor], Client], tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with acting(system_actor()):
        stored = store_bytes(
            "姓名,电话\n王建国,13800001111\n".encode(), name="名册.csv", kind=FileKind.SHEET, content_type="text/csv",
            scope_code=clerk.lo, now=NOW,
        )  # fmt: skip
    client = sign_in(clerk)
    assert client.get(f"/files/{stored.pk}/").status_code == 403
    assert client.get(file_url(clerk, stored).replace("key=", "key=x")).status_code == 403


def test_rosters_imported_before_are_forgotten_and_what_they_were_stays_known(older: Any) -> None:  # noqa: F811
    older.execute("ALTER TABLE deputies_rosterimport ADD COLUMN source_id bigint")
    files = {
        name: insert(
            older,
            "liaison_storedfile",
            kind=kind,
            original_name=name,
            path=f"2026/01/{name}",
            sha256="a" * 64,
        )
        for name, kind in (("名册.xlsx", "sheet"), ("照片.jpg", "photo"), ("另一份.csv", "sheet"))
    }
    insert(older, "deputies_rosterimport", source_id=files["名册.xlsx"], scope_code=1)
    assert FORGET.forget(older) == ["2026/01/名册.xlsx"]
    older.execute("SELECT file_name, file_sha256, source_id FROM deputies_rosterimport")
    assert older.fetchall() == [("名册.xlsx", "a" * 64, None)]
    older.execute("SELECT original_name FROM liaison_storedfile ORDER BY id")
    assert [name for (name,) in older.fetchall()] == ["照片.jpg", "另一份.csv"]
    assert FORGET.forget(older) == []
