/* Compiles API models in botocore's format (service-2.json, paginators-1.json,
 * endpoint-rule-set-1.json, partitions.json) to the files that aws/model/model.h and
 * aws/endpoint/endpoint.h read. Serves `engine models`. Each file is written beside its place and
 * moved there when it is whole.
 *
 * The format of the source: botocore's own readers (botocore/model.py, loaders.py). Its
 * *.sdk-extras.json are left aside: they describe conveniences of that client (such as a
 * SourceRegion parameter that it takes out again), not the API. */
#ifndef AWS_MODEL_COMPILER_COMPILE_H
#define AWS_MODEL_COMPILER_COMPILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct models_report {
    size_t services;
    size_t unsupported; /* of these, whose protocols we do not speak */
    size_t operations;
    size_t shapes;
    uint64_t bytes; /* written */
    int64_t milliseconds;
    bool endpoints; /* endpoint data were there */
};

/* `source`: a directory of services (of each the newest API version), without `name`; or one
 * service-2.json or .json.gz, with paginators-1.json beside it if it has any, and the service's
 * `name`. The report is complete when 0 is returned. */
int models_compile(const char *source, const char *out_dir, const char *name,
                   struct models_report *report, struct err *err);

#endif
