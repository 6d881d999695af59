/* endpoint_dump DIR: reads lines "service operation region bucket prefix" ("-": none) and prints
 * for each its URL and what it is signed for: "base signing-name signing-region". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint/endpoint.h"
#include "aws/model/model_open.h"
#include "base/mem.h"

static const char *variable(const char *name)
{
    return getenv(name);
}

struct question {
    char service[100], operation[100], region[100], bucket[300], prefix[100];
};

static const char *given(const char *word)
{
    return strcmp(word, "-") != 0 ? word : "";
}

static int resolve(const struct endpoints *endpoints, struct model_set *set,
                   const struct question *question, struct endpoint *endpoint, struct err *err)
{
    model_operation operation;
    const struct model *model = model_open(set, question->service, err);
    if (model == NULL || model_find_operation(model, question->operation, &operation, err) != 0)
        return -1;
    return endpoint_resolve_operation(endpoints, model, operation, question->region,
                                      given(question->prefix), given(question->bucket), endpoint,
                                      err);
}

static void answer(const struct endpoints *endpoints, struct model_set *set, const char *line)
{
    struct question question;
    struct endpoint endpoint;
    struct err err = {0};
    if (sscanf(line, "%99s %99s %99s %299s %99s", question.service, question.operation,
               question.region, question.bucket, question.prefix) != 5)
        puts("bad line");
    else if (resolve(endpoints, set, &question, &endpoint, &err) != 0)
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
    struct endpoints *endpoints = endpoints_new(set, variable);
    while (fgets(line, sizeof line, stdin) != NULL)
        answer(endpoints, set, line);
    endpoints_free(endpoints);
    model_set_free(set);
    return 0;
}
