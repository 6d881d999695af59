/* The index: what is known of policy files without running them. The build loads and validates the
 * policies, and embeds their metadata into the executable, each under the digest of its file. A
 * file is known if its content, the content of each module that it requires (as it is found now)
 * and the digest of each API model that it was validated with are the same; any other file is run
 * and validated when it is loaded. There is no index on disk that somebody could replace.
 *
 * {"modules":{"lib.access":"SHA-256 in hex"…},
 *  "policies":{"SHA-256 of the file":{"requires":["lib.access"…], "models":{"sqs":"hex"…},
 *                                     "meta":{…}}…}}
 *
 * Serves evaluator, loader and digests; calls require. */
#ifndef BINDINGS_POLICY_KNOWN_H
#define BINDINGS_POLICY_KNOWN_H

#include <jansson.h>
#include <stddef.h>

struct policy_file;
struct known;

/* text: the index, which must outlive `known`; NULL if there is none (then the result is NULL). It
 * is read on first use. */
struct known *known_new(const char *text);
void known_free(struct known *known);

/* The metadata of the file, if it is known; NULL otherwise. New reference. */
json_t *known_find(struct known *known, const struct policy_file *file);

/* The names of the modules that the file requires, by itself or through other modules, sorted: from
 * the index, or from its state. New reference. */
json_t *known_modules(struct known *known, const struct policy_file *file);

/* The index of these files. Those without a state are left out. New reference. */
json_t *known_write(struct policy_file *const *files, size_t count);

#endif
