/* Loads policy files: reads, runs and validates a file, and creates the states in which its jobs
 * run. Serves evaluator, jobs, lint; calls the sandbox and freeze. */
#ifndef BINDINGS_POLICY_LOADER_H
#define BINDINGS_POLICY_LOADER_H

#include "bindings/vm/state.h"

/* Returns NULL with ERR_POLICY or ERR_IO on error. Free with policy_file_free. */
struct policy_file *loader_load(struct host *host, const char *path, struct err *err);

/* Runs a file that returns data, with what a policy file may use; new reference, or NULL with
 * ERR_POLICY or ERR_IO. */
json_t *loader_data(struct host *host, const char *path, struct err *err);

struct policy;
/* The state in which a new job of the policy runs. A new one is created if the old one is worn
 * out. */
struct state *loader_state(const struct policy *policy);

#endif
