/* A loaded policy: its text, its declarations, and the state in which its jobs run. Serves the
 * loader, which creates it, and every binding that needs a declaration. Owned by the evaluator. */
#ifndef BINDINGS_VM_POLICY_FILE_H
#define BINDINGS_VM_POLICY_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "policy/evaluator.h"

struct policy_file {
    struct policy policy; /* must be first: see policy_file_of */
    char *path;
    char *name;           /* as shown in errors: "policies/sqs.lua" */
    char *lib_dir;        /* `lib` beside the file */
    unsigned int listing; /* of which directory, counted as they were loaded */
    char *text;           /* kept, so that a new state runs the text that was validated */
    size_t length;
    struct opset *reads, *writes, *reviewed, *sensitive;
    struct opset *shared; /* the reads that are sent once per run */
    json_t *meta;
    struct state *state;
    int overruns;               /* jobs stopped by their budget since the last forget */
    enum err_kind overrun_kind; /* why the last of them was stopped */
    bool used;                  /* a job has used the state since the last forget */
    bool stale;                 /* the state holds data of jobs that the next job must not see */
};

/* The file that a policy belongs to. */
struct policy_file *policy_file_of(const struct policy *policy);
/* Reads the metadata into sets and the policy. */
void policy_file_describe(struct policy_file *file);
void policy_file_free(struct policy_file *file);
/* Whether the policy declares that it tolerates this refusal. */
bool policy_file_tolerates(const struct policy_file *file, const char *service,
                           const char *operation, const char *code);

#endif
