/* Where a service is reached in each region, as its rule set says. Serves compile and operations;
 * calls ruleset. */
#ifndef AWS_MODEL_COMPILER_ENDPOINTS_H
#define AWS_MODEL_COMPILER_ENDPOINTS_H

#include <jansson.h>

struct builder;

/* Asks the service's rule set for every region of every partition, and lays down what differs. */
void endpoints_lay(struct builder *builder, const json_t *ruleset, const json_t *partitions);
/* The number of the way by which an operation reaches its endpoint; mostly 0. */
unsigned endpoints_way(const struct builder *builder, const json_t *operation);
/* What the engine needs to know of partitions. New reference. */
json_t *endpoints_partitions(const json_t *partitions);

#endif
