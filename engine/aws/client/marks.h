/* What the API's model marks as secret, under the names used on the wire. Recordings of requests
 * and responses redact it (net/recording/redaction.h). Serves client_send. */
#ifndef AWS_CLIENT_MARKS_H
#define AWS_CLIENT_MARKS_H

#include "aws/model/model.h"
#include "net/recording/redaction_names.h"

/* The model is borrowed. */
struct redaction_marks marks_of(const struct model *model, model_operation operation);

#endif
