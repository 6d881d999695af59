/* Joins the engine and its policy language: the only file that sees both. */
#include "app/cli/app.h"
#include "base/mem.h"
#include "bindings/language/language.h"
#include "policy_index.h"

int main(int argc, char **argv)
{
    mem_install();
    return app_main(argc, argv, language_lua((const char *)policy_index));
}
