/* The protocol cases whose outcome differs from ours, and why. */
#ifndef SUPPORT_PROTOCOL_DIFFERENCES_H
#define SUPPORT_PROTOCOL_DIFFERENCES_H

#include <stddef.h>

/* Why that case differs, or NULL if it does not. */
const char *protocol_difference(const char *table, const char *id);
size_t protocol_difference_count(void);

#endif
