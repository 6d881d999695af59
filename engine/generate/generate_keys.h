/* Keys of objects in sorted order, so that the output is the same each time. Serves the
 * generators. */
#ifndef GENERATE_GENERATE_KEYS_H
#define GENERATE_GENERATE_KEYS_H

#include <jansson.h>

/* The object's keys, sorted and NULL-terminated; mem_free. They live as long as the object. */
const char **generate_sorted_keys(json_t *object);
/* The member of that name, an object; created if it is missing. Borrowed. */
json_t *generate_member(json_t *object, const char *key);
/* A new list of the keys, sorted. */
json_t *generate_key_list(json_t *object);

#endif
