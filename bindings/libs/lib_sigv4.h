/* sigv4.sign{…} and sigv4.presign{…}: the signer alone, with the result of each stage. Serves
 * script. */
#ifndef BINDINGS_LIBS_LIB_SIGV4_H
#define BINDINGS_LIBS_LIB_SIGV4_H

#include <lua.h>

void lib_sigv4_push(lua_State *L);

#endif
