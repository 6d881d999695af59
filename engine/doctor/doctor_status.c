#include "doctor/doctor_status.h"

const char *doctor_status_name(enum doctor_status status)
{
    static const char *const names[DOCTOR_STATUSES] = {"ok", "warning", "failed", "missing",
                                                       "not_checked"};
    return names[status];
}
