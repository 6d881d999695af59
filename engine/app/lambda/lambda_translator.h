/* The event translator: converts CloudTrail events to resource lines. Serves lambda.c. */
#ifndef APP_LAMBDA_LAMBDA_TRANSLATOR_H
#define APP_LAMBDA_LAMBDA_TRANSLATOR_H

#include "app/lambda/lambda_handler.h"

extern const struct lambda_handler lambda_translator;

#endif
