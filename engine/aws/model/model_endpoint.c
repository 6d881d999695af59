#include "aws/model/model_endpoint.h"

#include <string.h>

#include "aws/model/model.h"
#include "aws/model/model_format.h"
#include "aws/model/model_internal.h"
#include "aws/model/model_map.h"

static bool find_scope(const struct model *model, const char *scope,
                       struct model_endpoint *endpoint)
{
    uint32_t low = 0, high = model->header->endpoints.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct model_file_endpoint *record =
            MODEL_RECORD(model, endpoints, struct model_file_endpoint, middle);
        int order = strcmp(scope, model_text_at(model, record->scope));
        if (order == 0) {
            endpoint->url = model_text_at(model, record->url);
            endpoint->signing_region = model_text_at(model, record->signing_region);
            endpoint->signing_name = model_text_at(model, record->signing_name);
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

bool model_endpoint(const struct model *model, const struct model_route *route, const char *name,
                    struct model_endpoint *endpoint)
{
    char scope[MODEL_MAX_SCOPE];
    return model_scope(route->number, route->variant, name, scope) &&
           find_scope(model, scope, endpoint);
}

unsigned model_operation_route(const struct model *model, model_operation operation)
{
    const struct model_file_operation *record =
        MODEL_RECORD(model, operations, struct model_file_operation, operation);
    return record != NULL ? (unsigned)record->flags >> MODEL_OPERATION_ROUTE_SHIFT : 0;
}
