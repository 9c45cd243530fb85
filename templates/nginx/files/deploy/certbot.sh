#!/bin/sh
# Gets a certificate for ALLOWED_HOSTS, and renews it in time.
set -eu
trap exit TERM

while true; do
    pause=12h
    certbot certonly --non-interactive --agree-tos --register-unsafely-without-email \
        --server "$ACME_SERVER" --webroot --webroot-path /srv/challenges \
        --cert-name site --domains "$ALLOWED_HOSTS" --renew-with-new-domains --keep-until-expiring \
        --config-dir /etc/letsencrypt --work-dir /tmp/work --logs-dir /tmp/logs || pause=1h
    sleep $pause &
    wait $!
done
