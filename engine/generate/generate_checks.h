/* The table of checks. Serves `engine generate checks`. */
#ifndef GENERATE_GENERATE_CHECKS_H
#define GENERATE_GENERATE_CHECKS_H

#include "generate/generate.h"

/* A Markdown page with the table of checks. */
void generate_checks(const struct generate_input *input, struct buf *out);
/* The same as JSON, new reference:
 * [{"id","type","aliases":[…],"title","severity","impact","fix"}…]; `fix`: there is a repair. */
json_t *generate_checks_list(const struct generate_input *input);

#endif
