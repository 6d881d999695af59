/* The endpoint of a service in each region. Serves endpoint; calls model_map. */
#ifndef AWS_MODEL_MODEL_ENDPOINT_H
#define AWS_MODEL_MODEL_ENDPOINT_H

#include <stdbool.h>

#include "aws/model/model.h"

/* The endpoint of a service for one region, or for all other regions of a partition. */
struct model_endpoint {
    const char *url;            /* with "{region}" */
    const char *signing_region; /* or "" */
    const char *signing_name;   /* or "" */
};
/* A route to a service (0: the usual one; others: for operations with fixed endpoint parameters),
 * and bits of enum endpoint_variant. */
struct model_route {
    unsigned number;
    unsigned variant;
};
/* By the name of a region or partition; false if the file has no such entry. */
bool model_endpoint(const struct model *model, const struct model_route *route, const char *name,
                    struct model_endpoint *endpoint);
/* The route for an operation. */
unsigned model_operation_route(const struct model *model, model_operation operation);

#endif
