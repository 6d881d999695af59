/* The settings that choose endpoints, of the environment and of the profile: a recording keeps
 * them, and its replay uses them in place of its own, because requests name their hosts. Serves
 * app/services/recording.c. */
#ifndef AWS_ENDPOINT_ENDPOINT_CHOICE_H
#define AWS_ENDPOINT_ENDPOINT_CHOICE_H

#include <jansson.h>

/* {"variables":{"AWS_ENDPOINT_URL":"…"}, "profile":{"endpoint_url":"…", "services":{…}}}, without
 * queries of URLs, and with "http://@" for a URL that may contain a password. `environment` as
 * environ(7); `profile`: the selected profile's settings, or NULL. New. */
json_t *endpoint_choice(char *const *environment, const json_t *profile);
/* Replaces these settings of the process's environment and of *profile, which is created if it is
 * NULL and there are any. */
void endpoint_choice_use(const json_t *choice, char *const *environment, json_t **profile);

#endif
