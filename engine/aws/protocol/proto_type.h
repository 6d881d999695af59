/* The types of values as the API models name them. Serves proto_validate. */
#ifndef AWS_PROTOCOL_PROTO_TYPE_H
#define AWS_PROTOCOL_PROTO_TYPE_H

#include <jansson.h>
#include <stdbool.h>

#include "aws/model/model.h"

/* "a string", as messages say it. */
const char *proto_kind_of(const json_t *value);
/* Lua cannot tell an empty list from an empty map. */
bool proto_is_table(const json_t *value);
bool proto_is_list(const json_t *value);
/* NULL if a scalar has the right type, else the expected type. */
const char *proto_scalar_expected(enum model_type type, const json_t *value);

#endif
