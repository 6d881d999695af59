/* The file of rules. Anything that is not understood is an error, because a rule that is misread
 * either protects too much or fails to protect. Serves exceptions; calls the evaluator for Lua
 * data. */
#ifndef EXCEPTIONS_EXCEPTIONS_FILE_H
#define EXCEPTIONS_EXCEPTIONS_FILE_H

#include <jansson.h>

#include "base/err.h"
#include "policy/evaluator.h"

struct exceptions;
struct exceptions_text;

/* Adds the rules of a file. ERR_USAGE names the position. */
int exceptions_read_file(struct exceptions *exceptions, struct evaluator *evaluator,
                         const char *path, struct err *err);

/* Adds rules that were read elsewhere; they are JSON. `name` is for errors. */
int exceptions_read_text(struct exceptions *exceptions, const char *name,
                         const struct exceptions_text *text, struct err *err);

/* Makes a list of texts from a text or a list of texts; NULL if the value is neither, or empty.
 * New. */
json_t *exceptions_patterns(const json_t *value);

#endif
