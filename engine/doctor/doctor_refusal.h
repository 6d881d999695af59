/* A refused permission in few words: AWS's own sentence names the session, and the action twice.
 * Serves the files of this room. */
#ifndef DOCTOR_DOCTOR_REFUSAL_H
#define DOCTOR_DOCTOR_REFUSAL_H

#include "base/err.h"

/* "sqs:ListQueues is refused", with AWS's reason if it gives one; for any other error its message,
 * after the action unless that is in it, or "". mem_free. */
char *doctor_refusal(const char *action, const struct err *err);

#endif
