#!/bin/sh
# Makes what must stay secret, once, in ./secrets beside this file: keys, passwords, a certificate that only tests trust.
#   secrets.sh [NAME]     NAME signs in at the door (default: operator); its password is printed once.
set -eu
umask 077
cd "$(dirname "$0")"
name=${1:-operator}
if [ -e secrets ]; then
    echo "There are secrets already. Without secrets/keys no content can be read again: move them away only with their data." >&2
    exit 6
fi
mkdir -p secrets/keys secrets/proxy

head -c 32 /dev/urandom > secrets/keys/default.key

password=$(head -c 24 /dev/urandom | base64 | tr -d '/+=')
printf '%s' "$password" > secrets/postgres_password
printf 'postgres:5432:leitstand:leitstand:%s\n' "$password" > secrets/pgpass

door=$(head -c 18 /dev/urandom | base64 | tr -d '/+=')
printf '%s:%s\n' "$name" "$(printf '%s' "$door" | openssl passwd -6 -stdin)" > secrets/proxy/htpasswd
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout secrets/proxy/tls.key -out secrets/proxy/tls.crt 2> /dev/null

# The containers run as user 10001, PostgreSQL reads its own as root.
if [ "$(id -u)" = 0 ]; then
    chown -R 10001:10001 secrets/keys secrets/proxy secrets/pgpass
else
    echo "Now, as root: chown -R 10001:10001 $PWD/secrets/keys $PWD/secrets/proxy $PWD/secrets/pgpass"
fi
echo "$name signs in with $door"
