#pragma once
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-messages.h>

// sd_journal_sendv is a macro that adds the place of the call in C, which would always be this file.
static inline int connectord_journal_sendv(const struct iovec *fields, int count) {
    return (sd_journal_sendv)(fields, count);
}
// mallopt: glibc's own header, which Swift's Glibc module leaves out.
#include <malloc.h>
