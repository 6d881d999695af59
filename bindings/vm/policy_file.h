/* A loaded policy: its text, its declarations, and the state in which its jobs run. Serves the
 * loader, which creates it, and every binding that needs a declaration. Owned by the evaluator. */
#ifndef BINDINGS_VM_POLICY_FILE_H
#define BINDINGS_VM_POLICY_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "policy/evaluator.h"

struct policy_file {
    struct policy policy; /* must be first: see policy_file_of */
    struct host *host;
    char *path;
    dev_t device; /* of the file, with its number: the same file has other paths */
    ino_t number;
    char *name;                 /* as shown in errors: "policies/sqs.lua" */
    char *lib_dir;              /* `lib` beside the file */
    unsigned int listing;       /* of which directory, counted as they were loaded */
    struct source_text *source; /* a new state runs the text that was validated */
    struct opset *reads, *writes, *reviewed, *sensitive;
    struct opset *shared; /* the reads that are sent once per run */
    json_t *meta;
    bool known;                 /* the build has validated this text and its modules */
    struct state *state;        /* NULL until a job needs it, if the metadata was known before */
    size_t loaded;              /* bytes of the state when the file had been loaded */
    struct err broken;          /* why it cannot be created: every job fails with this error */
    int overruns;               /* jobs stopped by their budget since the last forget */
    enum err_kind overrun_kind; /* why the last of them was stopped */
};

/* The file that a policy belongs to. */
struct policy_file *policy_file_of(const struct policy *policy);
/* Reads the metadata into sets and the policy. */
void policy_file_describe(struct policy_file *file);
void policy_file_free(struct policy_file *file);
/* Whether the policy declares that it tolerates this refusal. */
bool policy_file_tolerates(const struct policy_file *file, const char *service,
                           const char *operation, const char *code);

/* The codes of errors of a shared read which say that there is no response yet: an array. */
const json_t *policy_file_not_yet(const struct policy_file *file, const char *service,
                                  const char *operation);

#endif
