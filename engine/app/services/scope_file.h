/* --scope FILE: the record of a run's scope as a file of its own, for reports whose format has no
 * place for it. Serves change_run. */
#ifndef APP_SERVICES_SCOPE_FILE_H
#define APP_SERVICES_SCOPE_FILE_H

#include <jansson.h>

#include "base/err.h"
#include "base/output.h"
#include "settings/settings.h"

/* ERR_USAGE if --scope is not a local file, or is the report. */
int scope_file_check(const struct settings *settings, struct err *err);
/* *file is NULL if there is no --scope. ERR_IO if it cannot be written. */
int scope_file_open(const struct settings *settings, struct output **file, struct err *err);
/* Writes the record, with "report":{"file","sha256"} of a report that was written to a local file,
 * and closes. `failure`: why that was not written, which is its "error" in place of the digest;
 * NULL: it was. NULL record: the file stays as it was. Takes ownership of both. */
int scope_file_close(const struct settings *settings, struct output *file, json_t *record,
                     const char *failure, struct err *err);

#endif
