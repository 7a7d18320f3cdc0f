# foster in three stages: build it, keep the two files, put them into a dev image.
#
#   docker build -t foster .                     the dev image
#   docker build --target dist -t foster-dist .  only the files, to COPY --from into an image of your own
#
# PREBUILT=build/bin takes binaries that ./dev build left instead of building them again (the tests do that).

FROM docker.io/library/debian:bookworm-slim AS build
ARG PREBUILT=
COPY . /src
WORKDIR /src
RUN if [ -n "$PREBUILT" ]; then \
      mkdir -p /out && cp -P "$PREBUILT"/* /out/; \
    else \
      apt-get update && ./dev build && cp -rP build/bin /out; \
    fi

FROM scratch AS dist
COPY --from=build /out/ /usr/bin/
COPY --from=build /out/init /init

FROM docker.io/library/debian:bookworm-slim
COPY --from=build /out/ /usr/bin/
RUN ln -s /usr/bin/foster-init /init && mkdir -p /etc/foster /run/foster /workspaces
COPY services.d /etc/foster/services.d
COPY seed /etc/foster/seed
COPY workloads /etc/foster/workloads
# The seeds are what a container falls back to, so they have to be right before there is one.
RUN foster validate /etc/foster/seed/supervisord/seed.conf && \
    foster validate /etc/foster/seed/process-compose/seed.yaml && \
    foster validate
EXPOSE 9001 8080
ENTRYPOINT ["/init"]
