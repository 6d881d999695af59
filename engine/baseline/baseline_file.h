/* Reads a report in jsonl or json, finding by finding, whatever its line breaks are. Serves
 * baseline and cmd_show. */
#ifndef BASELINE_BASELINE_FILE_H
#define BASELINE_BASELINE_FILE_H

#include <jansson.h>

#include "base/err.h"

/* What reads the file. */
struct baseline_taker {
    void (*take)(void *arg, const json_t *finding); /* each finding, borrowed */
    /* The object around the findings, as --compliance writes it, before them. NULL: not wanted. */
    void (*about)(void *arg, const json_t *document);
    void *arg;
};
/* Calls them. ERR_USAGE begins with `name`: the file cannot be read,
 * is larger than max bytes (no more of them are read), or contains something else (this names the
 * line). */
int baseline_file_read(const char *path, const char *name, size_t max,
                       const struct baseline_taker *taker, struct err *err);

#endif
