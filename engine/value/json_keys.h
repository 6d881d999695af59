/* The keys of an object in an order that does not depend on how it was made. Serves reports. */
#ifndef VALUE_JSON_KEYS_H
#define VALUE_JSON_KEYS_H

#include <jansson.h>

/* New array of the keys, sorted by their bytes; empty if this is no object. */
json_t *json_sorted_keys(const json_t *object);

#endif
