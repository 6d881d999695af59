/* Fields of ARNs, and the default region for messages. Serves the files that send. */
#ifndef NOTIFY_MESSAGE_ARN_H
#define NOTIFY_MESSAGE_ARN_H

#include <stddef.h>

struct message;

/* Field `number` (from 0) of "arn:partition:service:region:account:resource" in `out`; "" if the
 * text is not an ARN or the field is too long. */
const char *message_arn_field(const char *arn, int number, char *out, size_t size);
/* The region to use if nothing else names one. */
const char *message_default_region(const struct message *message);

#endif
