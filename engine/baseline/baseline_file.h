/* Reads a report in jsonl or json, finding by finding, whatever its line breaks are. Serves
 * baseline. */
#ifndef BASELINE_BASELINE_FILE_H
#define BASELINE_BASELINE_FILE_H

#include <jansson.h>

#include "base/err.h"

#define BASELINE_MAX (256u << 20) /* bytes of the file */

/* Calls `take` for each finding (borrowed). ERR_USAGE if the file cannot be read, or contains
 * something else: it names the file and the line. */
int baseline_file_read(const char *path, void (*take)(void *arg, const json_t *finding), void *arg,
                       struct err *err);

#endif
