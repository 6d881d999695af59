#include <string.h>

#include "aws/model_internal.h"

bool model_endpoint(const struct model *model, const char *scope, struct model_endpoint *endpoint)
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
