# The explorer in a container: docs/install.md says how it is built and started.
# BASE is Debian or Ubuntu, with or without Python 3.11 or newer.
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
# hadolint ignore=DL3008
RUN command -v python3 > /dev/null || { apt-get update && \
    apt-get install -y --no-install-recommends python3 python3-venv && rm -rf /var/lib/apt/lists/*; }
RUN python3 -m venv /opt/maagn
# A further package index, such as the one of PyTorch's builds for processors alone.
ARG PIP_EXTRA_INDEX_URL
COPY . /src
RUN /opt/maagn/bin/pip install --no-cache-dir -c /src/constraints.txt "/src[postgres]"

FROM ${BASE}
# hadolint ignore=DL3008
RUN command -v python3 > /dev/null || { apt-get update && \
    apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*; }
RUN groupadd --gid 10001 maagn && \
    useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin maagn && \
    install -d -o maagn -g maagn -m 700 /data
COPY --from=build /opt/maagn /opt/maagn
# Inside, every address: outside, the one that the port is published on.
ENV PATH=/opt/maagn/bin:$PATH HOME=/data XDG_DATA_HOME=/data STREAMLIT_SERVER_ADDRESS=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD ["python3", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=5)"]
ENTRYPOINT ["maagn"]
CMD ["app"]
