/* The file of rules. Whatever is not understood is an error: a rule that is misread either protects
 * what it should not, or fails to protect. Serves exceptions; calls the evaluator for Lua data. */
#ifndef EXCEPTIONS_EXCEPTIONS_FILE_H
#define EXCEPTIONS_EXCEPTIONS_FILE_H

#include <jansson.h>

#include "base/err.h"
#include "policy/evaluator.h"

struct exceptions;

/* Adds the rules of a file. ERR_USAGE names the place. */
int exceptions_read_file(struct exceptions *exceptions, struct evaluator *evaluator,
                         const char *path, struct err *err);

/* A list of texts from a text or a list of texts; NULL when it is neither, or empty. New. */
json_t *exceptions_patterns(const json_t *value);

#endif
