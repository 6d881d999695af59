/* The queues, the topic and the table that the settings name: do they exist? Looks with reads and
 * sends nothing. Serves doctor. */
#ifndef DOCTOR_DOCTOR_DESTINATIONS_H
#define DOCTOR_DOCTOR_DESTINATIONS_H

#include "doctor/doctor.h"

struct doctor_destinations;
struct doctor_destinations *doctor_destinations_start(const struct doctor *doctor);
void doctor_destinations_free(struct doctor_destinations *destinations);

#endif
