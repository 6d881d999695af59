/* One of the engine's own reads in an account. Serves doctor_account and doctor_principal. */
#ifndef DOCTOR_DOCTOR_ASK_H
#define DOCTOR_DOCTOR_ASK_H

#include "doctor/doctor_account.h"

/* Calls done from the loop if it was started, else at once. In the master region. */
void doctor_ask(struct doctor_account *account, const char *service, const char *operation,
                const json_t *params, client_done done, void *arg);

#endif
