#!/usr/bin/env python
"""Django's command line; chooses the database role the command needs."""

import os
import sys

# These change the schema or the walls, so they connect as the role that owns the tables; everything
# else runs as a role that owns nothing (reliability: the app connects as a role that owns nothing).
OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "showmigrations", "apply_walls", "dbshell"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liaison.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["LIAISON_DB_ROLE"] = "owner"
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # The sentence is for whoever keeps the office's settings; the way Python got there is not.
        sys.exit(str(error))


if __name__ == "__main__":
    main()
