/* The ids of organizations and their parts. Serves settings, accounts, admission and trust. Source:
 * AWS Organizations API Reference, Organization (o-[a-z0-9]{10,32}), Root (r-[0-9a-z]{4,32}) and
 * OrganizationalUnit (ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}); accounts have 12 digits. */
#ifndef SETTINGS_ORGANIZATION_H
#define SETTINGS_ORGANIZATION_H

#include <stdbool.h>

bool organization_is_account(const char *text);
/* An organization; shorter ids are accepted too, as policies find them in documents. */
bool organization_is_id(const char *text);
bool organization_is_ou(const char *text);
/* The root or unit in "org:ou-…"; "" for "org", the whole organization; NULL: neither. */
const char *organization_asked(const char *word);
/* A unit or a root, as in an organization's path. */
bool organization_is_unit(const char *text);

#endif
