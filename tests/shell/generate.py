#!/usr/bin/env python3
"""Shell scripts from a grammar, the same for the same number.

usage: generate.py NUMBER [COUNT]       prints them

Most are valid and do something; some are damaged on purpose. What they do is settled by the script alone: no
clock, no process numbers, no races (a stage of a pipe writes no files, a background command is waited for at
once), loops that end, no harm even where the cell around them should leak.
"""
import random
import re
import sys

sys.dont_write_bytecode = True

NAMES = ["a", "b", "c", "x", "y", "long_name", "_u", "X1"]
DATA = ["poem.txt", "words.txt", "numbers.txt", "table.tsv", "config.ini", "prog.c", "empty", "noeol.txt", "crlf.txt",
        "blank.txt", "odd.txt", "utf8.txt", "sorted1", "sorted2", "csv.csv", "lines100", "log", "base64.txt"]
BYTES = ["binary.bin", "nul.bin", "noise.bin", "zeros.bin", "words.txt.gz", "long.txt"]
ODD = ["missing", "dangling", "loop1", "good", "deep", "names/a", "names/with space", "dirlink", "abs", "/etc/passwd",
       "/etc/group", "closed/inside", "secret", "ro.txt", "rodir/file", "fifo/x", "empty/x", "hello.sh"]
LITERALS = ["a", "b", "foo", "bar baz", "hello", "0", "1", "7", "10", "-3", "a/b/c.txt", "x=y", "A", "", " ", "*", "?",
            "[a-c]", "a*", "%s", "%d", "\\\\", "-n", "-e", "--", "~", "/srv/data", "ab.tar.gz", "one two  three", "\t",
            "aXbXc", "a:b::c", "naïve", "#", "!", "a,b,c", "$", "0x1f", "010", "zz top"]
PATTERNS = ["*", "?", "a*", "*b", "*.*", "[abc]", "[!a]*", "*[0-9]", "o", "oo", "a?c", "*/", "/*", "b*c", "[a-", "\\*", "x",
            "'*'", "\"?\"", "[[:alpha:]]", "*o*", "", "[^a-f]"]


class Writer:
    """One script. Every method returns text."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.loops = 0
        self.functions = 0
        self.here = []  # bodies that wait for the end of their line
        self.quiet = 0  # in a stage of a pipe: no files are written
        self.inner = 0  # in a subshell: $$ is not killed, which would run beside it

    def one(self, *choices):
        return self.r.choice(choices)

    def pick(self, weighted):
        """One of (weight, function), called."""
        return self.r.choices([f for _, f in weighted], [w for w, _ in weighted])[0]()

    def chance(self, p):
        return self.r.random() < p

    def some(self, make, least, most, between=" "):
        return between.join(make() for _ in range(self.r.randint(least, most)))

    # ---- Words ----

    def name(self):
        return self.r.choice(NAMES)

    def literal(self):
        return self.r.choice(LITERALS)

    def number(self):
        return str(self.r.choice([0, 1, 2, 3, 5, 7, 10, 16, 42, 100, 255, -1, -4, 1000]))

    def single(self):
        return "'" + self.literal().replace("'", "") + "'"

    def dollar_single(self):
        return "$'" + self.some(lambda: self.one("a", "b", "\\n", "\\t", "\\x41", "\\101", "\\\\", "\\'", "\\e", "\\q", "é"),
                                1, 4, "") + "'"

    def double(self, depth):
        return '"' + self.some(lambda: self.in_double(depth), 1, 3, self.one("", " ")) + '"'

    def in_double(self, depth):
        return self.pick([
            (3, lambda: self.literal().replace('"', "").replace("$", "\\$").replace("\\", "")),
            (4, lambda: self.expansion(depth, True)),
            (1, lambda: self.one("\\$", "\\\\", '\\"', "\\`", "\\a", "'", "$", "*", "\\\n"))])

    def bare(self):
        return self.one("a", "b1", "foo", "bar", "w_1", "5", "a.b", "x-y", "one", "two", "\\a", "a\\ b", "-x", "a=b", "+", "%",
                        "@", "z:z", "n", "/tmp", "é")

    def parameter(self):
        return self.pick([(6, self.name), (2, lambda: self.one("1", "2", "3", "9")), (1, lambda: self.one("#", "?", "@", "*")),
                          (1, lambda: self.one("unset1", "IFS", "HOME", "OPTIND"))])

    def expansion(self, depth, quoted=False):
        return self.pick([
            (5, lambda: "$" + self.parameter()),
            (3, lambda: "${" + self.parameter() + "}"),
            (6 if depth > 0 else 1, lambda: self.operator(depth - 1, quoted)),
            (1, lambda: "${#" + self.one(self.name(), "1", "@", "*", "#", "") + "}"),
            (2 if depth > 0 else 0, lambda: "$((" + self.arithmetic(2) + "))"),
            (2 if depth > 1 else 0, lambda: "$(" + self.substituted(depth - 2) + ")"),
            (1 if depth > 1 and not quoted else 0, lambda: "`" + self.simple_output() + "`"),
            (1, lambda: self.one("$#", "$?", "\"$@\"" if not quoted else "$@", "$*"))])

    def operator(self, depth, quoted):
        name = self.pick([(6, self.name), (1, lambda: self.one("1", "2", "9", "@", "*")), (1, lambda: "unset1")])
        word = self.word(depth) if not quoted else self.in_double(0)
        if self.chance(0.5):
            op = self.one(":-", "-", ":+", "+")
            if name not in "129@*" and self.chance(0.3):
                op = self.one(":=", "=")
            return "${" + name + op + word + "}"
        if self.chance(0.6):
            pattern = self.r.choice(PATTERNS) if self.chance(0.8) else self.one('"$x"', "$a", "$x*")
            return "${" + name + self.one("#", "##", "%", "%%") + pattern + "}"
        if self.chance(0.5):
            place = self.one("0", "1", "2", "5", " -1", " -2", "$((1))", "n")
            return "${" + name + ":" + place + self.one("", ":0", ":1", ":2", ": -1") + "}"
        return "${" + name + self.one("/", "//") + self.one("a", "o", "?", "[ab]", "/x", "o*", "\\*", "'a'") \
            + self.one("", "/", "/X", "/$x", "/'y z'", "/&") + "}"

    def arithmetic(self, depth):
        if depth <= 0 or self.chance(0.25):
            return self.pick([(5, self.number), (3, lambda: self.one("n", "m", "k", "unset1")), (1, lambda: "$" + self.one("n", "m", "#")),
                              (1, lambda: self.one("0x1F", "010", "0xff", "2#101", "36#z", "64#_", "1", "08", "0x"))])
        return self.pick([
            (8, lambda: self.arithmetic(depth - 1) + self.one("+", "-", "*", " + ", " - ", "&", "|", "^", "<", ">", "<=", ">=", "==",
                                                             "!=", "&&", "||", ",") + self.arithmetic(depth - 1)),
            (1, lambda: self.arithmetic(depth - 1) + self.one("/", "%") + self.one("1", "2", "3", "7", "-2", "0")),
            (1, lambda: self.arithmetic(depth - 1) + self.one("<<", ">>") + self.one("0", "1", "3", "8")),
            (2, lambda: self.one("-", "!", "~", "+", "- ", "--", "++") + self.arithmetic(depth - 1)),
            (2, lambda: "(" + self.arithmetic(depth - 1) + ")"),
            (1, lambda: self.arithmetic(depth - 1) + "?" + self.arithmetic(depth - 1) + ":" + self.arithmetic(depth - 1)),
            (2, lambda: self.one("n", "m") + self.one("=", "+=", "-=", "*=", "|=", "<<=") + self.one("1", "2", "(n+1)")),
            (1, lambda: self.one("n++", "m--", "++n", "--m")),
            (1, lambda: self.one("2", "3", "-2") + "**" + self.one("0", "2", "5"))])

    def glob(self):
        return self.one("*", "?", "[a-z]", "*.txt", "names/*", "names/?", "deep/*/*", "names/[AB]", "no*match", "sorted[12]",
                        "names/.*", "*/b/*", "[!a-z]*", "names/[[:upper:]]", "./w*", "/etc/h*", "names/\\**")

    def word(self, depth=1):
        return self.some(lambda: self.pick([
            (4, self.bare), (2, self.single), (3, lambda: self.double(depth)), (4, lambda: self.expansion(depth)),
            (1, self.dollar_single)]), 1, 1 if self.chance(0.7) else 3, "")

    def words(self, least=0, most=4):
        return self.some(lambda: self.glob() if self.chance(0.08) else self.word(), least, most)

    # ---- Files ----

    def source(self):
        return self.pick([(8, lambda: "/srv/data/" + self.r.choice(DATA)), (1, lambda: "/srv/data/" + self.r.choice(BYTES)),
                          (2, self.odd_file), (2 if not self.quiet else 0, self.target)])

    def odd_file(self):
        name = self.r.choice(ODD)
        name = name if name.startswith("/") else "/srv/data/" + name
        return "'" + name + "'" if " " in name else name

    def target(self):
        return self.one("out1", "out2", "/tmp/o", "new", "'sp ace'")

    def redirect(self):
        if self.quiet:
            return self.one("2>&1", "</dev/null", "<" + self.source(), "2>/dev/null", ">&2", self.here_document())
        return self.pick([
            (4, lambda: self.one(">", ">>", "> ") + self.target()), (3, lambda: "<" + self.source()),
            (2, lambda: self.one("2>", "2>>") + self.one("/dev/null", "err", "out1")), (3, lambda: self.one("2>&1", ">&2", "1>&2")),
            (1, lambda: self.one("3>&1", "1>&3", "3>&-", "<&-", "2>&-", "4<" + self.source(), "0<&4", "9>&8", "<>new", ">|out1")),
            (2, self.here_document),
            (1, lambda: ">" + self.one("/srv/data/rodir", "/no/such/dir", "/mnt/ro/x", "$x", "/dev/full", "''"))])

    def here_document(self):
        word = self.one("EOF", "END", "E_1")
        self.here.append((word, [self.here_line() for _ in range(self.r.randint(0, 3))]))
        return self.one("<<", "<< ") + self.one(word, "'" + word + "'", "\\" + word, '"' + word + '"')

    def here_line(self):
        return self.pick([(2, lambda: self.one("plain text", "  led", "\ttab", "a 'b' \"c\"", "\\$x \\\\ \\a", "*", "one two three",
                                               "5 6", "x=1")),
                          (3, lambda: self.some(lambda: self.in_double(1), 1, 3).replace("\\\n", ""))])

    def line(self, text):
        """A line of the script, and behind it the here-documents that it began."""
        bodies, self.here = self.here, []
        for word, lines in bodies:
            text += "\n" + "".join(line + "\n" for line in lines) + word
        return text

    # ---- Commands ----

    def simple_output(self):
        return self.one("echo out", "printf 'a b\\n'", "echo $x", "pwd", "echo 1; echo 2", "cat /srv/data/sorted1", "true", "false")

    def substituted(self, depth):
        here, self.here = self.here, []
        self.quiet += 1
        text = self.one(self.simple_output(), self.command(depth), self.echo(), "cat <" + self.source(), self.applet())
        self.quiet -= 1
        if self.here:  # a here-document inside $() ends there
            text = self.line(text) + "\n"
        self.here = here
        return " " + text if text.startswith("(") else text

    def echo(self):
        return self.one("echo", "echo -n", "echo -e", "echo", "printf '<%s>\\n'", "printf '%s '") + " " + self.words(1, 3)

    def printf(self):
        formats = self.some(lambda: self.one("%s", "%d", "%5s|", "%-5s|", "%x", "%o", "%c", "%b", "%%", "\\n", "\\t", "a", " ", "%03d",
                                             "%.2s", "%+d", "%u", "%i", "%X", "%#x", "%5.1f", "%e", "%g", "\\101", "\\x41", "%*d",
                                             "%q", "% d"), 1, 4, "")
        return f"printf '{formats}\\n' " + self.some(lambda: self.one("1", "abc", "'a b'", "-5", "0x10", "3.7", "'\\n'", "\\''A'", "''",
                                                                    "$x", "12abc", "010"), 0, 4)

    def test(self):
        one = self.one("-z", "-n", "-e", "-f", "-d", "-r", "-w", "-x", "-s", "-L", "-p", "-c", "!", "-h", "-u", "-t", "-b")
        two = self.one("=", "!=", "-eq", "-ne", "-lt", "-gt", "-le", "-ge", "-nt", "-ot", "-ef", "==", "<", "\\<", "\\>")
        text = self.pick([
            (3, lambda: f"{one} " + self.one('"$x"', self.source(), "$x", "''", "a", "1")),
            (4, lambda: f"{self.word()} {two} {self.word()}"),
            (2, lambda: f"{self.number()} {self.one('-eq', '-lt', '-ge')} {self.number()}"),
            (1, lambda: f"{self.word()} = {self.word()} {self.one('-a', '-o')} {self.word()}"),
            (1, lambda: f"! {one} {self.word()}"), (1, lambda: f"\\( {one} {self.word()} \\)"), (1, lambda: self.words(0, 3))])
        text = text.replace("<", "\\<") if "-" not in text and not self.chance(0.5) else text.replace(" < ", " \\< ")
        return self.one(f"[ {text} ]", f"test {text}", f"[[ {text} ]]", f"[ {text} ]")

    def assignment(self):
        return self.name() + "=" + self.pick([(4, self.word), (2, self.single), (1, lambda: ""), (1, lambda: "~/x:~"),
                                              (2, lambda: self.double(1)), (1, lambda: "$((" + self.arithmetic(2) + "))")])

    def read(self):
        self.here.append(("EOF", [self.here_line() for _ in range(self.r.randint(1, 2))]))
        ifs = self.one("", "", "IFS=: ", "IFS= ", "IFS=' ,' ", "IFS=o ")
        return ifs + "read " + self.one("", "-r ", "-n 3 ", "-d o ", "-r ") + self.some(self.name, 0, 3) + " <<" + self.one("EOF", "'EOF'")

    def builtin(self):
        return self.pick([
            (6, self.echo), (3, self.printf), (3, self.test), (4, self.assignment), (3, self.read),
            (2, lambda: "set -- " + self.words(0, 5)), (1, lambda: "shift" + self.one("", "", " 2", " 9", " x")),
            (1, lambda: "export " + self.one(self.name(), self.assignment())), (1, lambda: "unset " + self.one("", "-v ", "-f ") + self.name()),
            (1, lambda: self.one("eval", "command", "builtin") + " " + self.one(self.echo(), "x=$x", "'echo $x'", '"$x"', "echo \\$x")),
            (1, lambda: self.one(":", "true", "false", "! true", "! false")), (1, lambda: "readonly R" + self.number().strip("-") + "=1"),
            (1, lambda: "cd " + self.one("/srv/data", "..", "-", "/nowhere", "deep", "/tmp", ".", "''", "~") + self.one("", "; pwd")),
            (1, lambda: self.one("pwd", "umask", "umask 077", "umask -S", "umask u=rwx,g=,o=r", "alias q='echo al'", "alias q", "unalias q",
                                 "type cd", "type ls echo nosuch", "command -v cd ls nosuch", "command -V [", "hash", "trap")),
            (1, self.trap),
            (1, lambda: "set " + self.one("-f", "+f", "-u", "+u", "-x", "+x", "-C", "+C", "-a", "-e", "+e", "-o noglob", "+o noglob", "-z",
                                          "-o pipefail", "-n +n")),
            (1, lambda: "let " + self.one("'n+=1'", "n=5 m=n*2", "0", "'1 < 2'")),
            (1, lambda: self.one(". /srv/data/lib.sh", ". /srv/data/lib.sh; libf 1", "libf x y", ". /nowhere", "exec 3>/tmp/o3", "exec 3>&-",
                                 "exec 5</srv/data/words.txt; read x <&5", "nosuchcommand", "/no/such", "/srv/data/nox.sh", "/srv/data/deep",
                                 "/srv/data/hello.sh 'a b' c", "/srv/data/plain.sh", "sh /srv/data/plain.sh z", "sh -c 'echo $0 $1' p q",
                                 "echo 'echo $#' | sh -s 1 2", "busybox nosuch", "busybox echo bb", "exec")),
            (1, self.leave)])

    def trap(self):
        if self.quiet or self.inner or self.chance(0.5):
            return "trap " + self.one("'echo bye $?' EXIT", "'' INT", "- EXIT", "x", "- 2 3", "'echo e $x' 0", "")
        return "trap " + self.one("'echo usr' USR1; kill -USR1 $$", "'echo t' TERM; kill $$", "'echo h' 1; kill -1 $$", "'' HUP; kill -HUP $$")

    def leave(self):
        if self.functions and self.chance(0.3):
            return self.one("return", "return 3")
        return self.one("exit 0", "exit 3", "exit 256", "exit x") if self.chance(0.15) else ":"

    def applet(self):
        return build(self, self.r.choice(APPLETS))

    def simple(self):
        text = self.pick([(5, self.builtin), (4, self.applet),
                          (1 if self.functions else 0, lambda: f"f{self.r.randint(1, max(1, self.functions))} " + self.words(0, 3))])
        if self.chance(0.05):
            text = self.assignment() + " " + text
        if self.chance(0.2):
            text += " " + self.redirect()
        return text

    def pipe(self, depth):
        self.quiet += 1
        first = self.one(self.echo(), "cat " + self.source(), self.applet(), self.compound(depth - 1) if depth > 0 else self.printf())
        stages = [first] + [build(self, FILTERS) for _ in range(self.r.randint(1, 2))]
        if self.chance(0.2):
            stages.append("while read -r l; do echo \"[$l]\"; done")
        self.quiet -= 1
        return self.one("", "", "", "! ") + " | ".join(stages)

    def command(self, depth):
        return self.pick([(6, self.simple), (2, lambda: self.pipe(depth)), (3 if depth > 0 else 0, lambda: self.compound(depth - 1)),
                          (2, lambda: self.simple() + self.one(" && ", " || ") + self.simple()),
                          (1, lambda: self.simple() + "; " + self.simple())])

    def compound(self, depth):
        text = self.pick([(3, lambda: self.conditional(depth)), (2, lambda: self.for_loop(depth)), (2, lambda: self.counted(depth)),
                          (2, lambda: self.case(depth)), (1, lambda: self.subshell(depth)),
                          (1, lambda: "{ " + self.body(depth) + "; }" if not self.here else self.echo()),
                          (1, lambda: "{ { " + self.simple_output() + "; } & wait" + self.one("", " $!") + "; }"),
                          (1, self.options_loop)])
        return text + (" " + self.redirect() if self.chance(0.12) else "")

    def subshell(self, depth):
        self.inner += 1
        text = "(" + self.body(depth) + ")"
        self.inner -= 1
        return text

    def body(self, depth):
        """Commands, each on a line of its own where here-documents are about."""
        parts = []
        for _ in range(self.r.randint(1, 3)):
            text = self.command(depth)
            parts.append(self.line(text) + "\n" if self.here else text + self.one("; ", "\n"))
        return "".join(parts)[:-2] if parts[-1].endswith("; ") else "".join(parts).rstrip("\n") + "\n" + ":"

    def condition(self):
        return self.line(self.one(self.test(), self.test(), self.simple_output(), "! " + self.test()))

    def conditional(self, depth):
        text = f"if {self.condition()}; then {self.body(depth)}; "
        if self.chance(0.3):
            text += f"elif {self.condition()}; then {self.body(depth)}; "
        if self.chance(0.5):
            text += f"else {self.body(depth)}; "
        return text + "fi"

    def inside_loop(self, depth):
        text = self.body(depth)
        if self.chance(0.25):
            text += f"; {self.test()} && {self.one('break', 'continue', 'break', 'continue 2', 'break 9')}"
        return text

    def for_loop(self, depth):
        name = self.one("i", "j", self.name())
        words = self.one("", " in " + self.words(0, 4), " in " + self.glob(), " in a b c", " in \"$@\"", " in $x")
        self.here, here = [], self.here
        text = f"for {name}{words}; do {self.inside_loop(depth)}; done"
        self.here = here + self.here
        return text

    def counted(self, depth):
        self.loops += 1
        name = f"w{self.loops}"
        word, op = self.one(("while", "-lt"), ("until", "-ge"))
        return f"{name}=0; {word} [ ${name} {op} {self.r.randint(1, 3)} ]; do {name}=$(({name}+1)); {self.inside_loop(depth)}; done"

    def case(self, depth):
        text = f"case {self.word()} in "
        for _ in range(self.r.randint(0, 3)):
            pattern = self.some(lambda: self.one(self.r.choice([p for p in PATTERNS if p]), self.word(0)), 1, 2, self.one("|", " | "))
            text += self.one("", "(") + pattern + ") " + self.one(self.body(depth), self.body(depth), "") + self.one(";; ", " ;;\n")
        return text + self.one("*) echo other;; ", "", "") + "esac"

    def options_loop(self):
        return "OPTIND=1; while getopts " + self.one("ab:c", ":ab:", "x", "a:") + " o " + self.one("-a -b val rest", "-ab x", "-z", "-b", "-- -a", "\"$@\"", "") \
            + "; do echo \"$o ${OPTARG-none} $OPTIND\"; done"

    def function(self):
        number = self.functions + 1
        local = self.one("", "local " + self.one(self.name(), self.assignment()) + "; ")
        self.functions = 0 if number == 1 else self.functions  # calls only those before it
        text = f"f{number}() " + self.one("{ " + local + self.body(1) + self.one("", "; return " + self.one("0", "2", "$?", "")) + "; }",
                                          self.subshell(0))
        self.functions = number
        return self.line(text)

    def script(self):
        lines = []
        if self.chance(0.1):
            lines.append(self.one("#@ user", "#@ stdin"))
        lines.append("cd " + self.one("/tmp", "/tmp", "/srv/data", "/srv/data"))
        lines.append(f"x={self.word(0)} a='one two' n=3 m=-2; set -- {self.words(0, 4)}" if self.chance(0.7) else
                     "x='a b  c' a=foo.tar.gz b=/usr/local/bin c= n=5; set -- 1 '2 3' ''")
        for _ in range(self.r.randint(0, 2)):
            if self.chance(0.4):
                lines.append(self.function())
        for _ in range(self.r.randint(2, 7)):
            lines.append(self.line(self.command(2)))
        if self.chance(0.5):
            lines.append("echo \"end $? $# <$x> <$a> <$b> <$n>\"")
        text = "\n".join(lines)
        text = re.sub(r"(?<!kill )(?<!kill -1 )(?<!-USR1 )(?<!-HUP )\$\$", "$", text)  # no numbers of processes
        if "|" in text:  # the stages would say what they do in any order
            text = text.replace("set -x", "set +x")
        if self.chance(0.08) and "while" not in text and "until" not in text and "getopts" not in text:
            text = self.damage(text)
        return text + self.one("\n", "\n", "\n", "")

    def damage(self, text):
        """One slip of the keyboard."""
        start = text.index("\n") + 1 if text.startswith("#@") else 0
        at = self.r.randrange(start, len(text))
        token = self.one("'", '"', "`", "$(", ")", "(", "{", "}", ";;", "|", "&&", "fi", " done ", "\n", ";", "<<", "${", "$((", "\\", " then ",
                         "esac", ">", "<", " do ", " in ", "!", "#", "&")
        return self.one(text[:at] + token + text[at:], text[:at] + text[at + 1:], text[:at], text[:at] + token + text[at + 1:])


# ---- Applets: each with options of its usage, on files of the tree ----
# A string stands for itself, a tuple for one of its items, a list for all of them one after the other, a function for
# what it answers.

def build(w, item):
    if isinstance(item, str):
        return item
    if isinstance(item, tuple):
        return build(w, w.r.choice(item))
    if isinstance(item, list):
        return "".join(build(w, part) for part in item)
    return item(w)


def options(letters, most=2):
    """Some of these letters, together or apart."""
    def make(w):
        chosen = [w.r.choice(letters) for _ in range(w.r.randint(0, most))]
        if not chosen:
            return ""
        return " -" + "".join(chosen) if w.chance(0.6) else "".join(" -" + letter for letter in chosen)
    return make


def files(most=2):
    return lambda w: " " + w.some(w.source, 1, most)


def some(choices, least, most, between=" "):
    return lambda w: w.some(lambda: build(w, choices), least, most, between)


def changes(w):
    """What alters the tree; nothing in a stage of a pipe."""
    return "ls /srv/data/deep" if w.quiet else build(w, [CHANGE, " ", some(CHANGED, 1, 3)])


def own(w):
    return w.odd_file()


FIELDS = ("1", "2", "1,3", "2-", "-2", "1-2,4", "3,1", "5-", "2-3", "1,1", "0", "x", "3-2")
REGEX = ("a", "^a", "e$", "o.", "[aeiou]", "ap*le", r"\(a\)\1", "two", "^$", ".", "[0-9][0-9]*", "line 1", r"x\{2,\}", r"an\?", r"a\|b", r"\<the",
         "[[:upper:]]", "[^a-z]", r"\.", "*", "a**", "[", r"\(", r"end\b", r"\w\+", "An")
EXTENDED = ("a+", "(an)+", "a|b", "^(one|two)$", "[0-9]{2,3}", "x?y", "^.{5}$", r"(a)(p)\2", r"\.", "()", "a{,2}", "+", "(", ")", "^|x")
FIXED = ("a", ".", "two", "*", "one\ntwo")
CONTEXT = ("", "", "", " -A1", " -B 1", " -C1", " -m 2", " -m1")

SED_ADDRESS = ("", "", "2", "$", "1,3", "/a/", "/^$/", "2,/e/", "/o/,/n/", "2!", "0,/a/", "1~2", "2,+1", "/A/I", r"\,b,", "$!")
SED_COMMAND = ("p", "d", "s/a/X/", "s/a/X/g", "s/o/[&]/2", r"s/\(.\)\(.\)/\2\1/", "y/abc/xyz/", "=", "n", "N", "G", "h", "H", "x", "g", "q",
               "s/[aeiou]//gp", "l", "a\\\nadded", "i inserted", "c\\\nchanged", "P", "D", "s/E/e/I", "s,/,|,g", r"s/$/\n/", "b", "t", "s/x*/-/g",
               "{p;p}", "{s/a/b/;t;s/e/E/}", "w /dev/stdout", "r /srv/data/sorted1", r"s/\s\+/ /g", "q3", r"s/a\|e/V/g", "z")
SED_EXTENDED = ("s/(a|e)+/<&>/g", r"s/([a-z]+) ([a-z]+)/\2 \1/p", "/^(t|T)/d", "s/a{2}/x/", "s/(/x/")
SED = ([SED_ADDRESS, SED_COMMAND],)

AWK = (
    "{print $1}", "{print NF, $NF}", "END{print NR}", "/a/", "NR==2", "NR>1 && /e/ {print NR\":\"$0}", "{s+=$1} END{print s}",
    "BEGIN{for(i=0;i<3;i++) print i, i*i}", "{print length($0), toupper($0)}", "{gsub(/a/,\"[&]\"); print}", "{$2=\"x\"; print}",
    "BEGIN{printf \"%5.2f|%-5s|%c|%d\\n\", 3.14159, \"ab\", 65, \"12x\"}", "{a[$1]++} END{n=0; for(k in a) n++; print n}",
    "{n=split($0,p,/[ ,]/); print n, p[1]}", "BEGIN{print substr(\"hello\",2,3), index(\"hello\",\"l\")}",
    "{print match($0,/o+/), RSTART, RLENGTH}", "!seen[$0]++", "{print $1 > \"/dev/stderr\"}",
    "BEGIN{while((getline l < \"/srv/data/sorted1\")>0) print \"<\" l \">\"}", "function f(x){return x*2} {print f(NF)}",
    "BEGIN{print 1/3, 1e6, 1e20, 0.1+0.2, 100000*100000}", "BEGIN{print -5%3, 2^10, 2**3, !0}", "BEGIN{x=\"a\"; print x \"b\" 1+1}",
    "NF{c+=NF} END{print c+0}", "{print ($1<$2), ($1<\"b\")}", "BEGIN{print length()}", "{next; print} END{print \"e\"}",
    "BEGIN{OFS=\"-\"} {$1=$1; print}", "{sub(/^[ \\t]+/,\"\"); print}", "BEGIN{printf \"%s %s\\n\", \"a\"}", "{print $(NF-1)}",
    "BEGIN { exit 3 } END { print \"end\" }", "BEGIN{\"echo cmd\" | getline x; print x}", "{print | \"cat\"}",
    "BEGIN{print tolower(\"ÀB\"), sprintf(\"%03d\", 7)}", "/^$/,/e/", "{print $0 \"\" FNR}",
    "BEGIN{if (!(\"x\" in a)) print \"no\"; delete a; print length(a)}", "BEGIN{print index(\"abc\",\"\"), substr(\"abc\",0), substr(\"abc\",-1,3)}",
    "{", "BEGIN{print 1==1.0, \"a\"<\"b\", \"10\"<\"9\", 10<9}")

TR = ("a-z A-Z", "-d aeiou", "-s ' '", r"-cd 'a-z\n'", "'[:lower:]' '[:upper:]'", "abc x", r"-d '\n'", "-s 'a-z'", r"'\n' ' '", "a-c 123",
      "-c a-z .", "-ds a b", r"'\101' z", "'[:digit:]' '#'", "a", "-d", "'[a-c]' '[x-z]'", "z-a b", "-dc '[:alnum:]'")

FIND_PLACE = ("/srv/data/deep", ".", "/srv/data/deep /etc/init.d", "deep", "/nowhere")
FIND_TEST = ("-name '*.c'", "-type f", "-type d", "-type l", "-name '.*'", "! -name 'a*'", "-size +1k", "-empty", "-maxdepth 2", "-mindepth 1",
             "-perm 755", "-perm -111", "-path '*/b/*'", "-iname 'TWO*'", "-user 0", "-newer /srv/data/poem.txt", "-links 1", "-size 0", "-prune",
             "-o -name one.c", "-a -type f", "\\( -name b -o -name c \\)", "-regex '.*/t.*'", "-follow", "-xdev", "-mtime +100", "-inum 0",
             "-group root")
FIND_ACTION = ("", "", " -print", " -print0", " -exec echo {} ';'", " -exec echo {} +", " -exec test -s {} ';' -print", " -depth", " -quit",
               " -exec false {} ';' -o -print")

LS_PLACE = ("/srv/data/deep", "/srv/data/names", "/srv/data/poem.txt", "/etc/init.d", "/nowhere", "-d /srv/data/*", "/srv/data/dirlink",
            "/srv/data/good", "/srv/data/deep /srv/data/empty /nowhere")

CHANGE = ("mkdir", "mkdir -p", "rm", "rm -r", "rm -f", "rmdir", "touch", "cp", "cp -r", "cp -a", "mv", "ln -s", "ln", "ln -sf", "chmod 600",
          "chmod u+x,g-r", "chmod -R o=", "touch -d @981173106", "rm -rf", "mkdir -m 700", "cp -f", "mv -f", "cp -p", "cp -d", "chmod a=rx",
          "touch -c", "unlink", "mv -n", "cp -L")
CHANGED = ("d1", "d1/d2", "f1", "f2", "out1", "/srv/data/deep", "/srv/data/poem.txt", "/srv/data/empty", "good", "new/x", "/mnt/ro/f", "-- -z", ".",
           "/srv/data/good")

EXPR = (r"1 + 2", r"3 \* 4", "7 / 2", "7 % 0", "abc : a", r"abc : \(.\)", "length abc", "substr hello 2 3", "index abc c", r"1 \< 2", "a = a",
        r"0 \| 5", r"\( 1 + 2 \) \* 3", "1 +", "match abc b")
SMALL = ("whoami", "id", "id -u", "id -gn", "id nobody", "id nosuch", "hostname", "uname -s", "uname -n", "which ls", "which nosuch sh", "tty",
         "env -i A=1 env", "env A=b sh -c 'echo $A'", "env -u HOME sh -c 'echo ~'", "pwd -P", "sleep 0", "usleep 1", "sync", "clear")
HELPED = ("ls", "cat", "cut", "sort", "head", "mkdir", "rm", "cp", "grep", "sed", "wc", "chmod", "ln", "tail", "uniq", "basename", "id", "date")

APPLETS = [
    ["cat", options("nbveA", 1), files()], ["head", ("", " -n 2", " -c 10", " -n -3", " -3", " -q", " -v", " -c -5"), files(3)],
    ["tail", ("", " -n 2", " -c 10", " -n +3", " -3", " -q", " -v", " -c +5", " +2"), files(3)], ["wc", options("lwcLm"), files(3)],
    ["sort", options("nrufbdgMhVis"), ("", "", " -k2", " -k 2,2n", " -t: -k3n", " -k1.2", " -k2r -k1", " -c"), files()],
    ["uniq", options("cdui"), ("", " -f1", " -s 2", " -w 1"), files(1)],
    ["cut ", ("-c", "-b", "-f", "-d: -f", "-d, -f", "-s -f", "-d . -s -f"), FIELDS, files()], ["tr ", TR, " <", lambda w: w.source()],
    *2 * [[(["grep", options("vcnliqshHowx"), CONTEXT, " '", REGEX], ["grep -E", options("vcnow"), CONTEXT, " '", EXTENDED],
            ["egrep '", EXTENDED], ["grep -F", options("vcnx"), " '", FIXED], ["fgrep '", FIXED]), "'", files()]],
    *2 * [["sed", ("", "", " -n", " -s"), ([" '", SED, "'"], some([" -e '", SED, "'"], 1, 2, ""), [" -E '", SED_EXTENDED, "'"]), files()]],
    *2 * [["awk", ("", "", " -F:", " -F,", " -v x=5", " -F'\\t'"), " '", AWK, "'", files()]],
    ["find ", FIND_PLACE, " ", some(FIND_TEST, 0, 3), FIND_ACTION],
    ["ls", (options("1aAdFpRrSXQLn", 3), " -ld"), " ", LS_PLACE], changes, changes,
    ["od", ("", " -c", " -x", " -An -tx1", " -b", " -t d2", " -N 20", " -j 5 -N 10", " -Ad", " -to1"), " /srv/data/",
     ("binary.bin", "nul.bin", "noeol.txt", "empty"), " | head -n 6"],
    ["hexdump", ("", " -C", " -c", " -n 20 -C", " -s 4 -n 8", " -b", " -v -n 40", " -d"), " /srv/data/", ("nul.bin", "noeol.txt", "zeros.bin", "sorted1")],
    ["xxd", ("", " -p", " -l 20", " -c 8", " -s 3", " -g 1 -l 10"), " /srv/data/", ("nul.bin", "noeol.txt", "sorted1")],
    ["strings", ("", " -n 2", " -o", " -f", " -t x"), " /srv/data/", ("binary.bin", "noise.bin", "poem.txt", "nul.bin")],
    ["seq", ("", " -w", " -s,", " -w -s :"), " ", some(("1", "3", "5", "10", "-2", "0.5", "2", "x"), 1, 3)], ["expr ", EXPR],
    ["basename ", ("/a/b.c", "/a/b.c .c", "/", "x/", "''", "-s .c a.c", "")], ["dirname ", ("/a/b", "a", "/", "a/b/", "//a", "")],
    [("md5sum", "sha1sum", "sha256sum", "sha512sum"), ("", "", " -c"), files()], ["base64", ("", " -w 20", " -d", " -w 0"), files(1)],
    ["readlink", ("", " -f", " -n", " -v"), " ", own], ["realpath ", own, ("", " /srv/./data/../data", " x")],
    ["stat -c '", some(("%n", "%s", "%a", "%A", "%F", "%u", "%g", "%U", "%h", "%Y", "%N", "%f", "%%"), 1, 3), "' ", own],
    ["du", (" -s", " -a", "", " -k", " -c", " -d 1", " -h", " -sh"), " /srv/data/deep"], ["cmp", ("", " -s", " -l"), files(1), files(1)],
    ["date -u -d @", ("0", "1000000000", "86399", "1709251199"), " '+",
     some(("%Y", "%m", "%d", "%H:%M:%S", "%j", "%a", "%b", "%s", "%F", "%T", "%y", "%e", "%p", "%%", "%U", "%u"), 1, 3), "'"],
    SMALL, ["dd if=", lambda w: w.source(), " bs=", ("1", "3", "10", "512", "1k"), " count=", ("1", "2", "0"), ("", " skip=1", " 2>/dev/null")],
    ["tar ", ("tf", "tvf", "xOf"), " /srv/data/", ("pack.tar", "pack.tgz", "poem.txt"), ("", " pack/one", " nosuch")],
    [("zcat", "gunzip -c", "gzip -dc", "gzip -t", "gunzip -t"), " /srv/data/", ("words.txt.gz", "long.gz", "bad.gz", "poem.txt", "missing"), " | cut -c1-70"],
    [HELPED, " ", ("--help", "-Z", "--nosuch", ""), " </dev/null 2>&1"],
]

FILTERS = (
    "cat", "cat -n", "sort", "sort -r", "sort -n", "sort -u", "uniq", "uniq -c", "wc -l", "wc -c", "tail -n 1", "grep a", "grep -v e",
    "grep -c .", "sed 's/a/b/'", "sed -n 2p", "sed '$d'", "awk '{print NF}'", "awk 'END{print NR}'", "cut -c1-3", "cut -d' ' -f2", "md5sum", "od -c",
    "xargs", "xargs -n 1 echo", "xargs -n2 echo x", "base64", "hexdump -C", "tee /dev/null", "tail -c 4", "cat - /srv/data/sorted1", "strings", "gzip | gunzip", "while read a b; do echo \"$b $a\"; done",
    "{ read x; echo \"<$x>\"; cat; }", "(cat; echo tail)", "tr -d ' '", "xxd", "sha1sum", "sort | uniq -d", ["tr ", TR],
    # What ends early would leave it to chance what else the stage before says.
    ["(", ("head -n 2", "head -c 5", "read x", "sh -c 'read a; echo $a'", "dd bs=4 count=1 2>/dev/null", "sed 1q"), "; cat >/dev/null)"])


def script(number):
    """The script of this number, as bytes. Pieces that meet may make the number of the process, which is
    never the same: it becomes the number of arguments, but where it is killed."""
    text = Writer(number).script()
    return re.sub(r"(kill (?:-\S+ )?)?\$\$", lambda found: found[0] if found[1] else "$#", text).encode()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    for n in range(int(sys.argv[1]), int(sys.argv[1]) + int(sys.argv[2] if len(sys.argv) == 3 else 1)):
        sys.stdout.write(f"==== {n}\n" + script(n).decode() + "\n")
