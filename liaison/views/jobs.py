"""后台办理: how far the own jobs are, and the file each leaves."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from liaison.files.downloads import file_answer
from liaison.files.upload_checks import EXTENSIONS
from liaison.identity.gates import actor_of, for_roles, recently_authenticated, to_page
from liaison.identity.roles import REGISTRARS
from liaison.jobs import selectors, services
from liaison.jobs.kinds import kind_of
from liaison.web.pages import page

PAGE_LENGTH = 20


@for_roles(*REGISTRARS)
@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    pages = Paginator(selectors.own_jobs(actor_of(request)), PAGE_LENGTH)
    return page(request, "liaison/jobs.html", "后台办理", page_obj=pages.get_page(request.GET.get("page")))


@for_roles(*REGISTRARS)
@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """Looks again by itself while the job runs; the page may be left."""
    row = selectors.own_job(actor_of(request), pk)
    return page(request, "liaison/job.html", row.title, job=row, kept_days=services.KEPT.days)


@for_roles(*REGISTRARS)
@require_safe
def job_file(request: HttpRequest, pk: int) -> HttpResponse:
    """What the job made, for whoever asked for it, each time noted in the trail."""
    # Refused first: nobody is asked for a password for what is not his.
    selectors.own_job(actor_of(request), pk)
    return recently_authenticated("下载后台办理的结果")(_file)(request, pk)


def _file(request: HttpRequest, pk: int) -> HttpResponse:
    row, part = services.take_file(job_id=pk)
    name = f"{kind_of(row.kind).file_name}.{EXTENSIONS[part.content_type]}"
    return file_answer(bytes(part.content), part.content_type, name)


@for_roles(*REGISTRARS)
@require_POST
def job_forget(request: HttpRequest, pk: int) -> HttpResponse:
    services.forget_file(job_id=pk)
    messages.success(request, "文件已删除。")
    return to_page("jobs")
