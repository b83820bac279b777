"""The second factor: an authenticator on the phone, with printed recovery codes beside it."""

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp import login as otp_login

from liaison.identity import accounts, second_factor
from liaison.identity.gates import account_of, confirm, prove_second_factor, safe_next, signed_in, to_page
from liaison.models import Authenticator
from liaison.web.forms import TokenForm

REFUSED_CODE = "验证码不正确、已用过或已过期。请稍等几秒，用新出现的验证码再试。"


@sensitive_post_parameters("token")
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for the code of an enrolled device; whoever has none is led to enrolling."""
    account = account_of(request)
    if account.second_factor is None:
        return to_page("second_factor_enrol", next=safe_next(request))
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        device = second_factor.match(account, form.cleaned_data["token"])
        if device is not None:
            otp_login(request, device)
            prove_second_factor(request)
            accounts.note_of(account, "second_factor")
            return HttpResponseRedirect(safe_next(request))
        accounts.note_of(account, "second_factor_refused")
        form.add_error("token", REFUSED_CODE)
    return render(request, "liaison/second_factor.html", {"form": form, "next": safe_next(request)})


@sensitive_post_parameters("token")
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Bind an authenticator: begin, scan, give one code; then the recovery codes are shown once."""
    account = account_of(request)
    if account.second_factor is not None:
        messages.info(request, "您已绑定验证器。更换手机时，请联系安全管理员解除原绑定。")
        return to_page("second_factor", next=safe_next(request))
    if request.method == "POST" and "begin" in request.POST:
        second_factor.begin(account)
        return to_page("second_factor_enrol", next=safe_next(request))
    device = second_factor.pending(account)
    form = TokenForm(request.POST if request.method == "POST" else None)
    if device is not None and request.method == "POST" and form.is_valid():
        codes = second_factor.complete(account, device, form.cleaned_data["token"])
        if codes is not None:
            return _enrolled(request, device, codes)
        form.add_error("token", REFUSED_CODE)
    context: dict[str, object] = {"form": form, "next": safe_next(request)}
    if device is not None:
        context |= {
            "picture": segno.make(device.config_url).svg_data_uri(scale=5),
            "key": second_factor.key_of(device),
        }
    return render(request, "liaison/second_factor_enrol.html", context)


def _enrolled(request: HttpRequest, device: Authenticator, codes: list[str]) -> HttpResponse:
    otp_login(request, device)
    prove_second_factor(request)
    confirm(request)
    context = {"codes": codes, "next": safe_next(request), "enrolled_at": timezone.now()}
    return render(request, "liaison/second_factor_enrol.html", context)
