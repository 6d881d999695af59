"""The lints of files and rooms must pass for a small correct tree, and fail for one with a single
fault."""
import json
import subprocess

import circles
import headers
from selftest_lints import FUNCTION, Tree


class Rooms(Tree):
    def objects(self, **sources):
        """A build of these files of engine/base, in the form that circles.py expects."""
        entries = []
        for name, text in sources.items():
            path = f"engine/base/{name}.c"
            self.write(path, text)
            command = ["cc", "-c", str(self.root / path), "-o", f"{name}.o"]
            subprocess.run(command, cwd=self.root, check=True)
            entries.append({"file": str(self.root / path), "command": " ".join(command)})
        self.write("compile_commands.json", json.dumps(entries))
        return circles.graph_of(*circles.symbols(circles.objects(self.root, self.root)))

    def test_files_that_call_each_other_are_a_circle(self):
        graph = self.objects(a="int b(void); int a(void) { return b(); }\n",
                             b="int c(void); int b(void) { return c(); }\n",
                             c="int c(void) { return 1; }\n")
        self.assertEqual(circles.circles(graph), [])
        graph = self.objects(c="int a(void); int c(void) { return a(); }\n",
                             a="int b(void); int a(void) { return b(); }\n",
                             b="int c(void); int b(void) { return c(); }\n")
        self.assertEqual(circles.circles(graph),
                         [{f"engine/base/{name}.c" for name in "abc"}])

    def test_every_file_needs_a_header_that_declares_its_functions(self):
        self.write("engine/app/main.c", FUNCTION.format(name="main", body=""))
        self.assertEqual(headers.survey(self.root), {})
        self.assertEqual(headers.main(self.root), 0)
        self.write("engine/value/xml.c", FUNCTION.format(name="xml", body=""))
        self.write("engine/base/err.c", "static int own(void)\n{\n    return 0;\n}\n"
                   + FUNCTION.format(name="err", body="") + FUNCTION.format(name="more", body=""))
        found = headers.survey(self.root)
        self.assertEqual(found, {
            "engine/base": ["err.c does not declare more in its header"],
            "engine/value": ["xml.c has no header of its own"]})
        self.assertEqual(headers.main(self.root), 1)

    def test_every_function_that_frees_must_be_called_with_null(self):
        self.write("engine/base/err.h", "void err_free(struct err *err);\nvoid err_drop(struct err *err);\n")
        self.write(headers.FREED, "    err_free(NULL);\n")
        self.assertEqual(headers.untried(self.root), ["err_drop"])
        self.assertEqual(headers.main(self.root), 1)

    def picture(self, *lines):
        self.write("docs/architecture.md",
                   "<!-- rooms -->\n```\nbindings/libs\nbindings/vm\n" + "\n".join(lines) + "\n```\n<!-- /rooms -->\n")

    def test_the_picture_must_show_the_rooms(self):
        self.picture("app/cli   commands", "value     text", "base      memory")
        self.passes("architecture.py")
        self.picture("app/cli", "base", "value")
        self.fails("architecture.py", "value uses base, which is not shown below it")
        self.picture("app/cli", "base")
        self.fails("architecture.py", "room value is not shown")
        self.picture("app/cli  app/gui", "value", "base")
        self.fails("architecture.py", "app/gui is not a room")

    def test_words_of_a_verdict_must_be_in_one_table(self):
        self.write("engine/policy/verdict.c", 'static const char *const names[] = {"held"};\n')
        self.write("engine/base/err.c", 'json_object_get(finding, "held"); /* "held" */\n')
        self.passes("verdict.py")
        self.write("engine/base/err.c", 'strcmp(status, "held");\n')
        self.fails("verdict.py", 'engine/base/err.c:1: "held" is a word')
