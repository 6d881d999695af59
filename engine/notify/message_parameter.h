/* Parameters of SSM Parameter Store that the operator named: "ssm:/name", or an ARN. Source: AWS
 * Systems Manager API Reference, GetParameter. Serves the commands and functions; calls message. */
#ifndef NOTIFY_MESSAGE_PARAMETER_H
#define NOTIFY_MESSAGE_PARAMETER_H

#include <stdbool.h>

#include "aws/client/client.h"
#include "notify/message.h"

/* Does the text have one of these two forms? */
bool message_parameter_is(const char *text);
/* ERR_USAGE says what is wrong with the name. */
int message_parameter_check(const char *text, struct err *err);
/* `result` has "Parameter": {"Value", "Type"}; the error names the parameter. Call it only after
 * message_parameter_check; `text` must live until done. */
void message_parameter_get(struct message *message, const char *text, client_done done, void *arg);

#endif
