/* How a probe of the set-up ended. Serves the files of this room. */
#ifndef DOCTOR_DOCTOR_STATUS_H
#define DOCTOR_DOCTOR_STATUS_H

enum doctor_status {
    DOCTOR_OK,
    DOCTOR_WARNING,
    DOCTOR_FAILED,
    DOCTOR_MISSING,    /* a permission is */
    DOCTOR_NOT_CHECKED /* the message says why */
};
#define DOCTOR_STATUSES 5

/* "ok", …, "not_checked" */
const char *doctor_status_name(enum doctor_status status);

#endif
