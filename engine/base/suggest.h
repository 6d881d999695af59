/* "Did you mean": finds the name nearest to a mistyped one, by edit distance with swapped
 * neighbours; case, '_' and '-' do not count. Serves every lookup by name. Owns nothing: the
 * offered names must outlive the struct. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

#include "base/err.h"

#define SUGGEST_LONGEST 128 /* longer names are not compared */
#define SUGGEST_TEXT 192

struct suggest {
    char wrong[SUGGEST_LONGEST];
    size_t length;
    size_t distance; /* of `best`; anything farther is ignored */
    const char *best;
};

void suggest_init(struct suggest *suggest, const char *wrong);
void suggest_offer(struct suggest *suggest, const char *name);

/* ", did you mean \"ListQueues\"?" for the end of a message, or "" if no name is near. */
void suggest_text(const struct suggest *suggest, char out[SUGGEST_TEXT]);

/* The same for a list of all names. */
void suggest_among(const char *wrong, const char *const *names, size_t count,
                   char out[SUGGEST_TEXT]);
/* ERR_USAGE, which lists the names: `--format: "tabel" is not one of table, …, did you mean
 * "table"?` */
int suggest_refuse(const char *label, const char *wrong, const char *const *names, size_t count,
                   struct err *err);

#endif
