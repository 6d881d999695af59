/* Explains controls and frameworks: which checks cover them. Serves `engine explain`, which finds
 * them; the shapes are those of compliance/controls.h. */
#ifndef GENERATE_EXPLAIN_CONTROLS_H
#define GENERATE_EXPLAIN_CONTROLS_H

#include <jansson.h>

#include "base/buf.h"
#include "policy/evaluator.h"

/* The controls of a framework with their checks, then those that no check covers. */
void explain_framework(const json_t *framework, struct evaluator *evaluator, struct buf *out);
/* Each control with its checks, then each check once. */
void explain_controls(const json_t *controls, struct evaluator *evaluator, struct buf *out);

#endif
