/* Events as the command line gets them: texts with or without EventBridge's envelope, and --types.
 * Serves the command translate. A function gets its events from EventBridge alone, with their
 * envelope, which says that AWS sent them: it calls translate_event. */
#ifndef INTAKE_TRANSLATE_TEXT_H
#define INTAKE_TRANSLATE_TEXT_H

#include "intake/translate.h"

/* A JSON text: an event of EventBridge, or a record of CloudTrail. */
void translate_text(const struct context *context, const char *text, size_t length,
                    const struct translate_target *target);

/* ERR_USAGE if there is no policy for a type that the settings name. */
int translate_check_types(const struct context *context, struct err *err);

#endif
