#pragma once
#include <microhttpd.h>
#include <stdint.h>

// MHD_start_daemon is variadic, which Swift cannot call.
static inline struct MHD_Daemon *cmhd_start(
    unsigned int flags, int listen_fd, MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
    void *(*uri_seen)(void *, const char *, struct MHD_Connection *), MHD_NotifyConnectionCallback connection_changed,
    void *context, unsigned int connections,
    unsigned int connections_per_peer, size_t memory_per_connection, unsigned int timeout_seconds)
{
    return MHD_start_daemon(
        flags, 0, NULL, NULL, handler, context,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listen_fd,
        MHD_OPTION_NOTIFY_COMPLETED, completed, context,
        MHD_OPTION_URI_LOG_CALLBACK, uri_seen, context,
        MHD_OPTION_NOTIFY_CONNECTION, connection_changed, context,
        MHD_OPTION_CONNECTION_LIMIT, connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, connections_per_peer,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory_per_connection,
        MHD_OPTION_CONNECTION_TIMEOUT, timeout_seconds,
        // What the standard does not allow is refused, where the library sees it.
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_END);
}

// MHD_get_connection_info is variadic too.
static inline int cmhd_socket(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : (int)info->connect_fd;
}

// The flags are an enumeration that Swift cannot combine.
static const unsigned int cmhd_flags =
    MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;

// Macros with casts, which the importer leaves out.
static const ssize_t cmhd_end_with_error = MHD_CONTENT_READER_END_WITH_ERROR;

static inline int cmhd_each_header(struct MHD_Connection *connection, MHD_KeyValueIterator each, void *context)
{
    return MHD_get_connection_values(connection, MHD_HEADER_KIND, each, context);
}
