"""The renderer's promises: archive format, same bytes, many at once, a clean end of the process."""

import gc
import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pypdf
import pytest
from django.template import TemplateDoesNotExist

from liaison.documents.forms import DocumentForm
from liaison.documents.pdf import render_document, render_documents, render_many, render_pdf
from tests.documents.samples import (
    CIRCULAR,
    CREATED_AT,
    NOTICE,
    ORGAN,
    POSTER,
    RECEPTION,
    REPORT,
    ROSTER,
    ROTA,
    TALK,
)
from tests.liaison.pdf_reading import everything_in, pages_of, text_of

ROOT = Path(__file__).resolve().parents[2]
ALL_FORMS = (NOTICE, REPORT, TALK, CIRCULAR, RECEPTION, ROSTER, POSTER, ROTA)

PRINT_ONE = """
import hashlib, sys
import django
django.setup()
from liaison.documents.pdf import render_document
from tests.documents.samples import CREATED_AT, NOTICE, ORGAN
pdf = render_document(NOTICE, author=ORGAN, created_at=CREATED_AT)
sys.stdout.write(hashlib.sha256(pdf).hexdigest())
"""


def printed(form: DocumentForm) -> bytes:
    return render_document(form, author=ORGAN, created_at=CREATED_AT)


def run_apart(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "liaison.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("form", ALL_FORMS, ids=lambda form: type(form).__name__)
def test_every_form_is_pdf_a_2b(form: DocumentForm) -> None:
    pdf = printed(form)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    root = reader.trailer["/Root"]
    metadata = root["/Metadata"].get_data().decode()
    assert re.search(r'pdfaid:part="2"|<pdfaid:part>2<', metadata)
    assert re.search(r'pdfaid:conformance="B"|<pdfaid:conformance>B<', metadata)
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert len(reader.trailer["/ID"]) == 2
    assert "/Encrypt" not in reader.trailer
    assert not re.search(rb"/(JavaScript|Launch|EmbeddedFile|SubmitForm|URI)\b", everything_in(pdf))
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font["/DescendantFonts"][0]["/FontDescriptor"]
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(inner), "a font is not in the file"


def test_file_carries_title_author_and_time() -> None:
    reader = pypdf.PdfReader(io.BytesIO(printed(NOTICE)))
    assert reader.metadata is not None
    assert reader.metadata.title == "关于2025年度代表履职测评结果的反馈通知书（张建国）"
    assert reader.metadata.author == ORGAN
    assert reader.metadata.creation_date == CREATED_AT
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"


@pytest.mark.parametrize("form", ALL_FORMS, ids=lambda form: type(form).__name__)
def test_same_form_gives_same_bytes(form: DocumentForm) -> None:
    first = printed(form)
    printed(replace(NOTICE, deputy_name="李秀英"))  # another document in between leaves no trace
    assert printed(form) == first


def test_same_bytes_in_another_process_which_ends_cleanly() -> None:
    """Also watches the end: a font list freed too late crashed the process after the work was done."""
    ends = [run_apart(PRINT_ONE, PYTHONHASHSEED=seed) for seed in ("1", "2")]
    assert [end.returncode for end in ends] == [0, 0], ends[0].stderr + ends[1].stderr
    assert ends[0].stdout == ends[1].stdout
    assert len(ends[0].stdout) == 64


def test_other_content_gives_another_identifier() -> None:
    def identifier(pdf: bytes) -> object:
        return pypdf.PdfReader(io.BytesIO(pdf)).trailer["/ID"][0]

    assert identifier(printed(NOTICE)) != identifier(printed(replace(NOTICE, deputy_name="李秀英")))


def test_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        render_document(NOTICE, author=ORGAN, created_at=datetime(2026, 1, 20))  # noqa: DTZ001


def test_unknown_template_is_an_error() -> None:
    with pytest.raises(TemplateDoesNotExist):
        render_pdf("../base.html", {}, title="甲", author="乙", created_at=CREATED_AT)


def test_batch_starts_each_document_on_a_fresh_sheet_with_its_own_numbers() -> None:
    forms = [REPORT, replace(REPORT, deputy_name="李秀英")]
    pdf = render_documents(forms, title="整改报告", author=ORGAN, created_at=CREATED_AT)
    pages = [page.extract_text() for page in pages_of(pdf)]
    assert len(pages) == 4
    assert "张建国" in pages[0]
    assert "李秀英" in pages[2]
    assert pages[1].strip() == pages[3].strip() == ""
    assert "第1页" in pages[2]
    single = render_documents(forms, title="整改报告", author=ORGAN, created_at=CREATED_AT, duplex=False)
    assert len(pages_of(single)) == 2


def test_batch_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no document"):
        render_many("feedback_notice.html", [], title="甲", author="乙", created_at=CREATED_AT)
    with pytest.raises(ValueError, match="no document"):
        render_documents([], title="甲", author="乙", created_at=CREATED_AT)


def test_forms_of_two_kinds_go_into_one_file_in_their_order() -> None:
    pdf = render_documents([REPORT, NOTICE], title="甲", author="乙", created_at=CREATED_AT, duplex=False)
    text = text_of(pdf).replace(" ", "")
    assert text.index("履职测评整改报告") < text.index("反馈通知书")


def test_worker_forked_after_printing_can_print() -> None:
    """Celery forks its workers; the parent may have printed before."""
    code = PRINT_ONE + (
        "import os\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    same = render_document(NOTICE, author=ORGAN, created_at=CREATED_AT) == pdf\n"
        "    os._exit(0 if same else 3)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0\n"
        "assert render_document(NOTICE, author=ORGAN, created_at=CREATED_AT) == pdf\n"
    )
    end = run_apart(code)
    assert end.returncode == 0, end.stderr


def test_threads_print_their_own_document() -> None:
    from concurrent.futures import ThreadPoolExecutor

    names = ["张建国", "李秀英", "王喆堃", "阿依古丽·买买提"]
    with ThreadPoolExecutor(4) as pool:
        files = list(pool.map(lambda name: printed(replace(NOTICE, deputy_name=name)), names))
    assert [name in text_of(pdf) for name, pdf in zip(names, files, strict=True)] == [True] * 4


def _resident_kb() -> int:
    gc.collect()
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1])


def test_font_list_and_styles_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A font list per document cost half a gigabyte after 21 documents."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("made again for one document")

    printed(NOTICE)
    monkeypatch.setattr("weasyprint.document.FontConfiguration", refuse)
    monkeypatch.setattr("liaison.documents.pdf.engine.load_fonts", refuse)
    monkeypatch.setattr("liaison.documents.pdf.engine.CSS", refuse)
    printed(TALK)


def test_47_notices_are_quick_and_memory_stays_flat(record_property: Callable[[str, object], None]) -> None:
    for number in range(3):
        printed(replace(NOTICE, document_no=f"庄人主〔2026〕{number}号"))
    before, started = _resident_kb(), time.perf_counter()
    for number in range(47):
        printed(replace(NOTICE, document_no=f"庄人主〔2026〕{number + 10}号"))
    each = (time.perf_counter() - started) / 47 * 1000
    grown = (_resident_kb() - before) / 1024
    record_property("ms_per_notice", round(each))
    record_property("grown_mb", round(grown, 1))
    assert each < 2_000, "a notice takes seconds: is libharfbuzz-subset missing?"
    assert grown < 60, "memory grows with every notice: the font list is not shared"
