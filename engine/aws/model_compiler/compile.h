/* Compiles API models in botocore's format (service-2.json, paginators-1.json,
 * endpoint-rule-set-1.json, partitions.json) to the files that aws/model/model.h and
 * aws/endpoint/endpoint.h read. Serves `engine models`. Each file is written under a temporary name
 * and renamed when it is complete.
 *
 * The format of the source: botocore's own readers (botocore/model.py, loaders.py). Its
 * *.sdk-extras.json are not used: they describe conveniences of that client (such as a SourceRegion
 * parameter that it removes again), not the API. */
#ifndef AWS_MODEL_COMPILER_COMPILE_H
#define AWS_MODEL_COMPILER_COMPILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct models_report {
    size_t services;
    size_t unsupported; /* services in a protocol that the engine does not support */
    size_t operations;
    size_t shapes;
    uint64_t bytes; /* written */
    int64_t milliseconds;
    bool endpoints; /* endpoint data was found */
};

/* `source`: a directory of services (the newest API version of each), without `name`; or one
 * service-2.json or .json.gz, with paginators-1.json in the same directory if there is one, and the
 * service's `name`. The report is complete if 0 is returned. */
int models_compile(const char *source, const char *out_dir, const char *name,
                   struct models_report *report, struct err *err);

#endif
