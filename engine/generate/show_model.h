/* Describes operations of the compiled API models for people: the members of input and output with
 * their types and listed values, the errors, and AWS's page. Serves `engine models --show`. */
#ifndef GENERATE_SHOW_MODEL_H
#define GENERATE_SHOW_MODEL_H

#include "aws/model/model.h"
#include "base/buf.h"

/* The operations of a service, one per line, each with what a policy may do with it. */
void show_service(const struct model *model, struct buf *out);
void show_operation(const struct model *model, model_operation operation, struct buf *out);

#endif
