/* What the host's own files share: the loaded files, and the limits. */
#ifndef BINDINGS_VM_HOST_INTERNAL_H
#define BINDINGS_VM_HOST_INTERNAL_H

#include "bindings/vm/host.h"
#include "bindings/vm/state.h"

struct callers; /* what is known of sessions */
struct chunks;  /* what all states load */
struct shared_reads;

/* A loaded policy. */
struct policy_file {
    struct policy policy;
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

struct loop *host_loop(const struct host *host);
/* sts:GetCallerIdentity, which no policy can declare: resource:caller() asks. */
const struct opset *host_caller_reads(const struct host *host);
struct callers *host_callers(struct host *host);
/* Policies have worked so long in this turn of the loop that it should go on first. */
bool host_turn_is_over(const struct host *host);
void host_worked(struct host *host, int64_t ms);
const struct host_options *host_limits(const struct host *host);
struct chunks *host_chunks(struct host *host);
struct shared_reads *host_shared_reads(struct host *host);

/* Reads, runs and validates one file; NULL with ERR_POLICY or ERR_IO. */
struct policy_file *policy_file_load(struct host *host, const char *path, struct err *err);
void policy_file_free(struct policy_file *file);
/* A new state in which the file has run. */
struct state *policy_file_state(struct host *host, struct policy_file *file, json_t **meta,
                                struct err *err);
/* Whether any of its reads is of this service ('-' and '_' as it writes them). */
bool policy_file_reads_service(const struct policy_file *file, const char *service);
/* Whether it declares that this refusal may be passed over. */
bool policy_file_tolerates(const struct policy_file *file, const char *service,
                           const char *operation, const char *code);

/* The evaluator's jobs. */
struct evaluation *audit_start(void *self, const struct policy *policy,
                               const struct resource *resource, const struct scope *scope,
                               const struct audit_options *options, evaluator_audited done,
                               void *arg);
struct evaluation *discover_start(void *self, const struct policy *policy,
                                  const struct scope *scope, evaluator_found found,
                                  evaluator_done done, void *arg);
json_t *event_ids(void *self, const struct policy *policy, const char *event, const json_t *detail,
                  const json_t *settings, struct err *err);
json_t *spell_ids(void *self, const struct policy *policy, const json_t *line, const json_t *ids,
                  struct err *err);
char *arn_of(void *self, const struct policy *policy, const json_t *line, struct err *err);
/* The state that a new job of the policy runs in: made anew when the old one is worn out. */
struct state *host_state(struct host *host, const struct policy *policy);

#endif
