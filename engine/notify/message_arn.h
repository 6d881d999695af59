/* Fields of ARNs, and the region that a message goes to where nothing names one. Serves the files
 * that send. */
#ifndef NOTIFY_MESSAGE_ARN_H
#define NOTIFY_MESSAGE_ARN_H

#include <stddef.h>

struct message;

/* Field `number` (from 0) of "arn:partition:service:region:account:resource" in `out`; "" when the
 * text is no ARN or the field is too long. */
const char *message_arn_field(const char *arn, int number, char *out, size_t size);
/* The region that nothing else names. */
const char *message_home(const struct message *message);

#endif
