"""Addresses of signing in and of one's own account."""

from django.urls import path

from liaison.views import account, files, giving, jobs, second_factor, sign_in

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("account/confirm/", sign_in.reauthenticate, name="reauthenticate"),
    path("account/second-factor/", second_factor.verify, name="second_factor"),
    path("account/second-factor/enrol/", second_factor.enrol, name="second_factor_enrol"),
    path("account/appointments/", account.appointments, name="appointments"),
    path("account/appointments/switch/", account.switch_appointment, name="switch_appointment"),
    path("account/password/", account.password_change, name="password_change"),
    path("account/password/done/", account.password_change_done, name="password_change_done"),
    path("account/preferences/", account.preferences, name="preferences"),
    path("accounts/give/all/", giving.give_all_accounts, name="give_all_accounts"),
    path("accounts/give/<str:kind>/", giving.give_accounts, name="give_accounts"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/file/", jobs.job_file, name="job_file"),
    path("jobs/<int:pk>/forget/", jobs.job_forget, name="job_forget"),
    path("notifications/", account.notifications, name="notifications"),
    path("notifications/read/", account.notifications_read, name="notifications_read"),
    path("files/<int:pk>/", files.file, name="file"),
]
