/* Joins the engine and its policy language: the only file that sees both. */
#include "app/cli/app.h"
#include "base/mem.h"
#include "bindings/language/language.h"
#include "policy_code.h"
#include "policy_index.h"

int main(int argc, char **argv)
{
    static const struct language_prepared prepared = {
        .index = (const char *)policy_index, .code = policy_code, .code_length = policy_code_len};
    mem_install();
    return app_main(argc, argv, language_lua(&prepared));
}
