/* How far a poll is, on the terminal. Serves poll; calls progress_text. */
#ifndef INTAKE_LISTING_PROGRESS_H
#define INTAKE_LISTING_PROGRESS_H

#include "accounts/context.h"

struct listing_progress {
    const struct context *context;
    size_t finished, targets, found;
    int64_t began_ms;
};

/* Shows nothing if --quiet is given, or if stderr is no terminal. */
void listing_progress_show(const struct listing_progress *progress);

#endif
