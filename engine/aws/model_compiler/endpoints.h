/* The endpoint of a service in each region, according to its rule set. Serves compile and
 * operations; calls ruleset. */
#ifndef AWS_MODEL_COMPILER_ENDPOINTS_H
#define AWS_MODEL_COMPILER_ENDPOINTS_H

#include <jansson.h>

struct builder;

/* Evaluates the service's rule set for every region of every partition, and adds what differs. */
void endpoints_add(struct builder *builder, const json_t *ruleset, const json_t *partitions);
/* The number of the operation's route; usually 0. */
unsigned endpoints_route(const struct builder *builder, const json_t *operation);
/* The partition data that the engine needs. New reference. */
json_t *endpoints_partitions(const json_t *partitions);

#endif
