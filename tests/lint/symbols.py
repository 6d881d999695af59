"""symbols.py BUILD: no object file of engine/ refers to symbols of Lua, however it was declared."""
import pathlib
import re
import subprocess
import sys

LUA = re.compile(r"\b(lua_|luaL_|luaopen_)\w+$")


def main(build):
    libraries = sorted(path for path in build.glob("libengine_*.a")
                       if not path.name.startswith("libengine_bindings"))
    if not libraries:
        print(f"symbols: no libraries of engine/ in {build}")
        return 1
    listing = subprocess.run(["nm", "-A", "-u", *map(str, libraries)], check=True,
                             capture_output=True, text=True).stdout
    bad = [line for line in listing.splitlines() if LUA.search(line)]
    print("\n".join(bad))
    print(f"symbols: {len(libraries)} libraries, {len(bad)} references to Lua")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
