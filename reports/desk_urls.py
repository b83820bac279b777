"""Addresses of the desk; the service worker governs exactly what stands below."""

from django.urls import path

from reports.views import desk

urlpatterns = [
    path("desk/", desk.desk, name="reports_desk"),
    path("desk/state/", desk.state, name="reports_desk_state"),
    path("desk/token/", desk.token, name="reports_desk_token"),
    path("desk/shell/", desk.shell, name="reports_desk_shell"),
    path("desk/worker.js", desk.worker, name="reports_desk_worker"),
    path("desk/manifest.webmanifest", desk.manifest, name="reports_desk_manifest"),
]
