# One image for web, worker, beat and the one-off preparation; docker-compose.yml says which is which.
FROM python:3.13-slim-bookworm AS system
# Named one by one: without libharfbuzz-subset0 a printed page takes 12 s instead of 0.08 s.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libmagic1 zlib1g \
    fontconfig-config fonts-noto-cjk fonts-liberation \
 && rm -rf /var/lib/apt/lists/*
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

FROM system AS build
COPY requirements.lock /tmp/
RUN python -m venv /opt/venv \
 && pip install --no-cache-dir --disable-pip-version-check --only-binary :all: --require-hashes \
    -r /tmp/requirements.lock \
 && python -m compileall -q /opt/venv
WORKDIR /opt/liaison
COPY . .
# Fandol fonts out of their Debian package, Noto cut to the characters an office needs.
RUN apt-get update && python -m liaison.launcher.fonts /opt/fonts && rm -rf /var/lib/apt/lists/*

FROM system
RUN useradd --system --uid 10001 --user-group --home-dir /nonexistent --shell /usr/sbin/nologin liaison \
 && install -d -o liaison -g liaison -m 0750 /var/lib/liaison
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/fonts /opt/fonts
COPY --from=build /opt/liaison /opt/liaison
WORKDIR /opt/liaison
# /tmp is the only place besides the data volume that is written to: the root file system may be read-only.
ENV LIAISON_ENV=production LIAISON_DATA_DIR=/var/lib/liaison LIAISON_FONT_DIR=/opt/fonts \
    FONTCONFIG_FILE=/opt/fonts/fonts.conf XDG_CACHE_HOME=/tmp/cache WEB_HOST=0.0.0.0 WEB_PORT=8000
USER liaison
VOLUME /var/lib/liaison
EXPOSE 8000
ENTRYPOINT ["python", "-m", "liaison.launcher"]
CMD ["web"]
