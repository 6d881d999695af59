"""Each lint must pass for a small correct tree, and fail for one with a single fault."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

LINT = pathlib.Path(__file__).resolve().parent
ROOMS = ("engine_room(base)\nengine_room(value base)\nengine_room(app/cli base value)\n"
         "engine_room(bindings/vm base)\nengine_room(bindings/libs bindings/vm)\n")
FUNCTION = "int {name}(void)\n{{\n{body}    return 0;\n}}\n"
TREE = {
    "CMakeLists.txt": ROOMS,
    "engine/base/err.h": "int err(void);\n",
    "engine/base/err.c": '#include "base/err.h"\n\n' + FUNCTION.format(name="err", body=""),
    "engine/value/json.h": '#include "base/err.h"\n',
    "engine/app/main.c": '#include "bindings/vm/host.h"\n#include "value/json.h"\n',
    "bindings/vm/host.h": "#include <lua.h>\n",
    "policies/sqs.lua": "local sqs = {}\n\nfunction sqs.one(a)\n  if a then\n    return 1\n"
                        "  end\n  return 2\nend\n\nreturn sqs\n",
}


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        # A folder with such a name above the checkout must not affect a lint.
        self.root = pathlib.Path(self.folder.name, "fixtures/engine")
        for name, text in TREE.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_lint(self, name, *arguments):
        command = [sys.executable, "-BS", str(LINT / name), *map(str, arguments or [self.root])]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        return result.returncode, result.stdout + result.stderr

    def passes(self, name, *arguments):
        status, text = self.run_lint(name, *arguments)
        self.assertEqual(status, 0, text)

    def fails(self, name, expected, *arguments):
        status, text = self.run_lint(name, *arguments)
        self.assertEqual(status, 1, text)
        self.assertIn(expected, text)


class Lints(Tree):
    def test_a_correct_tree_passes(self):
        for name in ("layers.py", "sizes.py", "words.py"):
            self.passes(name)

    def test_a_file_must_not_include_a_higher_room(self):
        self.write("engine/base/err.c", '#include "value/json.h"\n')
        self.fails("layers.py", "room base may not use value")

    def test_a_file_of_bindings_must_not_include_a_higher_room(self):
        self.write("bindings/libs/lib_uri.h", '#include "bindings/vm/host.h"\n')
        self.passes("layers.py")
        self.write("bindings/vm/state.h", '#include "bindings/libs/lib_uri.h"\n')
        self.fails("layers.py", "room bindings/vm may not use bindings/libs")

    def test_a_maximum_must_not_be_allocated(self):
        self.passes("maxima.py")
        self.write("engine/value/buf.c", '#include "base/err.h"\n\n' + FUNCTION.format(
            name="buf", body="    char *text = mem_alloc(MAX_FILE + 2);\n"))
        self.fails("maxima.py", "engine/value/buf.c:5: mem_alloc of a maximum (MAX_FILE)")

    def test_engine_must_not_include_lua(self):
        self.write("engine/base/err.c", "#include <lua5.4/lauxlib.h>\n")
        self.fails("layers.py", "only bindings/ may")

    def test_main_must_not_include_lua(self):
        self.write("engine/app/main.c", "#include <lua.h>\n")
        self.fails("layers.py", "only bindings/ may")

    def test_only_main_may_include_bindings(self):
        self.write("engine/app/cli/run.c", '#include "bindings/vm/host.h"\n')
        self.fails("layers.py", "is not a file of")

    def test_includes_must_not_form_a_circle(self):
        self.write("engine/base/err.h", '#include "base/log.h"\n')
        self.write("engine/base/log.h", '#include "base/err.h"\n')
        self.fails("layers.py", "circle: ")

    def test_an_include_must_not_leave_its_folder(self):
        self.write("engine/base/err.c", '#include "../value/json.h"\n')
        self.fails("layers.py", "leaves its folder")

    def test_a_room_must_not_list_itself(self):
        self.write("CMakeLists.txt", ROOMS.replace("(base)", "(base value)"))
        self.fails("layers.py", "room base uses value, which is not below it")

    def test_the_build_must_know_every_room(self):
        self.write("engine/extra/a.c", "int a;\n")
        self.fails("layers.py", "engine/extra is not a room")

    def test_files_must_be_short(self):
        self.write("engine/base/err.c", "int a;\n" * 400)
        self.fails("sizes.py", "400 lines")

    def test_functions_must_be_short(self):
        self.write("engine/base/err.c", FUNCTION.format(name="err", body="    err();\n" * 9))
        self.fails("sizes.py", "C: the median")

    def test_nine_in_ten_functions_must_be_short(self):
        short = "".join(FUNCTION.format(name=f"f{n}", body="") for n in range(17))
        long = "".join(FUNCTION.format(name=f"g{n}", body="    f1();\n" * 50) for n in range(2))
        self.write("engine/base/err.c", short + long)
        self.fails("sizes.py", "nine in ten")

    def test_each_function_must_be_short(self):
        """A function has four lines more than this body."""
        short = "".join(FUNCTION.format(name=f"f{n}", body="") for n in range(19))
        self.write("engine/base/err.c", short + FUNCTION.format(name="g", body="    f1();\n" * 27))
        self.passes("sizes.py")
        self.write("engine/base/err.c", short + FUNCTION.format(name="g", body="    f1();\n" * 28))
        self.fails("sizes.py", "a function of 32 lines")

    def test_a_room_must_be_small(self):
        for n in range(19):
            self.write(f"engine/base/f{n}.c", FUNCTION.format(name=f"f{n}", body=""))
        self.passes("sizes.py")
        self.write("engine/base/more.c", FUNCTION.format(name="more", body=""))
        self.fails("sizes.py", "engine/base: 21 .c files")

    def test_comments_and_blank_lines_do_not_count(self):
        self.write("engine/base/err.c", FUNCTION.format(name="err", body="    /* why\n */\n\n" * 9))
        self.passes("sizes.py")

    def test_lua_functions_must_be_short(self):
        self.write("policies/sqs.lua", "return function(a)\n" + "  a = a + 1\n" * 12 + "end\n")
        self.fails("sizes.py", "Lua: the median")

    def test_comments_must_not_leave_work_undone(self):
        self.write("engine/base/err.c", "/* TO" + "DO: later */\n")
        self.fails("words.py", "left undone")

    def test_texts_must_not_name_paths_of_a_machine(self):
        self.write("script/x", "cd /wo" + "rk/main\n")
        self.fails("words.py", "names a place")

    def test_lines_must_not_be_too_long(self):
        self.write("engine/base/err.h", "/* " + "a" * 100 + " */\n")
        self.fails("words.py", "columns")

    def terraform(self, *texts):
        """Exit status and output of terraform.sh for folders named 0, 1, … with these contents."""
        for number, text in enumerate(texts):
            self.write(f"{number}/main.tf", text)
        folders = [str(self.root / str(number)) for number in range(len(texts))]
        done = subprocess.run(["bash", str(LINT / "terraform.sh"), *folders],
                              cwd=LINT.parents[1], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_terraform_must_be_formatted_and_skips_need_reasons(self):
        """What checkov finds: see terraform_checks.py."""
        queue = 'resource "aws_sqs_queue" "this" {{\n  name{} = "a"\n{}}}\n'
        safe = "  sqs_managed_sse_enabled = true\n"
        skip = "  #checkov:skip=CKV_AWS_27:{}\n"
        status, said = self.terraform(queue.format("   ", safe))
        self.assertNotEqual(status, 0)
        self.assertIn("sqs_managed_sse_enabled", said)
        status, said = self.terraform(queue.format("", skip.format("so")))
        self.assertEqual(status, 1)
        self.assertIn("does not say why", said)

    def test_an_empty_tree_fails(self):
        with tempfile.TemporaryDirectory() as empty:
            pathlib.Path(empty, "CMakeLists.txt").touch()
            self.fails("layers.py", "no C files found", empty)
            self.fails("sizes.py", "no C files found", empty)

    def permits(self):
        for name, kind in (("change/gate", "CHANGE"), ("notify/message", "MESSAGE"),
                           ("app/cli/cmd_run", "OPERATOR"), ("accounts/sessions", "READ")):
            self.write(f"engine/{name}.c", f"struct session s = {{.permit = PERMIT_{kind}}};\n")

    def test_each_permit_is_used_in_one_place(self):
        self.permits()
        self.passes("permits.py")
        for kind in ("CHANGE", "MESSAGE", "OPERATOR"):
            self.permits()
            self.write("engine/accounts/sessions.c", f"enum permit p = PERMIT_{kind};\n")
            self.fails("permits.py", f"sessions.c: must not use PERMIT_{kind}")

    def test_permits_must_not_be_hidden_by_casts(self):
        for text in (".permit = 1", "s->permit = 3", "(enum permit)3"):
            self.permits()
            self.write("bindings/vm/host.h", f"/* PERMIT_CHANGE */ x = {text};\n")
            self.fails("permits.py", "name a permit directly")

    def test_an_unused_permit_fails(self):
        self.fails("permits.py", "nothing uses PERMIT_CHANGE")

    def law(self, *includes):
        """Exit status and output of law.py if each room is compiled with these include folders."""
        view = self.root / "view/base"
        view.parent.mkdir(exist_ok=True)
        if not view.exists():
            view.symlink_to(self.root / "engine/base")
        folders = " ".join(f"-I{folder}" for folder in (LINT / "poison", *includes))
        files = ("engine/base/err.c", "engine/app/main.c", "bindings/vm/host.c")
        self.write("compile_commands.json", json.dumps(
            [{"file": str(self.root / file), "command": f"cc {folders} -o x.o -c {file}"}
             for file in files]))
        done = subprocess.run([sys.executable, "-BS", LINT / "law.py", self.root], cwd=self.root,
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_a_room_sees_only_its_lower_rooms(self):
        self.write("engine/app/cli/app.h", "int app(void);\n")
        status, said = self.law(self.root / "view")
        self.assertEqual(status, 0, said)
        status, said = self.law(self.root / "engine")
        self.assertEqual(status, 1, said)
        self.assertIn('room base: #include "value/json.h" compiles', said)
        self.assertIn('room base: #include "app/cli/app.h" compiles', said)

    def pins(self, package, requires, *lists):
        """pins.py for an environment with one package, which each of these lists requires."""
        for name in lists:
            self.write(f"script/requirements/{name}.txt", f"{package}==1.0 \\\n    --hash=x\n")
        self.write(f"env/lib/python3.11/site-packages/{package}-1.0.dist-info/METADATA",
                   f"Name: {package}\nVersion: 1.0\nRequires-Python: {requires}\n\n")
        self.write("README.md", "Python 3.11.2 or newer\n")
        return [self.root, self.root / "env"]

    def test_pins_must_support_the_oldest_python(self):
        self.passes("pins.py", *self.pins("one", ">=3.8", "build"))
        self.fails("pins.py", "one 1.0 requires Python >=3.11.5, README promises 3.11.2",
                   *self.pins("one", ">=3.11.5", "build"))

    def test_a_package_must_be_pinned_once(self):
        self.fails("pins.py", "one: in build.txt and demo.txt",
                   *self.pins("one", ">=3.8", "build", "demo"))

    def test_engine_must_not_use_symbols_of_lua(self):
        self.archive("int lua_gettop(void *);\nint f(void *);\nint f(void *l)\n"
                     "{\n    return lua_gettop(l);\n}\n")
        self.fails("symbols.py", "1 references to Lua", self.root)
        self.archive("int f(void);\nint f(void)\n{\n    return 1;\n}\n")
        self.passes("symbols.py", self.root)

    def archive(self, text):
        self.write("a.c", text)
        for command in (["cc", "-c", "a.c"], ["ar", "rcs", "libengine_base.a", "a.o"]):
            subprocess.run(command, cwd=self.root, check=True)


class Reads(Tree):
    """A service with one operation, whose response has one member, and its review."""
    def setUp(self):
        super().setUp()
        self.write("botocore/__init__.py", "__version__ = '1.2.3'\n")
        self.model("Gets the queue.", {"type": "string"})

    def model(self, page, shape, member="Name"):
        shapes = {"Answer": {"type": "structure", "members": {member: {"shape": "Text"}}},
                  "Text": shape}
        operation = {"documentation": page, "output": {"shape": "Answer"}}
        self.write("botocore/data/queue/2012-11-05/service-2.json",
                   json.dumps({"operations": {"GetQueue": operation}, "shapes": shapes}))

    def review(self, *lines, version="1.2.3"):
        head = f"botocore\t{version}\t2026-01-01\tcomplete"
        self.write("reads/queue.tsv", "\n".join([head, *lines]) + "\n")
        return [self.root / "reads", self.root / "botocore/data"]

    def test_a_reviewed_read_passes(self):
        self.passes("reads.py", *self.review("read\tqueue:GetQueue"))

    def test_every_candidate_must_be_reviewed(self):
        self.fails("reads.py", "GetQueue was not reviewed", *self.review())

    def test_every_operation_must_exist(self):
        lines = self.review("read\tqueue:GetQueue", "never\tqueue:GetQueues\twhy")
        self.fails("reads.py", "GetQueues is not an operation", *lines)

    def test_reads_that_create_start_or_store_need_a_reason(self):
        for page in ("Creates it.", "<p>Starts</p>", "and stores it", "It generates a", "a pre-signed"):
            self.model(page, {"type": "string"})
            self.fails("reads.py", "say why it is a read", *self.review("read\tqueue:GetQueue"))
            self.passes("reads.py", *self.review("read\tqueue:GetQueue\twhy"))

    def test_reads_that_reveal_secrets_need_a_reason(self):
        self.model("Gets it.", {"type": "string", "sensitive": True})
        self.fails("reads.py", "it reveals Name", *self.review("read\tqueue:GetQueue"))
        self.passes("reads.py", *self.review("read\tqueue:GetQueue\twhy"))

    def test_members_named_as_secrets_must_be_redacted(self):
        self.model("Gets it.", {"type": "string"}, "AdminPassword")
        secret = "secret\tqueue:Answer.AdminPassword\twhy"
        self.fails("reads.py", "is that secret", *self.review("read\tqueue:GetQueue\twhy"))
        self.passes("reads.py", *self.review("read\tqueue:GetQueue", secret))
        lines = self.review("read\tqueue:GetQueue", secret.replace("Admin", "Other"))
        self.fails("reads.py", "no output of queue has", *lines)

    def test_the_version_must_be_the_reviewed_one(self):
        lines = self.review("read\tqueue:GetQueue", version="1.2.2")
        self.fails("reads.py", "was reviewed for botocore 1.2.2", *lines)

    def test_refused_operations_need_a_reason(self):
        for verdict in ("declare", "write", "never"):
            self.fails("reads.py", "needs a reason", *self.review(f"{verdict}\tqueue:GetQueue"))


class Partitions(Tree):
    """One partition with one region, and another with a domain of its own."""
    def setUp(self):
        super().setUp()
        self.botocore(("aws", "amazonaws.com", "us-east-1"), ("aws-cn", "amazonaws.com.cn", "cn-north-1"))
        self.write("policies/lib/service_domains.lua",
                   'return { ".amazonaws.com", ".amazonaws.com.cn" } -- ".amazonaws.eu"\n')
        self.write("policies/lib/arn.lua",
                   'local PARTITIONS = {\n  ["cn-"] = "aws-cn",\n}\nknown[region:sub(1, 3)]\n')

    def botocore(self, *rows):
        ends = [{"partition": name, "dnsSuffix": domain} for name, domain, _ in rows]
        parts = [{"id": name, "outputs": {"dnsSuffix": domain}, "regions": {region: {}, name + "-global": {}}}
                 for name, domain, region in rows]
        self.write("data/endpoints.json", json.dumps({"partitions": ends}))
        self.write("data/partitions.json", json.dumps({"partitions": parts}))

    def test_known_partitions_pass(self):
        self.passes("partitions.py", self.root, self.root / "data")

    def test_a_beginning_that_is_never_looked_up_fails(self):
        self.write("policies/lib/arn.lua",
                   'local PARTITIONS = {\n  ["cn-"] = "aws-cn",\n}\nknown[region:sub(1, 5)]\n')
        self.fails("partitions.py", "belongs to aws-cn", self.root, self.root / "data")

    def test_an_unknown_domain_fails(self):
        self.botocore(("aws-eusc", "amazonaws.eu", "us-east-1"))
        self.fails("partitions.py", "also end in .amazonaws.eu", self.root, self.root / "data")

    def test_a_region_of_an_unknown_partition_fails(self):
        self.botocore(("aws-eusc", "amazonaws.com", "eusc-de-east-1"))
        self.fails("partitions.py", "eusc-de-east-1 belongs to aws-eusc", self.root, self.root / "data")

    def test_an_arn_of_one_partition_fails(self):
        self.write("terraform/roles.tf", 'error_message = "as arn:aws:iam::*:role/a"\n')
        self.passes("partitions.py", self.root, self.root / "data")
        self.write("terraform/roles.tf", 'a = 1\nb = "arn:aws:iam::*:role/${local.member_role}"\n')
        self.fails("partitions.py", "terraform/roles.tf:2: an ARN of", self.root, self.root / "data")


class Coverage(Tree):
    def measure(self, *lines):
        self.write("counts", "".join(f"{line}\n" for line in lines))
        return ["--root", self.root, "--floor", 85, "--html", self.root / "out/lua.html",
                self.root / "counts"]

    def test_full_coverage_passes(self):
        lines = [f"@policies/sqs.lua:{line} 1" for line in (1, 3, 4, 5, 7, 8, 10)]
        self.passes("lua_coverage.py", *self.measure(*lines))
        self.assertIn("100.0 %", (self.root / "out/lua.html").read_text())

    def test_counts_of_several_runs_add_up(self):
        lines = [f"{self.root}/policies/sqs.lua:{line} 2" for line in (1, 3, 4, 10)]
        self.fails("lua_coverage.py", "66.7 %", *self.measure(*lines))
        lines += [f"policies/sqs.lua:{line} 1" for line in (4, 5, 7)]
        self.passes("lua_coverage.py", *self.measure(*lines))

    def test_a_policy_that_was_never_loaded_counts(self):
        self.fails("lua_coverage.py", "lua coverage: 0.0 %", *self.measure())


class Runner(Tree):
    def test_a_file_without_tests_fails(self):
        self.write("test_none.py", "import unittest\n")
        self.fails("run_unittest.py", "no test ran", self.root / "test_none.py")

    def test_a_skipped_test_fails(self):
        self.case("self.skipTest('why')")
        self.fails("run_unittest.py", "skipped", self.root / "test_case.py")

    def test_a_failed_test_fails(self):
        self.case("self.fail('why')")
        self.fails("run_unittest.py", "AssertionError: why", self.root / "test_case.py")

    def test_a_passed_test_passes(self):
        self.case("self.assertTrue(True)")
        self.passes("run_unittest.py", self.root / "test_case.py")

    def case(self, body):
        self.write("test_case.py", "import unittest\n\n\nclass Case(unittest.TestCase):\n"
                                   f"    def test_it(self):\n        {body}\n")


if __name__ == "__main__":
    unittest.main()
