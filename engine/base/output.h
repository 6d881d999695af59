/* A file that appears whole under its name, or not at all: it is written without a name beside its
 * place, synced, and put there at the end. A file that was there stays until then, and stays as it
 * was when writing fails or the process is killed. A link at the path is replaced, never followed;
 * pipes and devices are written in place, and so is what /dev/stdout or /dev/fd/N stands for.
 * Serves report. */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

struct output;
/* NULL with ERR_IO, which names the path. */
struct output *output_open(const char *path, struct err *err);
/* To write to; not to be closed. */
FILE *output_file(const struct output *output);
/* Puts the file in its place, where `keep` says so and all could be written. 0, or the errno of
 * what failed. Frees. */
int output_close(struct output *output, bool keep);
/* The process ends at once: removes the temporary file where it has a name, and nothing else. */
void output_abandon(const struct output *output);

#endif
