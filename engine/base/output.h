/* Writes a file that appears complete under its name, or not at all: a temporary file in the same
 * folder is written, synced, and given the name at the end. An existing file stays until then, and
 * stays unchanged if writing fails or the process is killed. A link at the path is replaced, never
 * followed. Pipes, devices, and the targets of /dev/stdout and /dev/fd/N are written in place.
 * Serves report. */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

struct output;
/* Returns NULL and ERR_IO, which names the path, on error. */
struct output *output_open(const char *path, struct err *err);
/* The stream to write to. Do not close it. */
FILE *output_file(const struct output *output);
/* If `keep` is set and everything could be written, gives the file its name. Returns 0, or the
 * errno of the failure. Frees the output. */
int output_close(struct output *output, bool keep);
/* The process ends at once: removes the temporary file if it has a name, and does nothing else. */
void output_abandon(const struct output *output);

#endif
