/* Loads policy files: reads, runs and validates a file, and creates the states in which its jobs
 * run. Serves evaluator, jobs, lint; calls the sandbox and freeze. */
#ifndef BINDINGS_POLICY_LOADER_H
#define BINDINGS_POLICY_LOADER_H

#include "bindings/vm/state.h"

struct known;
/* A file that the index knows is read now, and run when its first job starts. Returns NULL with
 * ERR_POLICY or ERR_IO on error. Free with policy_file_free. */
struct policy_file *loader_load(struct host *host, struct known *known, const char *path,
                                struct err *err);

/* Runs a file that returns data, with what a policy file may use; new reference, or NULL with
 * ERR_POLICY or ERR_IO. */
json_t *loader_data(struct host *host, const char *path, struct err *err);

struct policy;
/* The state in which a new job of the policy runs. It is created for the first job, and again if it
 * is worn out. If it cannot be created, the job ends with the reason. */
struct state *loader_state(const struct policy *policy);
/* Before another run in the same process. The state stays: what exists in it since the file has
 * run is frozen, and all else belonged to jobs that have ended. Only the settings are dropped, the
 * number of overruns, and garbage if there is much. A state that could not be created is tried
 * again. */
void loader_forget(struct policy_file *file);

#endif
