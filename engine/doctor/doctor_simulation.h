/* May the role make each read, or each write, that the policies declare? IAM's policy simulator
 * says, one response for each action and resource. It evaluates the identity's policies, its
 * permissions boundary and the organization's service control policies. It does not evaluate
 * conditions on values that only a real request has (they are named in the response), resource
 * policies, resource control policies, nor session policies; the engine's own session policy allows
 * exactly these reads. So an action that it allows may still be refused: doctor_listing makes real
 * calls. Source: IAM API Reference, SimulatePrincipalPolicy and EvaluationResult; IAM User Guide,
 * "IAM policy testing with the IAM policy simulator". Serves doctor_account. */
#ifndef DOCTOR_DOCTOR_SIMULATION_H
#define DOCTOR_DOCTOR_SIMULATION_H

#include "doctor/doctor_account.h"

struct doctor_simulation;
/* `access`: "read" or "write", whose actions are simulated. Adds what is refused to
 * account->refused; done is called once, from the loop. */
struct doctor_simulation *doctor_simulation_start(struct doctor_account *account,
                                                  const char *access, loop_fn done, void *arg);
void doctor_simulation_free(struct doctor_simulation *simulation);

#endif
