/* A loaded policy: its text, what it declared, and the state that its jobs run in. Serves the
 * loader, which makes it, and every binding that asks what a policy declared. Owned by the
 * evaluator. */
#ifndef BINDINGS_VM_POLICY_FILE_H
#define BINDINGS_VM_POLICY_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "policy/evaluator.h"

struct policy_file {
    struct policy policy; /* first: see policy_file_of */
    char *path;
    char *name; /* as errors show it: "policies/sqs.lua" */
    char *lib_dir;
    char *text; /* kept, so that a state can be made anew from what was validated */
    size_t length;
    struct opset *reads, *writes, *reviewed, *sensitive;
    struct opset *shared; /* of the reads, those that are asked once a run */
    json_t *meta;
    struct state *state;
    int overruns;               /* jobs that were stopped by their budget, since the last forget */
    enum err_kind overrun_kind; /* of the last of them */
    bool used;                  /* a job has been in the state since the last forget */
    bool stale;                 /* the state has seen jobs that the next one must not see */
};

/* The file whose policy it is. */
struct policy_file *policy_file_of(const struct policy *policy);
/* What its metadata declares, as sets and as a policy. */
void policy_file_describe(struct policy_file *file);
void policy_file_free(struct policy_file *file); /* NULL is allowed */
/* Whether it declares that this refusal may be passed over. */
bool policy_file_tolerates(const struct policy_file *file, const char *service,
                           const char *operation, const char *code);

#endif
