# What is installed where: the one list, for deploy/build-deb, deploy/install and deploy/uninstall.
# Sourced after common.sh, never run. Wants $SOURCE_DATE_EPOCH (settle_date).

readonly NAME=aitbc-connectord

# put MODE SOURCE TARGET: one file, in $stage_root.
put() { install -D -m "$1" "$2" "$stage_root$3"; }

# put_compressed SOURCE TARGET.gz: documentation, as Debian wants it; without a time, so that two builds are alike.
put_compressed() {
    install -d -m 755 "$stage_root${2%/*}"
    gzip -9n <"$1" >"$stage_root$2"
    chmod 644 "$stage_root$2"
}

# put_manual FILE: NAME.SECTION.md of deploy/man, as man(1) wants it.
put_manual() {
    local name=${1##*/} page
    name=${name%.md}
    page=$stage_root/usr/share/man/man${name##*.}/$name.gz
    install -d -m 755 "${page%/*}"
    deploy/lib/man-page "$1" "$(project_version)" | gzip -9n >"$page"
    chmod 644 "$page"
}

# clear_hashes PROGRAM: the compiler's hashes of its options, paths included, become zeros. Nothing reads them; taken out as
# a section, they would take the read-only relocations with them.
clear_hashes() {
    local size
    size=$(objdump -h "$1" | awk '$2 == ".swift_modhash" { print $3 }')
    [ -n "$size" ] || return 0
    head -c "$((16#$size))" /dev/zero >"$stage_root/zeros"
    objcopy --update-section ".swift_modhash=$stage_root/zeros" "$1"
    rm "$stage_root/zeros"
}

# stage_files ROOT PROGRAM: everything that is installed, below ROOT. PROGRAM is the built daemon; it is stripped
# where it is not yet.
stage_files() {
    stage_root=$1
    local program=$2 file
    (
        umask 022
        mkdir -p "$stage_root"
        put 755 "$program" /usr/bin/$NAME
        strip --strip-unneeded --remove-section=.comment --remove-section=.note "$stage_root/usr/bin/$NAME"
        clear_hashes "$stage_root/usr/bin/$NAME"

        for file in config/definitions/*.json5; do
            put 644 "$file" "/usr/share/$NAME/definitions/${file##*/}"
        done
        # Of definitions; the connector files of webhooks are documentation.
        for file in config/examples/*/*.json5; do
            case $file in config/examples/webhooks/*) continue ;; esac
            put 644 "$file" "/usr/share/$NAME/${file#config/}"
        done
        put 644 config/connector.schema.json /usr/share/$NAME/connector.schema.json

        put 644 systemd/$NAME.service /usr/lib/systemd/system/$NAME.service
        put 644 systemd/$NAME.socket /usr/lib/systemd/system/$NAME.socket
        put 644 systemd/$NAME.preset /usr/lib/systemd/system-preset/50-$NAME.preset
        put 644 systemd/$NAME.sysusers /usr/lib/sysusers.d/$NAME.conf
        put 644 systemd/$NAME.tmpfiles /usr/lib/tmpfiles.d/$NAME.conf
        if [ -f systemd/$NAME.catalog ]; then
            put 644 systemd/$NAME.catalog /usr/lib/systemd/catalog/$NAME.catalog
        fi

        for file in deploy/man/*.md; do put_manual "$file"; done
        put 644 deploy/completion/$NAME.bash /usr/share/bash-completion/completions/$NAME
        put 644 deploy/completion/_$NAME /usr/share/zsh/vendor-completions/_$NAME

        for file in deploy/examples/*; do put 644 "$file" "/usr/share/doc/$NAME/examples/${file##*/}"; done
        for file in config/examples/webhooks/*.json5; do
            put 644 "$file" "/usr/share/doc/$NAME/examples/webhooks/${file##*/}"
        done
        for file in deploy/monitoring/*; do
            if [ -f "$file" ]; then put 644 "$file" "/usr/share/doc/$NAME/monitoring/${file##*/}"; fi
        done
        put 644 deploy/package/copyright /usr/share/doc/$NAME/copyright
        put_compressed README.md /usr/share/doc/$NAME/README.md.gz

        put 644 config/connectord.json5 /etc/$NAME/connectord.json5
        install -d -m 755 "$stage_root/etc/$NAME/connectors.d" "$stage_root/etc/$NAME/definitions"
    )
}

# The files below /etc: a person's changes to them stay.
readonly CONFIGURATION_FILES=(/etc/$NAME/connectord.json5)

# The version stands in one place of the sources.
project_version() {
    sed -n 's/.*static let version = "\([^"]*\)".*/\1/p' Sources/AITBCConnectors/Client/SDK.swift
}

# The time of the sources: of the commit, unless $SOURCE_DATE_EPOCH says another. Stands in manual pages and packages.
settle_date() {
    if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
        SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) ||
            stop "$EX_USAGE" "There is no git commit here: set SOURCE_DATE_EPOCH to the time of the sources (seconds)."
    fi
    export SOURCE_DATE_EPOCH
}
