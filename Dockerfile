# A small image with a user of its own and no pip: build it with `docker build -t penumbra .`
# Needs BuildKit, which every current Docker and Podman has (here-documents, --chmod, cache mounts).

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# What changes seldom comes first. Every download is checked against its hash.
COPY requirements.build.lock requirements.runtime.lock ./
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /build \
    && /build/bin/pip install -q --require-hashes -r requirements.build.lock \
    && python -m venv /opt/penumbra \
    && /opt/penumbra/bin/pip install -q --require-hashes -r requirements.runtime.lock

# google-api-python-client carries the descriptions of hundreds of Google APIs (`du -sm` of that folder says 111 MB). Penumbra
# builds its client from two of them and never asks for another, so the rest only costs space. The
# second command fails the build should a new version keep them elsewhere.
RUN cd /opt/penumbra/lib/python3*/site-packages/googleapiclient/discovery_cache/documents \
    && find . -type f ! -name admin.directory_v1.json ! -name admin.reports_v1.json -delete \
    && test -s admin.directory_v1.json && test -s admin.reports_v1.json

COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY connectors connectors
COPY migrations migrations
RUN /build/bin/hatchling build -t wheel -d /dist \
    && /opt/penumbra/bin/pip install -q --no-deps --no-index /dist/*.whl \
    && /opt/penumbra/bin/pip check \
    && /opt/penumbra/bin/pip uninstall -q -y pip setuptools \
    && /opt/penumbra/bin/python -c "from pathlib import Path; import app; assert (Path(app.__file__).parent / '_migrations/env.py').exists()"


FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Penumbra" \
      org.opencontainers.image.description="Finds the cloud marketing tools a company adopted outside IT" \
      org.opencontainers.image.licenses="Apache-2.0"

RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin penumbra \
    && install -d -o penumbra -g penumbra -m 0700 /data
COPY --from=build /opt/penumbra /opt/penumbra

# Secrets come as files, not as settings that `docker inspect` shows. Every command goes this way, also
# one of `docker compose exec`. A variable that is set already wins.
COPY --chmod=0555 <<'SCRIPT' /usr/local/bin/penumbra
#!/bin/sh
set -eu
if [ -z "${PENUMBRA_SECRET_KEY:-}" ] && [ -e /run/secrets/penumbra_secret_key ]; then
    PENUMBRA_SECRET_KEY="$(cat /run/secrets/penumbra_secret_key)"
    export PENUMBRA_SECRET_KEY
fi
if [ -z "${PENUMBRA_OIDC_CLIENT_SECRET:-}" ] && [ -e /run/secrets/penumbra_oidc_client_secret ]; then
    PENUMBRA_OIDC_CLIENT_SECRET="$(cat /run/secrets/penumbra_oidc_client_secret)"
    export PENUMBRA_OIDC_CLIENT_SECRET
fi
if [ -z "${PGPASSWORD:-}" ] && [ -e /run/secrets/penumbra_database_password ]; then
    PGPASSWORD="$(cat /run/secrets/penumbra_database_password)"
    export PGPASSWORD
fi
exec /opt/penumbra/bin/penumbra "$@"
SCRIPT

# Nothing is written outside /data, so the root filesystem may be read-only.
ENV PENUMBRA_DATA_DIR=/data PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER penumbra
WORKDIR /data
VOLUME /data
EXPOSE 8400
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["/opt/penumbra/bin/python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('PENUMBRA_PORT', '8400') + '/healthz', timeout=4)"]
ENTRYPOINT ["penumbra"]
CMD ["serve", "--host", "0.0.0.0"]
