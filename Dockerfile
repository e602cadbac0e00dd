# One image for web, worker, scorer and migrations; compose.yaml says which command each runs.
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
# What the minutes' PDF needs of the system: text layout and a font.
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 \
    libharfbuzz-subset0 fonts-liberation && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY datathon ./datathon
COPY scorers ./scorers
RUN pip install --no-deps . && mkdir -p /data /run/scorer && chown 10002:10000 /data
# Numbers, not names: the kernel checks them, and nothing in the image needs an account.
USER 10002:10000
VOLUME /data
CMD ["datathon", "--help"]
