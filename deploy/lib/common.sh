# What the scripts in deploy/ share: the toolchain, Debian packages, headings with durations, and children ended by pid.
# Sourced, never run. Every script that sources it runs from the package's root.

set -euo pipefail

# sysexits.h
readonly EX_USAGE=64 EX_UNAVAILABLE=69

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly ROOT
cd "$ROOT"

# Nothing here may wait for a keyboard.
export DEBIAN_FRONTEND=noninteractive
# Texts are cut and matched in characters, and sorted by bytes, whatever the caller's locale.
export LC_ALL=C.UTF-8

# What the daemon needs to be built and run.
readonly BUILD_PACKAGES=(
    libcurl4-openssl-dev libsystemd-dev libssl-dev libsqlite3-dev libmicrohttpd-dev pkg-config tzdata ca-certificates
)

# MARK: What a person sees

if [ -t 1 ]; then bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'; else bold='' red='' plain=''; fi

stage_began=
stage_name=

# A heading. The stage before it ends here, and its duration is printed.
stage() {
    end_stage
    stage_name=$1
    stage_began=$SECONDS
    printf '%s== %s%s\n' "$bold" "$1" "$plain"
}

end_stage() {
    [ -z "$stage_name" ] || printf '   (%s: %d s)\n' "$stage_name" "$((SECONDS - stage_began))"
    stage_name=
}

say() { printf '%s\n' "$*"; }

complain() { printf '%s%s%s\n' "$red" "$*" "$plain" >&2; }

# stop STATUS MESSAGE…: says why, and ends the script.
stop() {
    local status=$1
    shift
    complain "$@"
    exit "$status"
}

# MARK: Children and files that must not be left behind

children=()
rubbish=()

# Remembers a process started in the background: `program & child $!`.
child() { children+=("$1"); }

# Ends a process, politely first, and waits for it. Only processes that this script started.
end_process() {
    local pid=$1 tenths=0
    kill -TERM "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null && [ "$tenths" -lt 250 ]; do
        sleep 0.1
        tenths=$((tenths + 1))
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

exit_status=0

# A script's own `last_words` function may show totals and change exit_status.
clean_up() {
    exit_status=$?
    local pid path
    trap - EXIT INT TERM HUP
    for pid in "${children[@]}"; do end_process "$pid"; done
    for path in "${rubbish[@]}"; do rm -rf -- "$path"; done
    restore_service_policy
    if declare -F last_words >/dev/null; then last_words; fi
    exit "$exit_status"
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# A temporary folder that is removed at the end; its path is in $scratch.
make_scratch() {
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/connectord.XXXXXX")
    rubbish+=("$scratch")
}

# MARK: The toolchain

# Stops unless a Swift toolchain of at least 6.2 is on the PATH.
require_swift() {
    local version
    if ! command -v swift >/dev/null; then
        stop "$EX_UNAVAILABLE" "No Swift toolchain on the PATH; version 6.2 or newer is needed.
Install one for Debian 12 from https://www.swift.org/install/linux/ and put its usr/bin on the PATH:
    export PATH=/path/to/swift/usr/bin:\$PATH"
    fi
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    if [ -z "$version" ]; then
        stop "$EX_UNAVAILABLE" "$(command -v swift) does not tell its version: $(swift --version 2>&1 | head -n 3)
Install a toolchain of version 6.2 or newer from https://www.swift.org/install/linux/."
    fi
    if [ "$(printf '6.2\n%s\n' "$version" | sort -V | head -n 1)" != 6.2 ]; then
        stop "$EX_UNAVAILABLE" "Swift $version is on the PATH ($(command -v swift)); 6.2 or newer is needed.
Install one from https://www.swift.org/install/linux/ and put its usr/bin first on the PATH."
    fi
    say "Swift $version, $(command -v swift)"
}

# MARK: Debian packages

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

as_root=()

# How to become root, in `as_root`; false when there is no way.
find_root() {
    if [ "$(id -u)" = 0 ]; then as_root=(); return 0; fi
    command -v sudo >/dev/null || return 1
    # Without a terminal nobody can type a password.
    if [ -t 0 ]; then as_root=(sudo); else as_root=(sudo -n); fi
    "${as_root[@]}" true 2>/dev/null
}

readonly SERVICE_POLICY=/usr/sbin/policy-rc.d
service_policy_is_ours=

# Keeps packages such as nginx from starting a service that nobody asked for: invoke-rc.d obeys this file.
forbid_services() {
    [ ! -e "$SERVICE_POLICY" ] || return 0
    service_policy_is_ours=yes
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$SERVICE_POLICY" >/dev/null
    "${as_root[@]}" chmod 755 "$SERVICE_POLICY"
}

restore_service_policy() {
    [ -n "$service_policy_is_ours" ] || return 0
    "${as_root[@]}" rm -f "$SERVICE_POLICY"
    service_policy_is_ours=
}

# install_packages NAME…: installs what is missing; false, with a message, when it can't.
install_packages() {
    local missing=() name log
    command -v dpkg-query >/dev/null || { complain "This is no Debian: install what matches: $*"; return 1; }
    for name in "$@"; do is_installed "$name" || missing+=("$name"); done
    [ "${#missing[@]}" -gt 0 ] || return 0
    say "Installing ${missing[*]}"
    if ! find_root; then
        complain "These Debian packages are missing: ${missing[*]}
Neither root nor sudo is at hand. As root: apt-get install ${missing[*]}"
        return 1
    fi
    log=$(mktemp)
    rubbish+=("$log")
    forbid_services
    if ! { "${as_root[@]}" apt-get update -q &&
        "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
        restore_service_policy
        complain "apt-get could not install ${missing[*]}:"
        tail -n 20 "$log" >&2
        return 1
    fi
    restore_service_policy
}

# The same, and stops where packages are missing.
ensure_packages() {
    install_packages "$@" || exit "$EX_UNAVAILABLE"
}
