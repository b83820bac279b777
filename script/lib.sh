# shellcheck shell=bash
# Shared by test and bench. Sourced, not run.

# Starts the embedded servers of a folder of their own and exports how to reach them.
#   start_servers FOLDER [--throw-away]
start_servers() {
    local urls
    urls=$(.venv/bin/python -m liaison.launcher start --data "$@")
    eval "$urls"
    export LIAISON_ENV=test LIAISON_DATA_DIR="$PWD/$1"
    export LIAISON_FONT_DIR="${LIAISON_FONT_DIR:-$PWD/.local/fonts}"
    [ ! -f "$LIAISON_FONT_DIR/fonts.conf" ] || export FONTCONFIG_FILE="$LIAISON_FONT_DIR/fonts.conf"
    export SECRET_KEY=only-for-tests-only-for-tests-only-for-tests-only-for-tests
    export FIELD_KEY=b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMDA= AUDIT_SALT=only-for-tests
    unset EMAIL_HOST EMAIL_HOST_USER EMAIL_HOST_PASSWORD EMAIL_USE_TLS SITE_URL TRUSTED_PROXIES ALLOWED_HOSTS \
        CSRF_TRUSTED_ORIGINS LIAISON_DB_ROLE
}

# One user of the folder's servers at a time: the first to end would stop them under the second.
hold() {
    mkdir -p "$1"
    exec 9>"$1.lock"
    flock -n 9 || { echo "waiting for another run in this checkout" >&2; flock 9; }
}

stop_servers() { .venv/bin/python -m liaison.launcher stop --data "$1"; }
