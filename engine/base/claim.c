#include "base/claim.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int claim_take(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX}; /* an abstract name starts with a NUL */
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "engine %s", name);
    if (length < 0 || (size_t)length >= sizeof address.sun_path - 1) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int claim = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    if (claim < 0 || bind(claim, (struct sockaddr *)&address, size) == 0)
        return claim;
    int reason = errno;
    close(claim);
    errno = reason;
    return -1;
}

void claim_drop(int claim)
{
    if (claim >= 0)
        close(claim);
}
