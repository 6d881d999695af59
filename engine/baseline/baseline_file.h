/* Reads a report in jsonl or json, finding by finding, whatever its line breaks are. Serves
 * baseline and cmd_show. */
#ifndef BASELINE_BASELINE_FILE_H
#define BASELINE_BASELINE_FILE_H

#include <jansson.h>

#include "base/err.h"

/* Calls `take` for each finding (borrowed). ERR_USAGE begins with `name`: the file cannot be read,
 * is larger than max bytes (no more of them are read), or contains something else (this names the
 * line). */
int baseline_file_read(const char *path, const char *name, size_t max, struct err *err,
                       void (*take)(void *arg, const json_t *finding), void *arg);

#endif
