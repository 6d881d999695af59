/* Finds the ids that an error names as missing: "The instance IDs 'i-1, i-2' do not exist". Serves
 * gathered_reads. */
#ifndef AWS_CLIENT_NAMED_ID_H
#define AWS_CLIENT_NAMED_ID_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

/* Is the error's code one of these (a list; NULL: none), and does its message contain exactly this
 * id, not as a part of a longer one, in quotation marks or brackets? A resource may have the name
 * of a word: "There is no ACTIVE Load Balancer named 'a'" does not name one called "ACTIVE". An id
 * at the place where a long message was cut off is not found. */
bool named_as_gone(const struct err *err, const json_t *codes, const char *id);

#endif
