#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A message that is cut ends with a whole character: JSON accepts no partial UTF-8. */
static void end_whole(struct err *err)
{
    char *message = err->message;
    size_t length = strlen(message), start = length;
    if (length + 1 < sizeof err->message)
        return;
    while (start > 0 && ((unsigned char)message[start - 1] & 0xc0) == 0x80)
        start--;
    unsigned char first = start > 0 ? (unsigned char)message[start - 1] : 0;
    size_t whole = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first >= 0xc0 && length - start + 1 < whole)
        message[start - 1] = '\0';
}

int err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    if (err == NULL)
        return -1;
    err_clear(err);
    err->kind = kind;
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    end_whole(err);
    return -1;
}

int err_prefix(struct err *err, const char *format, ...)
{
    if (err == NULL)
        return -1;
    char old[sizeof err->message];
    memcpy(old, err->message, sizeof old);
    va_list args;
    va_start(args, format);
    int length = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (length < 0)
        return -1;
    size_t used = (size_t)length < sizeof err->message ? (size_t)length : sizeof err->message - 1;
    char *rest = err->message + used;
    if (snprintf(rest, sizeof err->message - used, ": %s", old) < 0)
        *rest = '\0';
    end_whole(err);
    return -1;
}

const char *err_kind_name(enum err_kind kind)
{
    static const char *const names[] = {
        [ERR_NONE] = "none",     [ERR_INTERNAL] = "internal",
        [ERR_USAGE] = "usage",   [ERR_IO] = "io",
        [ERR_LIMIT] = "limit",   [ERR_PARSE] = "parse",
        [ERR_PARAM] = "param",   [ERR_CREDS] = "credentials",
        [ERR_NET] = "network",   [ERR_TIMEOUT] = "timeout",
        [ERR_API] = "api",       [ERR_DENIED] = "denied",
        [ERR_POLICY] = "policy", [ERR_CANCELLED] = "cancelled",
    };
    return names[kind];
}
