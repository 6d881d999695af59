"""The operator's own Lua: what the prompt prints, how it is typed at a terminal, and how an error
shows where a script failed."""
import contextlib
import pathlib
import signal
import socket
import subprocess
import termios
import unittest

from support.cloud import MASTER, Cloud
from support.engine import ENGINE
from support.typist import Typist

UP = "\x1b[A"


class Scripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()

    @classmethod
    def tearDownClass(cls):
        cls.cloud.close()

    def test_the_prompt_shows_tables_as_json(self):
        run = self.cloud.engine("repl", stdin="sts.caller().account\n{ 1, 'two' }\nprint\n")
        self.assertEqual(run.status, 0, run)
        self.assertIn(f'{MASTER}\n[\n  1,\n  "two"\n]\nfunction: ', run.out)

    def test_the_prompt_goes_on_after_errors(self):
        run = self.cloud.engine("repl", stdin="error('no')\naws.sqs:ListQeues{}\n1 + 1\n")
        self.assertEqual((run.status, run.out), (0, "2\n"), run)
        self.assertIn('did you mean "ListQueues"?', run.err)

    def test_a_script_says_where_it_went_wrong(self):
        path = self.cloud.directory / "wrong.lua"
        path.write_text("local function go()\n  aws.sqs:DeleteQueue{}\nend\ngo()\n")
        run = self.cloud.engine("run", str(path))
        self.assertEqual(run.status, 1, run)
        lines = run.err.splitlines()
        self.assertRegex(lines[0], "^engine: error: .*wrong.lua:2: sqs:DeleteQueue: QueueUrl: "
                                   "required, but missing$")
        self.assertTrue(any("wrong.lua:2:" in line for line in lines[1:]), run)

    def test_missing_credentials_need_no_traceback(self):
        path = self.cloud.directory / "first.lua"
        path.write_text("aws.sqs:ListQueues{}\n")
        run = self.cloud.engine("run", str(path), AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
        self.assertEqual(run.status, 1, run)
        self.assertRegex(run.err, "^engine: error: [^\n]*credentials[^\n]*\n$")

    def test_a_script_loads_a_library_written_in_c(self):
        """The library calls the Lua that is linked into the executable."""
        library = pathlib.Path(ENGINE).parent / "tests" / "lua_lines.so"
        path = self.cloud.directory / "library.lua"
        path.write_text(f"local open = assert(package.loadlib('{library}', 'luaopen_lua_lines'))\n"
                        "print(type(open().start))\n")
        run = self.cloud.engine("run", str(path))
        self.assertEqual((run.status, run.out, run.err), (0, "function\n", ""))

    def start(self, text, **environment):
        path = self.cloud.directory / "endless.lua"
        path.write_text(text)
        return subprocess.Popen([str(ENGINE), "run", str(path)], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True,
                                env=self.cloud.environment(**environment))

    def test_a_signal_ends_an_endless_loop(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                script = self.start("print('go') io.flush()\nwhile true do end\n")
                self.assertEqual(script.stdout.readline(), "go\n")
                script.send_signal(number)
                err = script.communicate(timeout=60)[1]
                self.assertEqual(script.returncode, 128 + number, err)
                self.assertIn("error: interrupted\n", err)
                self.assertIn("endless.lua:2: in main chunk", err)

    def test_a_signal_ends_a_call_without_a_response(self):
        with socket.create_server(("127.0.0.1", 0)) as mute:
            mute.settimeout(60)
            script = self.start("aws.sqs:ListQueues{}",
                                AWS_ENDPOINT_URL=f"http://127.0.0.1:{mute.getsockname()[1]}")
            with mute.accept()[0]:
                script.send_signal(signal.SIGINT)
                err = script.communicate(timeout=60)[1]
        self.assertEqual(script.returncode, 128 + signal.SIGINT, err)
        self.assertIn("interrupted: the call may have been made", err)

    def test_the_second_signal_ends_a_script_that_catches_the_first(self):
        script = self.start("while true do pcall(function() print('go') io.flush() "
                            "while true do end end) end\n")
        for status in (None, -signal.SIGTERM):
            self.assertEqual(script.stdout.readline(), "go\n")
            script.send_signal(signal.SIGTERM)
            if status:
                script.communicate(timeout=60)
            self.assertEqual(script.returncode, status)


class Prompt(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()

    @classmethod
    def tearDownClass(cls):
        cls.cloud.close()

    def setUp(self):
        self.home = self.cloud.directory / self.id()
        self.history = self.home / "engine/history"

    @contextlib.contextmanager
    def prompt(self, **environment):
        variables = self.cloud.environment(TERM="xterm", XDG_STATE_HOME=str(self.home),
                                           **environment)
        person = Typist([str(ENGINE), "repl"], variables)
        try:
            person.expect("> ")
            yield person
        finally:
            person.close()

    @staticmethod
    def enter(person, statement, shows):
        """Waits for the next prompt: keys that are pressed before it are the terminal's."""
        person.type(statement + "\r", f"\r\n{shows}\r\n")
        person.expect("> ")

    def test_tab_completes_and_a_call_is_made(self):
        with self.prompt() as person:
            person.type("aws.sq\t", "aws.sqs")
            person.type("\x15aws.sts", "aws.sts")
            person.type(":GetCal\t", "aws.sts:GetCallerIdentity")
            person.type(".Acc", "Acc")
            person.type("\x15aws.sqs:GetQ\t", "aws.sqs:GetQueue")
            person.type("\t", "GetQueueAttributes  GetQueueUrl")
            self.enter(person, "\x15sts.caller().account", MASTER)
            person.press("\x04")
            self.assertEqual(person.end(), 0)

    def test_lines_are_recalled_in_the_next_session(self):
        with self.prompt() as person:
            self.enter(person, "'kept ' .. 1", "kept 1")
            self.enter(person, " 'not ' .. 'kept'", "not kept")
            person.press("\x04")
            self.assertEqual(person.end(), 0)
        self.assertEqual(self.history.read_text(), "'kept ' .. 1\n")
        self.assertEqual(self.history.stat().st_mode & 0o777, 0o600)
        with self.prompt() as person:
            person.type(UP, "> 'kept ' .. 1")
            person.type("\r", "\r\nkept 1\r\n")

    def test_no_history_is_kept_where_it_is_switched_off(self):
        with self.prompt(ENGINE_HISTORY="") as person:
            self.enter(person, "'a' .. 1", "a1")
            person.type(UP, "> 'a' .. 1")
        self.assertFalse(self.home.exists())

    def test_a_history_that_cannot_be_kept_is_no_error(self):
        with self.prompt(ENGINE_HISTORY="/dev/null") as person:
            self.enter(person, "1 + 1", "2")

    def test_ctrl_c_drops_what_was_typed(self):
        with self.prompt() as person:
            person.type("function f()\r", ">> ")
            person.type("print(", "print(")
            person.type("\x03", "\n\r> ")
            self.enter(person, "f == nil", "true")

    def test_ctrl_c_interrupts_a_statement(self):
        with self.prompt() as person:
            person.type("print('go') while true do end\r", "\r\ngo\r\n")
            person.press("\x03")
            person.expect("interrupted\r\n")
            person.expect("> ")
            self.enter(person, "1 + 1", "2")

    def test_the_width_may_change(self):
        with self.prompt() as person:
            person.type("'" + "x" * 70, "x" * 70)
            person.resize(20)
            person.type("y'", "y'")
            person.resize(200)
            person.type(" .. 1\r", "xy1\r\n")

    def test_a_signal_restores_the_terminal(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number), self.prompt() as person:
                self.assertFalse(person.settings()[3] & termios.ECHO)
                person.signal(number)
                self.assertEqual(person.end(), -number)
                self.assertTrue(person.settings()[3] & termios.ECHO)

    def test_a_dumb_terminal_is_read_plainly(self):
        variables = self.cloud.environment(TERM="dumb", XDG_STATE_HOME=str(self.home))
        person = Typist([str(ENGINE), "repl"], variables)
        try:
            person.expect("> ")
            self.enter(person, "1 + 1", "2")
            self.assertFalse(self.history.exists())
        finally:
            person.close()


if __name__ == "__main__":
    unittest.main()
