#!/bin/sh
# Writes the secrets that compose.yaml reads into ./secrets; keeps those that are there. Run it from the project's folder.
set -eu
umask 077
mkdir -p secrets
# Each container sees the files it was given, as its own user: the files are readable, the folder keeps others out.
chmod 700 secrets
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { [ -s "secrets/$1" ] || printf '%s' "$2" > "secrets/$1"; chmod 644 "secrets/$1"; }
keep secret_key "$(random)"
keep redis_password "$(random)"
keep postgres_password "$(random)"
keep redis_url "redis://:$(cat secrets/redis_password)@valkey:6379/0"
keep database_url "postgresql://datathon:$(cat secrets/postgres_password)@postgres:5432/datathon"
echo "secrets/ is ready; keep a copy of it with your backups, and out of git."
