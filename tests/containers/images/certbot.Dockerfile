# certbot itself, from PyPI.
FROM python:3.13-slim
ARG VERSION
RUN python -m venv /opt/certbot && /opt/certbot/bin/pip install --quiet "certbot==${VERSION#v}"
ENV PATH=/opt/certbot/bin:$PATH
ENTRYPOINT ["certbot"]
