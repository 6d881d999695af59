/* A policy's text, read as tokens: on which line each field of policy {…} stands. For messages
 * only; nothing is decided by it. Serves the loader through core. */
#ifndef BINDINGS_POLICY_SOURCE_TEXT_H
#define BINDINGS_POLICY_SOURCE_TEXT_H

#include <stddef.h>

struct source_text;

struct source_text *source_text_new(const char *text, size_t length);
void source_text_free(struct source_text *source); /* NULL is allowed */

/* Line of a field ("checks[1].severity", "events.sqs:CreateQueue"), or of the nearest field around
 * it that stands in the file, or of policy itself; 1 when there is none. */
int source_text_line(const struct source_text *source, const char *path);

#endif
