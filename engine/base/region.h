/* Names of AWS regions. Serves settings, and checks what a policy says about a resource. */
#ifndef BASE_REGION_H
#define BASE_REGION_H

#include <stdbool.h>

/* The word for all regions that are enabled in an account. */
#define REGION_ALL "all"

/* Has the text the form of a region's name: "us-east-1", "us-gov-west-1", "eusc-de-east-1"? */
bool region_is_name(const char *text);

#endif
