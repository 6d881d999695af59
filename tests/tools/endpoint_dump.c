/* endpoint_dump DIR: reads lines "service region bucket" ("-": none) and prints, for each, the host
 * and what it is signed for: "host signing-name signing-region". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "base/mem.h"

static const char *no_variable(const char *name)
{
    (void)name;
    return NULL;
}

static void answer(const struct endpoints *endpoints, struct model_set *set, const char *line)
{
    char service[100], region[100], bucket[300];
    struct endpoint endpoint;
    struct err err = {0};
    if (sscanf(line, "%99s %99s %299s", service, region, bucket) != 3) {
        puts("bad line");
        return;
    }
    const struct model *model = model_open(set, service, &err);
    const char *given = strcmp(bucket, "-") != 0 ? bucket : "";
    if (model == NULL ||
        endpoint_resolve(endpoints, model, region, "", given, &endpoint, &err) != 0)
        printf("error: %s\n", err.message);
    else
        printf("%s %s %s\n", endpoint.base, endpoint.signing_name, endpoint.signing_region);
}

int main(int argc, char **argv)
{
    char line[600];
    if (argc != 2) {
        fputs("usage: endpoint_dump DIR\n", stderr);
        return 64;
    }
    mem_install();
    struct model_set *set = model_set_new(argv[1]);
    struct endpoints *endpoints = endpoints_new(set, no_variable);
    while (fgets(line, sizeof line, stdin) != NULL)
        answer(endpoints, set, line);
    endpoints_free(endpoints);
    model_set_free(set);
    return 0;
}
