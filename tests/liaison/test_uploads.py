"""The one door for files: what comes in is repainted or plain, what goes out cannot run."""

import hashlib
import io
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from liaison.files import uploads
from liaison.files.upload_checks import PDF, checked
from liaison.files.uploads import (
    file_response,
    file_url,
    forget,
    plain_name,
    read_bytes,
    store_bytes,
    store_upload,
)
from liaison.identity import access
from liaison.models import Appointment, AuditEntry, StoredFile
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import FileKind, Role
from liaison.words.errors import InvalidInput, OutOfScope, Refused
from tests.factories import NOBODY, NOW, World, make_account
from tests.liaison.hostile_files import (
    GPS_TAG,
    MARK,
    ROSTER,
    Hostile,
    corpus,
    jpeg,
    located,
    packed_pdf,
    pdf,
    png,
    workbook,
)

pytestmark = [pytest.mark.urls("tests.liaison.ground_urls"), pytest.mark.usefixtures("ground_only")]

CORPUS = corpus()


def keep(actor: Actor, data: bytes, name: str = "照片.jpg", kind: FileKind = FileKind.PHOTO) -> StoredFile:
    with acting(actor):
        return store_upload(SimpleUploadedFile(name, data), kind=kind, scope_code=actor.lo, now=NOW)


def files_on_disk(settings: Any) -> list[Path]:
    root = Path(settings.MEDIA_ROOT)
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


def try_to_keep(hostile: Hostile) -> bytes | None:
    """What would be stored of it; ``None`` when it is refused."""
    try:
        return checked(hostile.data, plain_name(hostile.name), hostile.kind).data
    except InvalidInput:
        return None


class TestHostileFiles:
    def test_the_corpus_is_large_and_without_repetition(self) -> None:
        assert len(CORPUS) >= 60
        assert len({hostile.title for hostile in CORPUS}) == len(CORPUS)

    @pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: hostile.title)
    def test_refused_or_repainted(self, hostile: Hostile) -> None:
        kept = try_to_keep(hostile)
        if kept is None:
            return
        assert kept != hostile.data
        assert MARK not in kept
        with Image.open(io.BytesIO(kept)) as image:
            assert (image.format, image.mode) == ("JPEG", "RGB")
            assert not image.getexif()
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}

    @pytest.mark.parametrize(
        ("title", "reason"),
        [
            ("photo lying about its size", "像素"),
            ("photo cut in half", "已损坏"),
            ("paper with a packed script", "脚本"),
            ("paper packed under an escaped name", "脚本"),
            ("paper packed far from its name", "脚本"),
            ("paper that unpacks without end", "解开后过大"),
            ("paper followed by a page", "夹带"),
            ("bomb", "解开后过大"),
            ("macros named as a plain list", "宏"),
            ("billion laughs", "已损坏"),
            ("script after the archive", "夹带"),
            ("formula that fetches", "表格第2行B列有会联网或调用其他程序的公式"),
            ("formula in a cell", "表格第3行A列是公式，而 CSV 文件不保存公式的结果"),
            ("link to another file", "引用其他表格"),
            ("table from a data source", "数据源"),
            ("embedded file", "嵌入了其他文件"),
            ("workbook of the kind with macros", "另存为"),
            ("template", "模板"),
        ],
    )
    def test_the_refusal_names_the_reason(self, title: str, reason: str) -> None:
        hostile = next(each for each in CORPUS if each.title == title)
        with pytest.raises(InvalidInput, match=reason) as caught:
            checked(hostile.data, plain_name(hostile.name), hostile.kind)
        assert list(caught.value.fields) == ["file"]

    def test_none_is_kept_as_it_came(self) -> None:
        kept = [hostile.title for hostile in CORPUS if try_to_keep(hostile) == hostile.data]
        assert kept == []
        # Most are refused outright; only true pictures are painted anew.
        repainted = [hostile.title for hostile in CORPUS if try_to_keep(hostile) is not None]
        assert all(word.startswith(("photo", "picture")) for word in repainted), repainted

    def test_nothing_of_a_refused_file_stays(self, clerk: Actor, settings: Any) -> None:
        for hostile in CORPUS[:5]:
            with pytest.raises(InvalidInput):
                keep(clerk, hostile.data, hostile.name, hostile.kind)
        assert files_on_disk(settings) == []
        with acting(clerk):
            assert StoredFile.scoped(clerk).count() == 0


class TestPictures:
    def test_the_position_is_gone(self) -> None:
        with Image.open(io.BytesIO(located())) as image:
            assert image.getexif().get_ifd(GPS_TAG)
        kept = checked(located(), "a.jpg", FileKind.PHOTO).data
        with Image.open(io.BytesIO(kept)) as image:
            assert not image.getexif().get_ifd(GPS_TAG)
        assert b"Exif" not in kept

    def test_a_photo_taken_sideways_is_turned(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        kept = checked(jpeg((64, 48), exif=exif.tobytes()), "a.jpg", FileKind.PHOTO).data
        with Image.open(io.BytesIO(kept)) as image:
            assert image.size == (48, 64)

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
    def test_every_mode_becomes_plain_colour(self, mode: str) -> None:
        kept = checked(png(mode=mode), "a.png", FileKind.PHOTO)
        with Image.open(io.BytesIO(kept.data)) as image:
            assert (image.mode, image.size, kept.content_type) == ("RGB", (64, 48), "image/jpeg")

    def test_what_was_transparent_is_white(self) -> None:
        out = io.BytesIO()
        Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
        with Image.open(io.BytesIO(checked(out.getvalue(), "a.png", FileKind.SCAN).data)) as image:
            assert min(image.convert("L").get_flattened_data()) > 250


class TestKeeping:
    def test_a_stored_file_lies_under_a_random_name(self, clerk: Actor, settings: Any) -> None:
        first, second = keep(clerk, jpeg()), keep(clerk, jpeg())
        (path, other) = sorted(files_on_disk(settings))
        assert path.name != other.name
        assert path.parent == Path(settings.MEDIA_ROOT) / "2026" / "01"
        assert (len(path.stem), path.suffix) == (40, ".jpg")
        assert path.stat().st_mode & 0o777 == 0o640
        assert first.sha256 == hashlib.sha256(read_bytes(first)).hexdigest() == second.sha256
        assert first.size == len(read_bytes(first))
        assert "照片" not in first.path

    @pytest.mark.parametrize(
        ("name", "kind", "data", "kept"),
        [
            ("名册.xlsx", FileKind.SHEET, workbook(), "名册.xlsx"),
            ("名册.csv", FileKind.SHEET, ROSTER, "名册.csv"),
            ("名册.CSV", FileKind.SHEET, "姓名,电话\n王建国,1\n".encode("gb18030"), "名册.CSV"),
            ("扫描.pdf", FileKind.SCAN, pdf(), "扫描.pdf"),
            ("新式.pdf", FileKind.SCAN, packed_pdf(b"9 0 << /Type /Font >>"), "新式.pdf"),
            ("合计.xlsx", FileKind.SHEET, workbook(formula="=SUM(A1:A9)"), "合计.xlsx"),
        ],
    )
    def test_plain_files_are_kept_as_they_are(
        self, clerk: Actor, name: str, kind: FileKind, data: bytes, kept: str
    ) -> None:  # fmt: skip
        stored = keep(clerk, data, name, kind)
        assert (stored.original_name, read_bytes(stored)) == (kept, data)

    def test_an_old_list_of_an_office_is_kept(self, clerk: Actor) -> None:
        path = Path(__file__).parents[1] / "data" / "庄子乡代表名册.xls"
        data = path.read_bytes()
        assert read_bytes(keep(clerk, data, path.name, FileKind.SHEET)) == data

    @pytest.mark.parametrize(
        ("given", "plain"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\合影.jpg", "合影.jpg"),
            (".htaccess", "htaccess"),
            ("a\r\nSet-Cookie: x.jpg", "a Set-Cookie: x.jpg"),
            ("photo\u202egpj.exe", "photogpj.exe"),
            ("x" * 300 + ".jpg", "x" * 96 + ".jpg"),
            ("", "未命名"),
            ("/", "未命名"),
        ],
    )
    def test_names_are_made_plain(self, given: str, plain: str) -> None:
        assert plain_name(given) == plain
        assert len(plain_name(given)) <= 100

    def test_a_picture_is_called_what_it_became(self, clerk: Actor) -> None:
        assert keep(clerk, png(), "合影.PNG").original_name == "合影.jpg"
        assert keep(clerk, jpeg(), "a.php").original_name == "a.jpg"

    def test_not_into_another_township(self, clerk: Actor, other_clerk: Actor, settings: Any) -> None:
        with acting(clerk), pytest.raises(OutOfScope):
            store_bytes(
                b"x",
                name="a.pdf",
                kind=FileKind.DOCUMENT,
                content_type=PDF,
                scope_code=other_clerk.lo,
                now=NOW,
            )
        assert files_on_disk(settings) == []

    def test_a_full_disk_leaves_nothing_half_written(
        self, clerk: Actor, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(uploads.StorageError, match="存储空间") as caught:
            keep(clerk, jpeg())
        assert caught.value.status == 507
        assert files_on_disk(settings) == []

    def test_a_refused_row_leaves_no_file(
        self, clerk: Actor, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise RuntimeError("row")

        monkeypatch.setattr(StoredFile, "save", refuse)
        with pytest.raises(RuntimeError):
            keep(clerk, jpeg())
        assert files_on_disk(settings) == []

    def test_storing_is_audited_without_the_name(self, clerk: Actor) -> None:
        stored = keep(clerk, jpeg(), "王建国身份证.jpg")
        with acting(clerk):
            entry = AuditEntry.scoped(clerk).get(operation="store_file")
        assert entry.row_ref == stored.pk
        assert stored.sha256 in entry.detail
        assert "王建国" not in entry.detail


class TestServing:
    def get(self, client: Client, stored: StoredFile, key: str = "") -> Any:
        return client.get(f"/files/{stored.pk}/", {"key": key} if key else {})

    def test_a_clerk_opens_the_townships_files(self, clerk: Actor, sign_in: Any) -> None:
        stored = keep(clerk, pdf(), "群众来信（原件）.pdf", FileKind.REPORT)
        answer = self.get(sign_in(clerk), stored)
        assert (answer.status_code, answer.content) == (200, pdf())
        disposition = answer["Content-Disposition"]
        assert disposition.startswith("attachment; filename*=utf-8''")
        assert unquote(disposition.partition("''")[2]) == "群众来信（原件）.pdf"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer["Cache-Control"] == "private, no-store"
        with acting(clerk):
            assert AuditEntry.scoped(clerk).get(operation="open_file").row_ref == stored.pk

    def test_a_scan_is_opened_by_the_page_of_its_record_alone(self, clerk: Actor, sign_in: Any) -> None:
        stored, client = keep(clerk, pdf(), "签字登记表.pdf", FileKind.SCAN), sign_in(clerk)
        assert self.get(client, stored).status_code == 403
        key = file_url(clerk, stored).partition("key=")[2]
        assert self.get(client, stored, unquote(key)).status_code == 200

    def test_a_photo_is_shown_and_still_cannot_run(self, clerk: Actor, sign_in: Any) -> None:
        answer = self.get(sign_in(clerk), keep(clerk, jpeg()))
        assert answer["Content-Disposition"].startswith("inline;")
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer["Content-Type"] == "image/jpeg"

    def test_an_uploaded_paper_is_never_shown_inline(self, clerk: Actor) -> None:
        stored = keep(clerk, pdf(), "a.pdf", FileKind.SCAN)
        with acting(clerk):
            assert file_response(clerk, stored, inline=True)["Content-Disposition"].startswith("attachment")

    def test_our_own_document_opens_in_the_reader(self, clerk: Actor) -> None:
        with acting(clerk):
            stored = store_bytes(
                pdf(),
                name="通知书.pdf",
                kind=FileKind.DOCUMENT,
                content_type=PDF,
                scope_code=clerk.lo,
                now=NOW,
            )
            answer = file_response(clerk, stored, inline=True)
        assert answer["Content-Disposition"].startswith("inline;")
        assert "sandbox" not in answer["Content-Security-Policy"]

    @pytest.mark.parametrize("absent", [False, True])
    def test_foreign_and_absent_files_answer_alike(
        self, clerk: Actor, other_clerk: Actor, sign_in: Any, absent: bool
    ) -> None:  # fmt: skip
        stored = keep(other_clerk, jpeg())
        if absent:
            stored.pk += 1000
        answer = self.get(sign_in(clerk), stored)
        assert answer.status_code == 404
        assert "不在您的管辖范围内" in answer.content.decode()
        with acting(clerk), pytest.raises(OutOfScope):
            file_response(clerk, stored)

    @pytest.mark.usefixtures("policies_down")
    def test_a_foreign_file_is_not_found_even_if_the_database_would_give_it(
        self, clerk: Actor, other_clerk: Actor
    ) -> None:
        stored = keep(other_clerk, jpeg())
        with acting(clerk), pytest.raises(OutOfScope):
            access.stored_file(clerk, stored.pk)

    def test_a_deputy_needs_the_link_of_a_page(
        self, clerk: Actor, deputy_actor: Actor, world: World, sign_in: Any
    ) -> None:
        """All deputies share the township's scope; a notice is for one of them."""
        stored, other = keep(clerk, jpeg()), keep(clerk, jpeg())
        client = sign_in(deputy_actor)
        assert self.get(client, stored).status_code == 403
        with acting(deputy_actor):
            link = file_url(deputy_actor, stored)
        assert client.get(link).status_code == 200
        key = link.partition("key=")[2]
        assert client.get(f"/files/{other.pk}/?key={key}").status_code == 403
        assert client.get(f"/files/{stored.pk}/?key={key[:-1]}").status_code == 403
        neighbour = make_account(world["庄子乡"], Role.DEPUTY)
        assert sign_in(neighbour).get(link).status_code == 403
        elsewhere = make_account(world["长凝镇"], Role.DEPUTY)
        assert sign_in(elsewhere).get(link).status_code == 404

    def test_a_link_ends_with_the_appointment_it_was_made_for(
        self, clerk: Actor, deputy_actor: Actor, sign_in: Any
    ) -> None:
        """Whoever goes on in another one asks its own pages."""
        stored = keep(clerk, jpeg())
        with acting(deputy_actor):
            link = file_url(deputy_actor, stored)
        with acting(system_actor()):
            second = Appointment._plain.create(
                account_id=deputy_actor.account_id, jurisdiction_id=deputy_actor.jurisdiction_id,
                scope_code=deputy_actor.lo, role=Role.STATION_CLERK, station_ref=NOBODY, starts_on=date(2021, 5, 1),
            )  # fmt: skip
        other = replace(deputy_actor, appointment_id=second.pk)
        assert sign_in(deputy_actor).get(link).status_code == 200
        assert sign_in(other).get(link).status_code == 403

    def test_a_stranger_signs_in_first(self, clerk: Actor, client: Client) -> None:
        assert self.get(client, keep(clerk, jpeg())).status_code == 302

    def test_what_the_disk_altered_is_not_served(self, clerk: Actor, settings: Any, sign_in: Any) -> None:
        stored = keep(clerk, jpeg())
        path = Path(settings.MEDIA_ROOT) / stored.path
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        assert self.get(sign_in(clerk), stored).status_code == 409
        path.unlink()
        with pytest.raises(Refused, match="备份"):
            read_bytes(stored)

    def test_a_path_that_leads_out_is_not_followed(self, clerk: Actor) -> None:
        stored = keep(clerk, jpeg())
        stored.path = "../../../../etc/hostname"
        with pytest.raises(OutOfScope):
            read_bytes(stored)

    def test_queries_of_one_file(
        self, clerk: Actor, sign_in: Any, django_assert_max_num_queries: Any
    ) -> None:
        client, stored = sign_in(clerk), keep(clerk, jpeg())
        with django_assert_max_num_queries(22):
            assert self.get(client, stored).status_code == 200


def test_a_forgotten_file_is_gone_from_table_and_disk(
    clerk: Actor, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with acting(clerk):
        stored = store_bytes(
            b"%PDF-1.4\n%%EOF\n", name="甲.pdf", kind=FileKind.SCAN, content_type="application/pdf",
            scope_code=clerk.lo, now=NOW,
        )  # fmt: skip
    path = settings.MEDIA_ROOT / stored.path
    with django_capture_on_commit_callbacks() as later, acting(clerk):
        forget(stored)
        # Until it is certain the bytes stay: the transaction may still be undone.
        assert path.exists()
    for call in later:
        call()
    assert not path.exists()
    with acting(system_actor()):
        assert StoredFile._plain.count() == 0


def test_nobody_forgets_the_files_of_another_place(clerk: Actor, other_clerk: Actor) -> None:
    with acting(clerk):
        stored = store_bytes(
            b"%PDF-1.4\n%%EOF\n", name="甲.pdf", kind=FileKind.SCAN, content_type="application/pdf",
            scope_code=clerk.lo, now=NOW,
        )  # fmt: skip
    with acting(other_clerk), pytest.raises(OutOfScope):
        forget(stored)
