"""The rows an installation comes with: working calendar, deadline policies, activity kinds, schemes.

They are written after the migrations and not by them: the walls and the trail stand by then, and a row an
office has changed, or one a later version adds, is told from one that is missing by looking.
"""

from datetime import datetime

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from liaison import hooks
from liaison.calendar.policies import seed_policies
from liaison.calendar.working import load_default_years
from liaison.tenancy.scope import acting, system_actor


def write_shipped(*, now: datetime) -> bool:
    """Write what is missing; False, with nothing written, while migrations are still to be applied."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    with acting(system_actor(name="系统自带数据")):
        load_default_years(now)
        seed_policies()
        for write in hooks.shipped_data:
            write()
    return True
