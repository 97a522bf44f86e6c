# A Debian of its own to boot, for tests that need systemd as PID 1. Sourced after common.sh and stage.sh, never run.
# The folder ../shared/lab beside the project boots it; without that folder the tests are skipped.

readonly LAB=$ROOT/../shared/lab
# Made once, used by every run; delete it at will.
readonly LAB_ROOT=${XDG_CACHE_HOME:-$HOME/.cache}/aitbc-connectord-lab

# Ends the script, with totals that say why, where no machine can be booted.
require_lab() {
    local reason=
    [ -x "$LAB/run.sh" ] || reason="../shared/lab is not beside the project: there is nothing to boot a Debian with"
    [ -n "$reason" ] || [ "$(id -u)" = 0 ] || reason="only root can boot a machine"
    if [ -n "$reason" ]; then
        printf 'skipped - %s: %s\n0 passed, 0 failed, 1 skipped\n' "$1" "$reason"
        exit 0
    fi
    [ -d "$LAB_ROOT/root" ] || { stage "a Debian 12 in $LAB_ROOT"; "$LAB/make-root.sh" "$LAB_ROOT" python3 tzdata; }
}

# fill_lab FOLDER: two packages, an older and a newer one, the sandbox and the tests, for the machine.
fill_lab() {
    local revision program=$ROOT/.build/deb-build/release/$NAME
    stage "packages and sandbox"
    deploy/lib/release-build --scratch-path .build/deb-build --product $NAME >"$1/build.log" 2>&1 ||
        { tail -n 40 "$1/build.log" >&2; stop 1 "The build failed."; }
    deploy/lib/release-build --scratch-path .build/deb-build --product connector-sandbox >"$1/build.log" 2>&1 ||
        { tail -n 40 "$1/build.log" >&2; stop 1 "The build failed."; }
    for revision in 1 2; do
        deploy/build-deb --output "$1/packages" --revision $revision --program "$program" >"$1/build.log"
    done
    mkdir "$1/machine"
    mv "$1/packages/${NAME}"_*.deb "$1/machine"
    cp .build/deb-build/release/connector-sandbox Tests/Support/connectord.py Tests/Support/webhooks.py Tests/Systemd/*.py README.md "$1/machine"
    strip "$1/machine/connector-sandbox"
}
