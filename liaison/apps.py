"""The ground floor's registration: walls and shipped rows after each migrate, checks, the admin site."""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig
from django.core.checks import register
from django.db.models.signals import post_migrate


def _furnish(sender: AppConfig, **kwargs: Any) -> None:
    """After a migration by the owner of the tables: the walls, then the rows an installation comes with.

    Behind the walls, so that the trail names these rows like any other. Not after half of the migrations:
    the tables have their last shape only after the last.
    """
    from django.conf import settings
    from django.utils import timezone

    from liaison.shipping import write_shipped
    from liaison.tenancy.rls import apply_walls

    if settings.DATABASES["default"]["USER"] in ("liaison_web", "liaison_worker"):
        return
    apply_walls()
    write_shipped(now=timezone.now())


class LiaisonConfig(AppConfig):
    name = "liaison"
    verbose_name = "基础设置"

    def ready(self) -> None:
        from django.contrib.auth.models import update_last_login
        from django.contrib.auth.signals import user_logged_in

        import liaison.checks  # noqa: F401  (registers the system checks)
        from liaison.documents.checks import check_pdf
        from liaison.jobs import account_slips, kinds

        register(check_pdf)
        kinds.register(account_slips.KIND, account_slips.JOB)

        # Sign-ins are noted in the audit trail; a second, unaudited write of the account is not wanted.
        user_logged_in.disconnect(update_last_login, dispatch_uid="update_last_login")
        # After the last app that has tables, so that every table is there to be walled.
        last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
        post_migrate.connect(_furnish, sender=last, dispatch_uid="liaison-walls")


class LiaisonAdminConfig(AdminConfig):
    default_site = "liaison.web.admin_site.LiaisonAdminSite"

    def ready(self) -> None:
        """Close what other packages open in the back office: their pages know neither roles nor scopes.

        Groups of Django's permissions are not used, and second factors are kept on the accounts' page.
        """
        super().ready()
        from django.contrib import admin
        from django.contrib.auth.models import Group
        from django_otp.plugins.otp_static.models import StaticDevice

        admin.site.unregister((Group, StaticDevice))
