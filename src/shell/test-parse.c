#include "shell/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shell/test-tree.h"

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static void exhausted(struct memory *m) __attribute__((noreturn));
static void exhausted(struct memory *m)
{
    (void)m;
    abort();
}

/* Every command of a text, its tree on a line of its own, then "! line error" or "more". */
static void show_all(struct text *t, const char *s, size_t n, bool whole,
                     const struct parse_aliases *aliases)
{
    struct parse p = { .text = s, .n = n, .whole = whole, .line = 1 };
    if (aliases)
        p.aliases = *aliases;
    for (;;) {
        enum parse_verdict v = parse_command(&p, t->memory);
        if (v == PARSE_COMMAND) {
            text_say(t, t->len ? "\n" : "");
            show_tree(t, p.tree);
            arena_drop(p.arena);
        } else {
            assert_null(p.arena);
        }
        if (v == PARSE_ERROR)
            text_print(t, "! %u %s", p.error_line, p.error);
        if (v == PARSE_MORE)
            text_say(t, "more");
        if (v == PARSE_ERROR || v == PARSE_MORE || v == PARSE_END)
            return;
        assert_true(p.used > 0 && p.used <= p.n);
        p.text += p.used;
        p.n -= p.used;
        p.line += p.lines;
    }
}

/* What the reference does with each was looked up; "_" marks a word that is plain. */
/* clang-format off */
static const struct {
    const char *in, *out;
} trees[] = {
    { "case a in (b) c;; d|e) f;; esac", "case(_a, _b: [_c], _d _e: [_f])" },
    { "cat << A\nx", "[_cat 0<<'x']" },
    { "echo () { :; }", "echo(group([_:]))" },
    { "function f { echo hi; }; f", "(f(group([_echo _hi])) ; [_f])" },
    { "function f() { echo hi; }; f", "(f(group([_echo _hi])) ; [_f])" },
    { "function f() ( echo hi ); f", "(f(sub([_echo _hi])) ; [_f])" },
    { "f() echo hi; f", "(f([_echo _hi]) ; [_f])" },
    { "echo }", "[_echo _}]" },
    { "for i in a b\ndo echo $i; done", "for(i in _a _b,([_echo $i]))" },
    { "for i do echo $i; done", "for(i,([_echo $i]))" },
    { "for i; do echo $i; done", "for(i,([_echo $i]))" },
    { "for i\ndo echo $i; done", "for(i,([_echo $i]))" },
    { "for i;\ndo echo $i; done", "for(i,([_echo $i]))" },
    { "for i\n\nin a; do echo $i; done", "for(i in _a,([_echo $i]))" },
    { "case if in if) echo 1;; esac", "case(_if, _if: [_echo _1])" },
    { "case if in a|if) echo 1;; esac", "case(_if, _a _if: [_echo _1])" },
    { "case x in (esac) echo 1;; x) echo 2;; esac", "case(_x, _esac: [_echo _1], _x: [_echo _2])" },
    { "case x in\nesac", "case(_x)" },
    { "case x in x) echo 1\nesac", "case(_x, _x: [_echo _1])" },
    { "case x in x) echo 1 ; esac", "case(_x, _x: [_echo _1])" },
    { "case x in x) ;; *) echo; esac", "case(_x, _x: , *: [_echo])" },
    { "case x\n\nin x) echo 1;; esac", "case(_x, _x: [_echo _1])" },
    { "cd() { echo hi; }; cd", "(cd(group([_echo _hi])) ; [_cd])" },
    { "f () { echo hi; } >&2; f", "(f(group([_echo _hi]) 1>&_2) ; [_f])" },
    { "f() g() { echo hi; }", "f(g(group([_echo _hi])))" },
    { "f() \n{ echo hi; }; f", "(f(group([_echo _hi])) ; [_f])" },
    { "function if { echo hi; }", "if(group([_echo _hi]))" },
    { "if true; then (echo a) fi", "if([_true],sub([_echo _a]))" },
    { "if true; then { echo a; } fi", "if([_true],group([_echo _a]))" },
    { "{ (echo a) }", "group(sub([_echo _a]))" },
    { "a & b", "(&([_a]) ; [_b])" },
    { "a && \n\necho x", "([_a] && [_echo _x])" },
    { "a |\n\ncat", "([_a] | [_cat])" },
    { "a=b; c=d e", "([a=_b] ; [c=_d _e])" },
    { "a= b", "[a= _b]" },
    { "1a=b", "[_1a=b]" },
    { "\"a\"=b", "['a'=b]" },
    { "a+=b; echo $a", "([_a+=b] ; [_echo $a])" },
    { "a[1]=b", "[a[1]=b]" },
    { "time", "[_time]" },
    { "[[ a", "[[[ _a]" },
    { "coproc a", "[_coproc _a]" },
    { "cat <<A", "[_cat 0<<]" },
    { "cat <<A; echo b", "([_cat 0<<] ; [_echo _b])" },
    { "cat <<'A'\n$x \\a \"b\"\nA", "[_cat 0<<'$x \\a \"b\"\n']" },
    { "cat <<A\n$x \\a \"b\" \\$x `echo 1` $((1+1)) \\`\nb\\\nc\nA", "[_cat 0<<\"$x\"' \\a \"b\" $x '\"$([_echo _1])\"' '\"$(('1+1'))\"' `\nbc\n']" },
    { "cat <<-A\n\ta\n\t\tb\n\tA\necho x", "[_cat 0<<'a\nb\n']\n[_echo _x]" },
    { "cat <<-\"A B\"\n\ta\n\tA B", "[_cat 0<<'a\n']" },
    { "cat <<A <<B\na\nA\nb\nB", "[_cat 0<<'a\n' 0<<'b\n']" },
    { "cat <<A$x\nv\nA$x", "[_cat 0<<'v\n']" },
    { "cat <<`A`\nv\n`A`", "[_cat 0<<'v\n']" },
    { "cat <<\\A\n$x\nA", "[_cat 0<<'$x\n']" },
    { "cat <<A\\\nB\nx\nAB", "[_cat 0<<'x\n']" },
    { "echo $(cat <<A\nx\nA\n)", "[_echo $([_cat 0<<'x\n'])]" },
    { "echo $(cat <<A)\nx\nA", "[_echo $([_cat 0<<])]\n[_x]\n[_A]" },
    { "cat <<A $(echo z\n)\nx\nA", "[_cat $([_echo _z]) 0<<'x\n']" },
    { "cat <<A; echo $(cat <<B\nb\nB\n)\na\nA", "([_cat 0<<'a\n'] ; [_echo $([_cat 0<<'b\n'])])" },
    { "echo `cat <<A\nx\nA\n`", "[_echo $([_cat 0<<'x\n'])]" },
    { "if cat <<A; then echo b; fi\nx\nA", "if([_cat 0<<'x\n'],[_echo _b])" },
    { "if cat <<A\nx\nA\nthen echo b; fi", "if([_cat 0<<'x\n'],[_echo _b])" },
    { "cat <<A && cat <<B\na\nA\nb\nB", "([_cat 0<<'a\n'] && [_cat 0<<'b\n'])" },
    { "cat 3<<A <&3\nx\nA", "[_cat 3<<'x\n' 0<&_3]" },
    { "cat <<A\nx\nA \nA", "[_cat 0<<'x\nA \n']" },
    { "cat <<A\n\\A\nA", "[_cat 0<<'\\A\n']" },
    { "cat <<\"\"\nx\n\necho y", "[_cat 0<<'x\n']\n[_echo _y]" },
    { "cat <<A\n\"$(echo \"x\")\" '$(echo 'y')' ${x:-\"a b\"} ${x:-'c'}\nA", "[_cat 0<<'\"'\"$([_echo 'x'])\"'\" ''\"$([_echo 'y'])\"'' '\"${x:-'a b'}\"' '\"${x:-''c''}\"'\n']" },
    { "(cat <<A\nx\nA\n)", "sub([_cat 0<<'x\n'])" },
    { "{ cat <<A; }\nx\nA", "group([_cat 0<<'x\n'])" },
    { "f() { cat <<A; }; f\nx\nA", "(f(group([_cat 0<<'x\n'])) ; [_f])" },
    { "while read a; do echo \"[$a]\"; done <<A\nx\ny\nA", "while([_read _a],[_echo '['\"$a\"']']) 0<<'x\ny\n'" },
    { "cat <<A\nx\\\nA\nA", "[_cat 0<<'xA\n']" },
    { "cat <<A\nx\n\tA\nA", "[_cat 0<<'x\n\tA\n']" },
    { "cat <<-A\n\tx\ty \\\n\tz\n\tA", "[_cat 0<<'x\ty \tz\n']" },
    { "cat <<A | tr a b\naaa\nA", "([_cat 0<<'aaa\n'] | [_tr _a _b])" },
    { "cat <<'A'\nx\\\ny\nA", "[_cat 0<<'x\\\ny\n']" },
    { "cat <<E'O'F\n$x\nEOF", "[_cat 0<<'$x\n']" },
    { "cat <<*\nx\n*", "[_cat 0<<'x\n']" },
    { "cat <<A&&echo b\nx\nA", "([_cat 0<<'x\n'] && [_echo _b])" },
    { "cat <<A>/dev/stdout\nx\nA", "[_cat 0<<'x\n' 1>_/dev/stdout]" },
    { "cat <<A #c\nx\nA", "[_cat 0<<'x\n']" },
    { "cat <<- A\nx\nA", "[_cat 0<<'x\n']" },
    { "cat <<A-B\nx\nA-B", "[_cat 0<<'x\n']" },
    { "cat <<$'A'\nx\nA", "[_cat 0<<'x\n']" },
    { "cat <<\"a\\\"b\"\nx\na\"b", "[_cat 0<<'x\n']" },
    { "cat <<\"a\\b\"\nx\na\\b", "[_cat 0<<'x\n']" },
    { "p ${x^}", "[_p ${xBAD_^}]" },
    { "p ${}", "[_p ${BAD}]" },
    { "p ${x y}", "[_p ${xBAD_ y}]" },
    { "p ${-}", "[_p $-]" },
    { "p ${#}", "[_p $#]" },
    { "p ${#x}", "[_p ${#x}]" },
    { "p ${##}", "[_p ${##}]" },
    { "p ${#-}", "[_p ${#-}]" },
    { "p ${#?}", "[_p ${#?}]" },
    { "p ${#:-a}", "[_p ${#:-_a}]" },
    { "p ${#-a}", "[_p ${#-_a}]" },
    { "p ${1a}", "[_p ${1BAD_a}]" },
    { "p ${10}", "[_p $10]" },
    { "p ${x:-}", "[_p ${x:-}]" },
    { "p ${y:-}", "[_p ${y:-}]" },
    { "p ${x#}", "[_p ${x#}]" },
    { "p ${!x}", "[_p ${!BAD_x}]" },
    { "p ${x@Q}", "[_p ${xBAD_@Q}]" },
    { "p ${x:1}", "[_p ${x:_1}]" },
    { "p ${x:1:2}", "[_p ${x:_1:_2}]" },
    { "p ${x:1:}", "[_p ${x:_1:}]" },
    { "p ${x: 1 : 2 }", "[_p ${x:_ 1 :_ 2 }]" },
    { "p ${x:-1}", "[_p ${x:-_1}]" },
    { "p ${x: -1}", "[_p ${x:_ -1}]" },
    { "p ${x:(1)}", "[_p ${x:_(1)}]" },
    { "p ${x:1:2:3}", "[_p ${x:_1:_2:3}]" },
    { "p \"${x:1?2:3}\"", "[_p \"${x:'1?2':'3'}\"]" },
    { "p \"${x/a/Q}\"", "[_p \"${x/_a/_Q}\"]" },
    { "p \"${x//[ab]/Q}\"", "[_p \"${x//[ab]/_Q}\"]" },
    { "p \"${x/a}\"", "[_p \"${x/_a}\"]" },
    { "p \"${x/a/}\"", "[_p \"${x/_a/}\"]" },
    { "p \"${x/\\//}\"", "[_p \"${x/'/'/}\"]" },
    { "p \"${x/ /\\/}\"", "[_p \"${x/_ /'/'}\"]" },
    { "p \"${x//}\"", "[_p \"${x//}\"]" },
    { "p \"${x/#a/b}\" \"${x/%c/Q}\"", "[_p \"${x/_#a/_b}\" \"${x/_%c/_Q}\"]" },
    { "p \"${x///a}\"", "[_p \"${x///_a}\"]" },
    { "p ${y:-a b}", "[_p ${y:-_a b}]" },
    { "p ${y:-\"a b\"}", "[_p ${y:-'a b'}]" },
    { "p \"${y:-a b}\"", "[_p \"${y:-'a b'}\"]" },
    { "p \"${y:-'a b'}\"", "[_p \"${y:-''a b''}\"]" },
    { "p ${y:-'a b'}", "[_p ${y:-'a b'}]" },
    { "p \"${y:-\"a b\"}\"", "[_p \"${y:-'a b'}\"]" },
    { "p \"${y:-\"a  $x\"}\"", "[_p \"${y:-'a  '\"$x\"}\"]" },
    { "p ${y:-a\\}b}", "[_p ${y:-a'}'b}]" },
    { "p \"${y:-a\\}b}\"", "[_p \"${y:-'a}b'}\"]" },
    { "p \"${y:-a\\b\\$}\"", "[_p \"${y:-'a\\b$'}\"]" },
    { "p \"${y:-}}\"", "[_p \"${y:-}\"'}']" },
    { "p ${y:-{}}", "[_p ${y:-_{}}]" },
    { "p ${y-{a,b}}", "[_p ${y-_{a,b}}]" },
    { "p \"${x#'a'}\"", "[_p \"${x#'a'}\"]" },
    { "p \"${x#\"a \"}\"", "[_p \"${x#'a '}\"]" },
    { "p \"${x%\\*c}\"", "[_p \"${x%'*'c}\"]" },
    { "p \"${x%'*c'}\"", "[_p \"${x%'*c'}\"]" },
    { "p \"${x%*c}\"", "[_p \"${x%*c}\"]" },
    { "p \"${x#a*b}\"", "[_p \"${x#a*b}\"]" },
    { "p \"${x##*}\"", "[_p \"${x##*}\"]" },
    { "p ${x#a}", "[_p ${x#_a}]" },
    { "p ${x+a \"b  c\"}", "[_p ${x+a 'b  c'}]" },
    { "p \"${y:-$(echo \"a  b\")}\"", "[_p \"${y:-\"$([_echo 'a  b'])\"}\"]" },
    { "p \"${y:-`echo \"a  b\"`}\"", "[_p \"${y:-\"$([_echo 'a  b'])\"}\"]" },
    { "p \"`echo \"a  b\"`\"", "[_p \"$([_echo 'a  b'])\"]" },
    { "p \"`echo \\\"a  b\\\"`\"", "[_p \"$([_echo 'a  b'])\"]" },
    { "p `echo \\\"a  b\\\"`", "[_p $([_echo '\"a' b'\"'])]" },
    { "p `echo \\\\$x`", "[_p $([_echo '$x'])]" },
    { "p `echo \\$x`", "[_p $([_echo $x])]" },
    { "p `echo '\\$x'`", "[_p $([_echo '$x'])]" },
    { "p \"`echo '\\$x \\\\ \\a \\\"'`\"", "[_p \"$([_echo '$x \\ \\a \"'])\"]" },
    { "p `echo \\`echo b\\``", "[_p $([_echo $([_echo _b])])]" },
    { "p $'a\\nb\\x41\\101\\'\\\"\\\\\\e\\u0041' x", "[_p 'a\nbAA'\"\\\\e\\u0041' _x]" },
    { "p \"$'a'\"", "[_p '$'a'']" },
    { "p $\"a b\"", "[_p $'a b']" },
    { "p a$", "[_p _a$]" },
    { "p $ a", "[_p _$ _a]" },
    { "p \"a$\"", "[_p 'a$']" },
    { "p \"$\"", "[_p '$']" },
    { "p $%", "[_p _$%]" },
    { "p a\"b\"'c'\\d", "[_p a'bcd']" },
    { "p a\\\nb", "[_p _ab]" },
    { "p \"a\\\nb\"", "[_p 'ab']" },
    { "p 'a\\\nb'", "[_p 'a\\\nb']" },
    { "p \\", "[_p '\\']" },
    { "p a\\", "[_p a'\\']" },
    { "p \"a\\qb\\\"\\\\\\$\\`\"", "[_p 'a\\qb\"\\$`']" },
    { "p a#b #c", "[_p _a#b]" },
    { "p \"\" '' \"\"$y", "[_p '' '' ''$y]" },
    { "p a;#b", "[_p _a]" },
    { "p ~ ~root ~nobody ~/a \"~\" a~ ~x:~ b=~ ~'r' ~$x \\~", "[_p <~> <~root> <~nobody> <~>/a '~' _a~ <~x:~> _b=~ ~'r' ~$x '~']" },
    { "a=~:~root:b~ ; p \"$a\"", "([a=<~>:<~root>:b~] ; [_p \"$a\"])" },
    { "a=b:~ p; p $a", "([a=b:<~> _p] ; [_p $a])" },
    { "p $((1+2)) $(( (1+2)*3 )) $((x=5))$x \"$((1))\"", "[_p $(('1+2')) $((' (1+2)*3 ')) $(('x=5'))$x \"$(('1'))\"]" },
    { "p $( (echo a) )", "[_p $(sub([_echo _a]))]" },
    { "p $[1+2]", "[_p $[1+2]]" },
    { "p $((1+$((2))))", "[_p $(('1+'\"$(('2'))\"))]" },
    { "p $((`echo 1`+$(echo 2)))", "[_p $((\"$([_echo _1])\"'+'\"$([_echo _2])\"))]" },
    { "p $((\"1\"+'2'))", "[_p $(('\"1\"+'2''))]" },
    { "p $((1 + \\\n2))", "[_p $(('1 + 2'))]" },
    { "p $(( ))", "[_p $((' '))]" },
    { "p $1x $12 ${1}2 $@ $* $# $? $- $0", "[_p $1x $12 $12 $@ $* $# $? $- $0]" },
    { "p $(echo a # b\n)", "[_p $([_echo _a])]" },
    { "p $(case x in x) echo 1;; esac)", "[_p $(case(_x, _x: [_echo _1]))]" },
    { "p $(echo \")\" ')' \\) )", "[_p $([_echo ')' ')' ')'])]" },
    { "p $()", "[_p $()]" },
    { "p ``", "[_p $()]" },
    { "p $( )", "[_p $()]" },
    { "p $(\necho a\n\necho b\n)", "[_p $(([_echo _a] ; [_echo _b]))]" },
    { "p $(echo a; )", "[_p $([_echo _a])]" },
    { "p $(echo a fi)", "[_p $([_echo _a _fi])]" },
    { "p `fi`", "[_p $()]" },
    { "p `)`", "[_p $()]" },
    { "p `echo a; )`", "[_p $([_echo _a])]" },
    { "p $(<x)", "[_p $([ 0<_x])]" },
    { "p a{b,c}d", "[_p _a{b,c}d]" },
    { "p {}", "[_p _{}]" },
    { "p }", "[_p _}]" },
    { "p !", "[_p _!]" },
    { "p a=b", "[_p _a=b]" },
    { "p [ab]", "[_p [ab]]" },
    { "p =~", "[_p _=~]" },
    { "p $_x ${_x}", "[_p $_x $_x]" },
    { "p \"$x\"y\"$x\"", "[_p \"$x\"y\"$x\"]" },
    { "p ${x%%}}", "[_p ${x%%}}]" },
    { "p ${#x}}", "[_p ${#x}}]" },
    { "p ${x:-${y:-b}}", "[_p ${x:-${y:-_b}}]" },
    { "p \"${y-\"'\"}\"", "[_p \"${y-'''}\"]" },
    { "p \"${y-\"}\"}\"", "[_p \"${y-'}'}\"]" },
    { "p ${y-'}'}", "[_p ${y-'}'}]" },
    { "p \"${y-'}'}\"", "[_p \"${y-'''}\"''}']" },
    { "p ${y-\\}}", "[_p ${y-'}'}]" },
    { "p ${y:-$(echo })}", "[_p ${y:-$([_echo _}])}]" },
    { "p ${y:-$((1))}", "[_p ${y:-$(('1'))}]" },
    { "p \"${#x}\" ${#} ${#@} ${#*} ${#1}", "[_p \"${#x}\" $# ${#@} ${#*} ${#1}]" },
    { "p ${@} \"${@:-a}\" ${*#a}", "[_p $@ \"${@:-'a'}\" ${*#_a}]" },
    { "p ${x?a} ${y?no}", "[_p ${x?_a} ${y?_no}]" },
    { "p ${y?}", "[_p ${y?}]" },
    { "p ${y:?}", "[_p ${y:?}]" },
    { "p ${1y:-a}", "[_p ${1BAD_y:-a}]" },
    { "p ${x-a\nb}", "[_p ${x-_a\nb}]" },
    { "p ${\nx}", "[_p ${BAD_\nx}]" },
    { "p ${x\n}", "[_p ${xBAD_\n}]" },
    { "p ${y=~/x} ${y:-~} ${z:-~/x} \"${z:-~}\"", "[_p ${y=<~>/x} ${y:-<~>} ${z:-<~>/x} \"${z:-'~'}\"]" },
    { "echo b; p ${x^}", "([_echo _b] ; [_p ${xBAD_^}])" },
    { "echo b; echo a 2>&x", "([_echo _b] ; [_echo _a 2>&_x])" },
    { "false && p ${x^}; echo k", "(([_false] && [_p ${xBAD_^}]) ; [_echo _k])" },
    { "p ${#a-b}", "[_p ${aBAD_-b}]" },
    { "p ${#:}", "[_p ${BAD_:}]" },
    { "p ${#x:1}", "[_p ${xBAD_:1}]" },
    { "p ${#x-}", "[_p ${xBAD_-}]" },
    { "p ${#1}", "[_p ${#1}]" },
    { "p ${#10}", "[_p ${#10}]" },
    { "p ${#!} ${#$} ${#0}", "[_p ${#!} ${#$} ${#0}]" },
    { "p ${##a} ${#%a} ${#=} ${#+a} ${#/}", "[_p ${##_a} ${#%_a} ${BAD_=} ${#+_a} ${BAD_/}]" },
    { "p ${##}a ${###}", "[_p ${##}a ${###}]" },
    { "p ${###a}", "[_p ${###_a}]" },
    { "p ${#!x}", "[_p ${#BAD_!x}]" },
    { "p ${!}", "[_p $!]" },
    { "p ${$} ", "[_p $$]" },
    { "p ${@Q}", "[_p ${@BAD_Q}]" },
    { "p ${*} ${?} ${1} ${0}", "[_p $* $? $1 $0]" },
    { "p ${x:=} ${x=a}", "[_p ${x:=} ${x=_a}]" },
    { "p ${x:=}} ${x:%a} ", "[_p ${x:=}} ${x:_%a}]" },
    { "p ${x:#a} ", "[_p ${x:_#a}]" },
    { "p ${x:/a/b} ", "[_p ${x:_/a/b}]" },
    { "p ${x::2}", "[_p ${x::_2}]" },
    { "p ${x: }", "[_p ${x:_ }]" },
    { "p \"${x/'a'/'Q'}\" ${x/'a'/\"Q  \"} \"${x/\"a\"/\"Q'\"}\"", "[_p \"${x/'a'/'Q'}\" ${x/'a'/'Q  '} \"${x/'a'/'Q''}\"]" },
    { "q=a/b/c; p ${q/\\//x} \"${q//\\//x}\" ${q/b/x/y} ${q///x} ${q//b} ${q/\"/\"/x} ${q/'/'/x}", "([q=_a/b/c] ; [_p ${q/'/'/_x} \"${q//'/'/_x}\" ${q/_b/_x/y} ${q///_x} ${q//_b} ${q/'/'/_x} ${q/'/'/_x}])" },
    { "p \"${x:\"1\":'2'}\"", "[_p \"${x:'1':''2''}\"]" },
    { "p ${x:\"1\"}", "[_p ${x:'1'}]" },
    { "p \"${x:$((1+1)):1}\" \"${x:${#y}}\"", "[_p \"${x:\"$(('1+1'))\":'1'}\" \"${x:\"${#y}\"}\"]" },
    { "a=/root/b; p ${a#~} \"${a#~}\" ${y:+~} ${x:+~} ${x/a/~} ${x+a~} ${x+a:~}", "([a=_/root/b] ; [_p ${a#<~>} \"${a#<~>}\" ${y:+<~>} ${x:+<~>} ${x/_a/<~>} ${x+_a~} ${x+_a:~}])" },
    { "a=${y:-~:~}; p \"$a\"; b=a:${x:+~}; p \"$b\"", "([a=${y:-<~>:<~>}] ; ([_p \"$a\"] ; ([b=a:${x:+<~>}] ; [_p \"$b\"])))" },
    { "export a=~:~ ; p \"$a\"; readonly b=~ c=x:~; p $b $c; local d=~; echo $d", "([_export a=<~>:<~>] ; ([_p \"$a\"] ; ([_readonly b=<~> c=x:<~>] ; ([_p $b $c] ; ([_local d=<~>] ; [_echo $d])))))" },
    { "alias a=~; alias a; command export q=~; p $q", "([_alias a=<~>] ; ([_alias _a] ; ([_command _export q=<~>] ; [_p $q])))" },
    { "a=\"~\" b=~\"/x\" c=~\\/ d=a~ e=~root; p $a $b $c $d $e", "([a='~' b=~'/x' c=~'/' d=_a~ e=<~root>] ; [_p $a $b $c $d $e])" },
    { "a=x:~/y:~root/z:~\"r\":\\~:~; p $a", "([a=x:<~>/y:<~root>/z:~'r':'~':<~>] ; [_p $a])" },
    { "p $((\"1\"+2))", "[_p $(('\"1\"+2'))]" },
    { "p $(( \"1\" + 2 )) $(('1'))", "[_p $((' \"1\" + 2 ')) $((''1''))]" },
    { "p $((1\\+1))", "[_p $(('1\\+1'))]" },
    { "p $((1+\\$x))", "[_p $(('1+$x'))]" },
    { "cat <<A\n`echo \\\"a  b\\\"` $(echo \"a  b\")\nA", "[_cat 0<<\"$([_echo 'a  b'])\"' '\"$([_echo 'a  b'])\"'\n']" },
    { "cat <<A\n${y:-'a' \"b\" \\} \\\" \\' \\$ \\a}\nA", "[_cat 0<<\"${y:-''a' b } \" \\' $ \\a'}\"'\n']" },
    { "p \"${y:-'a' \"b\" \\} \\\" \\' \\$ \\a}\"", "[_p \"${y:-''a' b } \" \\' $ \\a'}\"]" },
    { "p ${y:-'a' \"b\" \\} \\\" \\' \\$ \\a}", "[_p ${y:-'a' 'b' '}' '\"' ''' '$' 'a'}]" },
    { "p $'a\\a\\b\\c\\d\\e\\f\\g\\n\\r\\t\\v\\0\\1\\12\\123\\1234\\x\\x4\\x41\\x412\\u\\U\\cA\\z\\?' | od -c | head -20", "([_p 'a\007\010\\c\\d\\e\014\\g\n\015\t\013\001\nSS4\\x\004AA2\\u\\U\\cA\\z\\?'] | [_od _-c] | [_head _-20])" },
    { "p $'a\nb\\\nc'", "[_p 'a\nb\\\nc']" },
    { "p \"$'a'\" ${y:-$'a\\n'} \"${y:-$'a\\n'}\" \"${x#$'a'}\"", "[_p '$'a'' ${y:-'a\n'} \"${y:-'$'a\\n''}\" \"${x#'a'}\"]" },
    { "echo a 1&>/dev/stderr", "[_echo _a 1&>_/dev/stderr]" },
    { "echo a 2&>/dev/stderr", "[_echo _a 2&>_/dev/stderr]" },
    { "echo a >&\"-\" ; echo b >&1", "([_echo _a 1>&'-'] ; [_echo _b 1>&_1])" },
    { "a &\\\n& b", "([_a] && [_b])" },
    { "true |\\\n| echo b", "([_true] || [_echo _b])" },
    { "cat <\\\n<A\nx\nA", "[_cat 0<<'x\n']" },
    { "echo a >\\\n>/dev/null", "[_echo _a 1>>_/dev/null]" },
    { "p $\\\nx ${\\\nx} $\\\n(echo a) $(\\\n(1)) ${x\\\n} ${x:\\\n-a}", "[_p $x $x $([_echo _a]) $(('1')) $x ${x:-_a}]" },
    { "i\\\nf true; then echo y; fi", "if([_true],[_echo _y])" },
    { "function f if true; then echo y; fi; f", "(f(if([_true],[_echo _y])) ; [_f])" },
    { "function f\n{ echo y; }; f", "(f(group([_echo _y])) ; [_f])" },
    { "function f() echo y; f", "(f([_echo _y]) ; [_f])" },
    { "function f while false; do :; done; f; echo k", "(f(while([_false],[_:])) ; ([_f] ; [_echo _k]))" },
    { "function f() { echo a; } >&2; f", "(f(group([_echo _a]) 1>&_2) ; [_f])" },
    { "case in in ;) echo 1;; esac", "case(_in, _in: [_echo _1])" },
    { "case x in\n# c\nx) echo 1;;\n# d\nesac", "case(_x, _x: [_echo _1])" },
    { "case x # c\nin # d\nx) # e\necho 1 # f\n;; # g\nesac # h", "case(_x, _x: [_echo _1])" },
    { "for i in a b # c\ndo # d\necho $i # e\ndone # f", "for(i in _a _b,([_echo $i]))" },
    { "if # a\ntrue # b\nthen # c\necho y # d\nfi # e", "if([_true],[_echo _y])" },
    { "{ # a\necho y # b\n} # c", "group([_echo _y])" },
    { "( # a\necho y # b\n) # c", "sub([_echo _y])" },
    { "p `# a\necho b`", "[_p $([_echo _b])]" },
    { "p `echo b # a`", "[_p $([_echo _b])]" },
    { "echo \"a\nb\" 'c\nd' $LINENO", "[_echo 'a\nb' 'c\nd' $LINENO]" },
    { "echo a; echo $LINENO\n\necho $LINENO; \"x\ny\"; echo $LINENO", "([_echo _a] ; [_echo $LINENO])\n([_echo $LINENO] ; (['x\ny'] ; [_echo $LINENO]))" },
    { "x=\"a b\"; export a=$x; p \"$a\"; export b=$x\"c\" c=d; p \"$b\" $c; export $x", "([x='a b'] ; ([_export a=$x] ; ([_p \"$a\"] ; ([_export b=$x'c' _c=d] ; ([_p \"$b\" $c] ; [_export $x])))))" },
    { "export \"q\"=~ ; p $q", "([_export 'q'=~] ; [_p $q])" },
    { "alias a-b=~; alias a-b", "([_alias _a-b=~] ; [_alias _a-b])" },
    { "export q=a:~ \"r=~\"; p $q $r; z=export; $z s=~; p $s", "([_export q=a:<~> 'r=~'] ; ([_p $q $r] ; ([z=_export] ; ([$z _s=~] ; [_p $s]))))" },
    { "p a~b ~+ ~- ~/ ~: ~=", "[_p _a~b <~+> <~-> <~>/ <~:> <~=>]" },
    { "case ~ in ~) echo y;; esac", "case(<~>, <~>: [_echo _y])" },
    { "case a in a|b) ;; \"c d\"|e\\ f|[x-z]*) ;; esac; echo k", "(case(_a, _a _b: , 'c d' e' f' [x-z]*: ) ; [_echo _k])" },
    { "case \"$x\" in a*) echo y;; esac", "case(\"$x\", a*: [_echo _y])" },
    { "f() { echo $1; }\nf a", "f(group([_echo $1]))\n[_f _a]" },
    { "p a\\;b 'a;b' \"a|b\" a\\|b", "[_p a';b' 'a;b' 'a|b' a'|b']" },
    { "p a&&p b||p c;p d&p e|cat", "((([_p _a] && [_p _b]) || [_p _c]) ; (&([_p _d]) ; ([_p _e] | [_cat])))" },
    { "p\ta\t\tb\t", "[_p _a _b]" },
    { " \t p a", "[_p _a]" },
    { "p ab", "[_p _ab]" },
    { "p a\\\tb", "[_p a'\tb']" },
    { "p a\n p b", "[_p _a]\n[_p _b]" },
    { "\np a", "[_p _a]" },
    { "p \"a\"b'c'$x\"d\"", "[_p 'a'b'c'$x'd']" },
    { "p !a \"!\" \\!", "[_p _!a '!' '!']" },
    { "! p a; ! false; echo $?", "(!([_p _a]) ; (!([_false]) ; [_echo $?]))" },
    { "{ p a; p b; } | cat; ( p c ) ; { p d\n}", "((group(([_p _a] ; [_p _b])) | [_cat]) ; (sub([_p _c]) ; group([_p _d])))" },
    { "{\np a\n}", "group([_p _a])" },
    { "if true; then p a; elif false; then p b; else p c; fi", "if([_true],[_p _a],if([_false],[_p _b],[_p _c]))" },
    { "while p a; do break; done; until p b; do :; done", "(while([_p _a],[_break]) ; until([_p _b],[_:]))" },
    { "p ${x#\\}} ${x%\"}\"} ${x%'}'}", "[_p ${x#'}'} ${x%'}'} ${x%'}'}]" },
    { "p \"a $(p \"b $(p \"c\")\")\"", "[_p 'a '\"$([_p 'b '\"$([_p 'c'])\"])\"]" },
    { "p \"`p \"\\`p c\\`\"`\"", "[_p \"$([_p \"$([_p _c])\"])\"]" },
    { "p `p \\\\\\`` ", "[_p $([_p '`'])]" },
    { "p `p \"a\"'b'\\c`", "[_p $([_p 'abc'])]" },
    { "p \"`p 'a\"b'`\"", "[_p \"$([_p 'a\"b'])\"]" },
    { "p \"$(p 'a\"b')\"", "[_p \"$([_p 'a\"b'])\"]" },
    { "p \"${y:-`echo a}b`}\" \"${y:-$(echo a}b)}\"", "[_p \"${y:-\"$([_echo _a}b])\"}\" \"${y:-\"$([_echo _a}b])\"}\"]" },
    { "p `\necho a\n`", "[_p $([_echo _a])]" },
    { "p `echo a\\\nb` \"`echo a\\\nb`\"", "[_p $([_echo _ab]) \"$([_echo _ab])\"]" },
    { "p \"a`p \\$x \\\\$x \\\\\\$x`\"", "[_p 'a'\"$([_p $x '$x' '$x'])\"]" },
    { "p $(p \\$x \\\\$x \\\\\\$x)", "[_p $([_p '$x' '\\'$x '\\$x'])]" },
    { "p `p '\\\\' \"\\\\\\\\\"`", "[_p $([_p '\\' '\\'])]" },
    { "p a`p b`c\"`p d`\"e", "[_p a$([_p _b])c\"$([_p _d])\"e]" },
    { "cd /; set +f; [[ etc == e* ]]; echo $?; [[ et* ]]; echo $?; [[ -d /et* ]]; echo $?; echo [[ et* ]]; [[ x$x == xa* ]]; echo $?; [[ et* == etc ]]; echo $?", "([_cd _/] ; ([_set _+f] ; ([[[ _etc _== e* _]]] ; ([_echo $?] ; ([[[ et* _]]] ; ([_echo $?] ; ([[[ _-d /et* _]]] ; ([_echo $?] ; ([_echo [[ et* _]]] ; ([[[ x$x _== xa* _]]] ; ([_echo $?] ; ([[[ et* _== _etc _]]] ; [_echo $?]))))))))))))" },
    { "p $a\\\nb", "[_p $ab]" },
    { "ab=1; p $a\\\nb ${a\\\nb} ${ab\\\n:\\\n-x} $\\\n{ab}", "([ab=_1] ; [_p $ab $ab ${ab:-_x} $ab])" },
    { "p ${x/}", "[_p ${x/}]" },
    { "p ${x%} ${x/a}", "[_p ${x%} ${x/_a}]" },
    { "p ${x:-${y:-${z:-a}}} ", "[_p ${x:-${y:-${z:-_a}}}]" },
    { "echo ${x:-\"$(echo \"a}\")\"} \"${y:-\"$(echo \"a}\")\"}\"", "[_echo ${x:-\"$([_echo 'a}'])\"} \"${y:-\"$([_echo 'a}'])\"}\"]" },
    { "p $(( (1) ))", "[_p $((' (1) '))]" },
    { "cat <<A\\", "[_cat 0<<]" },
    { "cat <<A`", "[_cat 0<<]" },
    { "cat <<A}\nx\nA}", "[_cat 0<<'x\n']" },
    { "cat <<${A}\nx\n${A}", "[_cat 0<<'x\n']" },
    { "cat <<$'A\\n'b\nx\nA\nb", "[_cat 0<<'x\n']" },
    { "cat <<'A\nB'\nx\nA\nB\ny", "[_cat 0<<'x\n']\n[_y]" },
    { "echo \\", "[_echo '\\']" },
    { "[[ a && b ]]; echo $?", "([[[ _a _&& _b _]]] ; [_echo $?])" },
    { "[[ a && \"\" ]]; echo $?", "([[[ _a _&& '' _]]] ; [_echo $?])" },
    { "[[ \"\" || b ]]; echo $?", "([[[ '' _|| _b _]]] ; [_echo $?])" },
    { "[[ a < b ]]; echo $?", "([[[ _a _]] 0<_b] ; [_echo $?])" },
    { "[[ a > b ]]; echo $?", "([[[ _a _]] 1>_b] ; [_echo $?])" },
    { "[[ a == a* ]]; echo $?", "([[[ _a _== a* _]]] ; [_echo $?])" },
    { "[[ abc == a* ]]; echo $?", "([[[ _abc _== a* _]]] ; [_echo $?])" },
    { "[[ abc =~ ^a ]]; echo $?", "([[[ _abc _=~ _^a _]]] ; [_echo $?])" },
    { "[[ $x == \"a  b*c\" ]]; echo $?", "([[[ $x _== 'a  b*c' _]]] ; [_echo $?])" },
    { "[[ ! a ]]; echo $?", "([[[ _! _a _]]] ; [_echo $?])" },
    { "[[ -n $x && -n $x ]] && echo y", "([[[ _-n $x _&& _-n $x _]]] && [_echo _y])" },
    { "[[ a ]] && [[ b ]] && echo y", "([[[ _a _]]] && ([[[ _b _]]] && [_echo _y]))" },
    { "[ a && b ]", "([[ _a] && [_b _]])" },
    { "[[ a; ]]", "([[[ _a] ; [_]]])" },
    { "[[ a | b ]]", "([[[ _a] | [_b _]]])" },
    { "if [[ a && b ]]; then echo y; fi", "if([[[ _a _&& _b _]]],[_echo _y])" },
    { "[[ && ]]", "[[[ _&& _]]]" },
    { "echo [[ a && echo b ]]", "[_echo [[ _a _&& _echo _b _]]]" },
    { "x=1 [[ a && b ]]", "[x=_1 [[ _a _&& _b _]]]" },
    { "[[ a && b", "[[[ _a _&& _b]" },
    { "[[ a ]] || echo n", "([[[ _a _]]] || [_echo _n])" },
    { "\"[[\" a && echo b ]]", "(['[[' _a] && [_echo _b _]]])" },
    { "[[ a & b ]]", "(&([[[ _a]) ; [_b _]]])" },
    { "[[ a ]]x && b ]]", "[[[ _a _]]x _&& _b _]]]" },
    { "echo a &>/dev/null; echo $?", "([_echo _a 1&>_/dev/null] ; [_echo $?])" },
    { "echo a >&/dev/null; echo $?", "([_echo _a 1&>_/dev/null] ; [_echo $?])" },
    { "echo a 1>&2", "[_echo _a 1>&_2]" },
    { "echo a >&2", "[_echo _a 1>&_2]" },
    { "echo a >& 2", "[_echo _a 1>&_2]" },
    { "echo a >&$z", "[_echo _a 1>&$z]" },
    { "echo a >&x$z", "[_echo _a 1>&x$z]" },
    { "echo a 2>&x", "[_echo _a 2>&_x]" },
    { "echo a 1>&x", "[_echo _a 1&>_x]" },
    { "echo a <&x", "[_echo _a 0<&_x]" },
    { "echo a 2>&1x", "[_echo _a 2>&_1x]" },
    { "echo a >&-", "[_echo _a 1>&_-]" },
    { "echo a >&\"-\"", "[_echo _a 1>&'-']" },
    { "echo a 2>&12", "[_echo _a 2>&_12]" },
    { "echo a 12>&1", "[_echo _a 12>&_1]" },
    { "echo a 123>&1", "[_echo _a 123>&_1]" },
    { "echo a 1234>&1", "[_echo _a 1234>&_1]" },
    { "echo a 99999999999>&1", "[_echo _a _99999999999 1>&_1]" },
    { "echo 1>/dev/stderr", "[_echo 1>_/dev/stderr]" },
    { "echo a1>/dev/stderr", "[_echo _a1 1>_/dev/stderr]" },
    { "echo \\1>/dev/stderr", "[_echo '1' 1>_/dev/stderr]" },
    { "echo \"1\">/dev/stderr", "[_echo '1' 1>_/dev/stderr]" },
    { "echo a 1 >/dev/stderr", "[_echo _a _1 1>_/dev/stderr]" },
    { "echo a >|/dev/stderr", "[_echo _a 1>|_/dev/stderr]" },
    { "echo a <>/dev/null", "[_echo _a 0<>_/dev/null]" },
    { "echo a 2<>/dev/null", "[_echo _a 2<>_/dev/null]" },
    { "echo a 1&>/dev/null", "[_echo _a 1&>_/dev/null]" },
    { "echo a2&>/dev/null", "[_echo _a2 1&>_/dev/null]" },
    { "echo a>>/dev/stderr", "[_echo _a 1>>_/dev/stderr]" },
    { "echo a >(cat)", "[_echo _a >([_cat])]" },
    { "echo a <(cat)", "[_echo _a <([_cat])]" },
    { "echo >&2 a >&1 b", "[_echo _a _b 1>&_2 1>&_1]" },
    { "echo a > b c; cat b; rm b", "([_echo _a _c 1>_b] ; ([_cat _b] ; [_rm _b]))" },
    { "if true; then echo a; fi >/dev/null 2>&1; echo b", "(if([_true],[_echo _a]) 1>_/dev/null 2>&_1 ; [_echo _b])" },
    { "while read a; do echo $a; done </etc/hostname | cat >/dev/null; echo c", "((while([_read _a],[_echo $a]) 0<_/etc/hostname | [_cat 1>_/dev/null]) ; [_echo _c])" },
    { "(echo a; echo b) 2>&1 >/dev/stderr", "sub(([_echo _a] ; [_echo _b])) 2>&_1 1>_/dev/stderr" },
    { "x=$(alias q='echo 1'\nq)\necho $x", "[x=$(([_alias q='echo 1'] ; [_q]))]\n[_echo $x]" },
    { "eval 'alias q=\"echo 1\"'; q", "([_eval 'alias q=\"echo 1\"'] ; [_q])" },
    { "alias q='echo 1'; eval q", "([_alias q='echo 1'] ; [_eval _q])" },
    { "alias q='a b' ; `echo q`", "([_alias q='a b'] ; [$([_echo _q])])" },
    { "cat <<\"$x `a\"\ny\n$x `a\n", "[_cat 0<<'y\n']" },
    { "cat <<A=~ <<~\nx\nA=~\ny\n~\n", "[_cat 0<<'x\n' 0<<'y\n']" },
};

/* The reference's messages, run as a file, after "syntax error: ". */
static const struct {
    const char *in;
    unsigned line;
    const char *error;
} errors[] = {
    { "echo \"abc", 1, "unterminated quoted string" },
    { "echo 'abc", 1, "unterminated quoted string" },
    { "echo `abc", 1, "EOF in backquote substitution" },
    { "echo $(abc", 1, "unexpected end of file (expecting \")\")" },
    { "echo ${abc", 1, "missing '}'" },
    { "echo $((1+", 1, "missing '))'" },
    { "echo $((1+1)", 1, "missing '))'" },
    { "if true; then", 1, "unexpected end of file (expecting \"fi\")" },
    { "if true; then echo; fi fi", 1, "unexpected \"fi\"" },
    { "fi", 1, "unexpected \"fi\"" },
    { "done", 1, "unexpected \"done\"" },
    { ";", 1, "unexpected \";\"" },
    { ";;", 1, "unexpected \";;\"" },
    { "&&", 1, "unexpected \"&&\"" },
    { "a &&", 1, "unexpected end of file" },
    { "a |", 1, "unexpected end of file" },
    { "| a", 1, "unexpected \"|\"" },
    { "( a", 1, "unexpected end of file (expecting \")\")" },
    { "( a ) )", 1, "unexpected \")\"" },
    { ")", 1, "unexpected \")\"" },
    { "{ a", 1, "unexpected end of file (expecting \"}\")" },
    { "}", 1, "unexpected \"}\"" },
    { "for", 1, "bad for loop variable" },
    { "for 1a in b", 1, "bad for loop variable" },
    { "for a b", 1, "unexpected word (expecting \"do\")" },
    { "for a in b; fi", 1, "unexpected \"fi\" (expecting \"do\")" },
    { "while a; done", 1, "unexpected \"done\" (expecting \"do\")" },
    { "case", 1, "unexpected end of file (expecting word)" },
    { "case a", 1, "unexpected end of file (expecting \"in\")" },
    { "case a b", 1, "unexpected word (expecting \"in\")" },
    { "case a in b", 1, "unexpected end of file (expecting \")\")" },
    { "case a in b) c", 1, "unexpected end of file (expecting \";;\")" },
    { "case a in b) c esac", 1, "unexpected end of file (expecting \";;\")" },
    { "echo a &; echo b", 1, "unexpected \";\"" },
    { "echo <", 1, "unexpected end of file" },
    { "echo < <", 1, "unexpected redirection" },
    { "cat << ", 1, "unexpected end of file" },
    { "f() ", 1, "unexpected end of file" },
    { "f( ", 1, "unexpected end of file (expecting \")\")" },
    { "f(x) ", 1, "unexpected word (expecting \")\")" },
    { "1f() { :; }", 1, "bad function name" },
    { "a-b() { echo hi; }; a-b", 1, "bad function name" },
    { "$x() { :; }", 1, "bad function name" },
    { "\"x\"() { echo hi; }; x", 1, "bad function name" },
    { "function f echo hi; f", 1, "unexpected word" },
    { "! ! true; echo $?", 1, "unexpected \"!\"" },
    { "!", 1, "unexpected end of file" },
    { "if ; then a; fi", 1, "unexpected \";\"" },
    { "if a; then fi", 1, "unexpected \"fi\"" },
    { "() { a; }", 1, "unexpected \")\"" },
    { "()", 1, "unexpected \")\"" },
    { "{ }", 1, "unexpected \"}\"" },
    { "{ ; }", 1, "unexpected \";\"" },
    { "echo ;; x", 1, "unexpected \";;\"" },
    { "echo; ; x", 1, "unexpected \";\"" },
    { "echo & & x", 1, "unexpected \"&\"" },
    { "echo\n)", 2, "unexpected \")\"" },
    { "echo\necho\nif", 3, "unexpected end of file (expecting \"then\")" },
    { "!\ntrue", 2, "unexpected newline" },
    { "a | ! b", 1, "unexpected \"!\"" },
    { "for i in a; { echo $i; }", 1, "unexpected \"{\" (expecting \"do\")" },
    { "for i in a &\ndo b; done", 1, "unexpected \"&\"" },
    { "for i in a; do; echo; done", 1, "unexpected \";\"" },
    { "for \"i\" in a; do echo; done", 1, "bad for loop variable" },
    { "case x in esac) echo 1;; esac", 1, "unexpected \")\"" },
    { "case x in a) b ;; ;; esac", 1, "unexpected word (expecting \")\")" },
    { "case x in ) echo 1;; esac", 1, "unexpected word (expecting \")\")" },
    { "case x in x|) echo 1;; esac", 1, "unexpected word (expecting \")\")" },
    { "case x in x y) echo 1;; esac", 1, "unexpected word (expecting \")\")" },
    { "case x y in x) echo 1;; esac", 1, "unexpected word (expecting \"in\")" },
    { "case ; in", 1, "unexpected \";\" (expecting word)" },
    { "case\n\nx in x) echo 1;; esac", 2, "unexpected newline (expecting word)" },
    { "case x in x) echo 1;& esac", 1, "unexpected \"&\"" },
    { "export() { echo hi; }", 1, "bad function name" },
    { ":() { echo hi; }; :", 1, "bad function name" },
    { ".() { echo hi; }", 1, "bad function name" },
    { "source() { echo hi; }; source", 1, "bad function name" },
    { "f() { echo hi; } b", 1, "unexpected word" },
    { "a=1 f() { echo hi; }", 1, "unexpected \"(\"" },
    { ">x f() { echo hi; }", 1, "unexpected \"(\"" },
    { "if() { :; }", 1, "unexpected \")\"" },
    { "function 1a { echo hi; }", 1, "bad function name" },
    { "function a-b { echo hi; }; a-b", 1, "bad function name" },
    { "function", 1, "unexpected end of file (expecting word)" },
    { "function ;", 1, "unexpected \";\" (expecting word)" },
    { "{ echo a; } b", 1, "unexpected word" },
    { "{ echo a; } fi", 1, "unexpected \"fi\"" },
    { "(echo a) (echo b)", 1, "unexpected \"(\"" },
    { "echo a (echo b)", 1, "unexpected \"(\"" },
    { "echo a ()", 1, "unexpected \"(\"" },
    { "(echo a) b", 1, "unexpected word" },
    { "{ echo a }", 1, "unexpected end of file (expecting \"}\")" },
    { "{echo a; }", 1, "unexpected \"}\"" },
    { "while false; do echo; done fi", 1, "unexpected \"fi\"" },
    { "if true\nthen echo; else; fi", 2, "unexpected \";\"" },
    { "if true; then echo; elif", 1, "unexpected end of file (expecting \"then\")" },
    { "if true; then echo; elif false; fi", 1, "unexpected \"fi\" (expecting \"then\")" },
    { "while true; do", 1, "unexpected end of file (expecting \"done\")" },
    { "while; do a; done", 1, "unexpected \";\"" },
    { "until true; do done", 1, "unexpected \"done\"" },
    { "a &&\n; b", 2, "unexpected \";\"" },
    { "a;\n;", 2, "unexpected \";\"" },
    { "echo a && && b", 1, "unexpected \"&&\"" },
    { "echo a || | b", 1, "unexpected \"|\"" },
    { "echo |& cat", 1, "unexpected \"&\"" },
    { "do", 1, "unexpected \"do\"" },
    { "in", 1, "unexpected \"in\"" },
    { "then", 1, "unexpected \"then\"" },
    { "esac", 1, "unexpected \"esac\"" },
    { "select a in b; do c; done", 1, "unexpected \"do\"" },
    { "cat <<A\n$(echo x\nA", 3, "unexpected end of file (expecting \")\")" },
    { "cat <<$(A)\nv\n$(A)", 1, "unexpected \"(\"" },
    { "cat << <", 1, "unexpected redirection" },
    { "cat <<\nA", 2, "unexpected newline" },
    { "cat <<<x", 1, "unexpected redirection" },
    { "p ${x:}", 1, "missing '}'" },
    { "p $(( 1 ) )", 1, "missing '))'" },
    { "p $((echo a); echo b)", 1, "missing '))'" },
    { "p $((echo a) )", 1, "missing '))'" },
    { "p $(echo a # b)", 1, "unexpected end of file (expecting \")\")" },
    { "p $(echo a;; )", 1, "unexpected \";;\" (expecting \")\")" },
    { "p $(fi)", 1, "unexpected \"fi\" (expecting \")\")" },
    { "p \"${y-'\"}", 1, "unterminated quoted string" },
    { "p \"${x\"", 1, "unterminated quoted string" },
    { "p \"${x", 1, "unterminated quoted string" },
    { "p ${x:-\"a}", 1, "unterminated quoted string" },
    { "p ${x:-'a}", 1, "unterminated quoted string" },
    { "cat <<A\n${y:-\nA\n}\nA", 4, "missing '}'" },
    { "p $'", 1, "unterminated quoted string" },
    { "p $'\\'", 1, "unterminated quoted string" },
    { "echo a ;\\\n; b", 2, "unexpected \";;\"" },
    { "function f ( echo y ); f", 1, "unexpected word (expecting \")\")" },
    { "case x in a|\nx) echo 1;; esac", 2, "unexpected word (expecting \")\")" },
    { "if true\nthen\necho \"$LINENO\"\nfi; fi", 4, "unexpected \"fi\"" },
    { "p \"a\nb", 2, "unterminated quoted string" },
    { "p ${x-", 1, "missing '}'" },
    { "p `a\nb", 2, "EOF in backquote substitution" },
    { "p $(a\nb", 2, "unexpected end of file (expecting \")\")" },
    { "p $((1+\n2", 2, "missing '))'" },
    { "p ${x^", 1, "missing '}'" },
    { "p ${x y", 1, "missing '}'" },
    { "p ${", 1, "missing '}'" },
    { "p \"${", 1, "unterminated quoted string" },
    { "p ${x:", 1, "missing '}'" },
    { "p ${x:-", 1, "missing '}'" },
    { "p \"${x:-", 1, "unterminated quoted string" },
    { "p ${x", 1, "missing '}'" },
    { "for i in a", 1, "unexpected end of file" },
    { "for i in a; do echo; done; done", 1, "unexpected \"done\"" },
    { "for i in a do", 1, "unexpected end of file" },
    { "for i in a | b", 1, "unexpected \"|\"" },
    { "for\ni in a; do echo; done", 2, "bad for loop variable" },
    { "p \"$((1+", 1, "missing '))'" },
    { "p \"$((1+1)", 1, "missing '))'" },
    { "p \"${x:-`", 1, "EOF in backquote substitution" },
    { "p $(echo \"a", 1, "unterminated quoted string" },
    { "p ${x:-$(", 1, "unexpected end of file (expecting \")\")" },
    { "p ${x:-`", 1, "EOF in backquote substitution" },
    { "p ${x:-$((", 1, "missing '))'" },
    { "p $((`", 1, "EOF in backquote substitution" },
    { "p $(($(", 1, "unexpected end of file (expecting \")\")" },
    { "p $((${", 1, "unterminated quoted string" },
    { "cat <<A\n$((1+\nA", 4, "missing '))'" },
    { "cat <<A\n`a\nA", 3, "EOF in backquote substitution" },
    { "cat <<A\n${x:-\"\nA", 4, "missing '}'" },
    { "cat <<A\n${x:-$((\nA", 4, "missing '))'" },
    { "p $((1))) ", 1, "unexpected \")\"" },
    { "p $((1)(2))", 1, "missing '))'" },
    { "p $((1)\n)", 2, "missing '))'" },
    { "cat <<\"A", 1, "unterminated quoted string" },
    { "[[ ( a ) ]]; echo $?", 1, "unexpected word (expecting \")\")" },
    { "[[ a\n&& b ]]", 2, "unexpected \"&&\"" },
    { "echo a &>>/dev/null", 1, "unexpected redirection" },
    { "echo a > > b", 1, "unexpected redirection" },
    { "echo a > ; b", 1, "unexpected \";\"" },
    { ">", 1, "unexpected end of file" },
    { "> &", 1, "unexpected \"&\"" },
    { "echo >&", 1, "unexpected end of file" },
    { "echo a 2>&1>/dev/null", 1, "unexpected redirection" },
};
/* clang-format on */

static void commands_make_trees(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(trees); i++) {
        struct text t = text_of(&m);
        text_say(&t, "");
        show_all(&t, trees[i].in, strlen(trees[i].in), true, NULL);
        if (strcmp(t.data, trees[i].out) != 0)
            fail_msg("%s\n%s\n%s", trees[i].in, t.data, trees[i].out);
        text_release(&t);
        assert_int_equal(account.used, 0);
    }
}

static void errors_are_the_references(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(errors); i++) {
        struct text t = text_of(&m);
        char expected[400];
        show_all(&t, errors[i].in, strlen(errors[i].in), true, NULL);
        snprintf(expected, sizeof expected, "! %u syntax error: %s", errors[i].line,
                 errors[i].error);
        const char *at = strstr(t.data, "! ");
        if (!at || strcmp(at, expected) != 0)
            fail_msg("%s\n%s\n%s", errors[i].in, t.data, expected);
        text_release(&t);
        assert_int_equal(account.used, 0);
    }
}

/* clang-format off */
/* The first is the text; then names and values. */
static const char *const aliased[][8] = {
    { "a c", "[_echo _b _c]", "a", "echo b" },
    { "a c", "[_echo _b _d]", "a", "echo b ", "c", "d" },
    { "a", "[_a]", "a", "a" },
    { "a", "[_a]", "a", "b", "b", "a" },
    { "a c", "[_a _b _c]", "a", "a b" },
    { "e echo x; fi", "if([_true],[_echo _x])", "e", "if true; then" },
    { "e x\"", "[_echo ' x']", "e", "echo \"" },
    { "e}", "[_e}]", "e", "echo ${x" },
    { "e echo y", "([_echo _x] ; [_echo _y])", "e", "echo x;" },
    { "e echo y", "[_echo _y]", "e", "" },
    { "e echo y", "[_echo _y]", "e", " " },
    { "e", "", "e", "" },
    { "f e", "[_echo _echo]", "e", "echo", "f", "e " },
    { "e x\necho y", "[_echo _y]", "e", "#" },
    { "e c", "([_echo _a] ; [_echo _b _c])", "e", "echo a\necho b" },
    { "if a", "! 1 syntax error: unexpected end of file (expecting \"then\")", "if", "echo" },
    { "if true; then a; fi", "if([_true],[_a])", "then", "echo" },
    { "e true; then echo a; fi", "if([_true],[_echo _a])", "e", "if" },
    { "e true; echo $?", "(!([_true]) ; [_echo $?])", "e", "!" },
    { "\\x; \"x\"; x=1; x a", "(['x'] ; (['x'] ; ([x=_1] ; [_y _a])))", "x", "y" },
    { "a-b", "[_echo _1]", "a-b", "echo 1" },
    { "x=1 e a", "[x=_1 _echo _a]", "e", "echo" },
    { ">f e a", "[_echo _a 1>_f]", "e", "echo" },
    { "case x\nin x) e 1;; esac", "case(_x, _x: [_echo _1])", "in", "echo", "x", "y", "e", "echo" },
    { "for i in x; do x $i; done", "for(i in _x,([_b $i]))", "x", "b" },
    { "for i in a\nx; do b; done", "! 2 syntax error: unexpected word (expecting \"do\")", "x", "echo" },
    { "x echo 1; }; f", "(f(group([_echo _1])) ; [_f])", "x", "f() {" },
    { "x() { a; }", "f(group([_a]))", "x", "f" },
    { "e a)", "[_echo $([_echo _a])]", "e", "echo $(echo " },
    { "e\necho b", "([_echo _a] && [_echo _b])", "e", "echo a &&" },
    { "e b", "([_echo _a] ; [_b])", "e", "echo a\n" },
    { "e b", "[_echo ' b']", "e", "echo \\" },
    { "e b`", "[_echo $([_echo _b])]", "e", "echo `echo " },
    { "d q r", "[_echo _x _y]", "d", "echo ", "q", "x ", "r", "y" },
    { "q\nb\nA\n", "[_cat 0<<'b\n']", "q", "cat <<A" },
    { "q\ny\nA\necho z", "[_cat 0<<'x\ny\n']\n[_echo _z]", "q", "cat <<A\nx" },
    { "echo `q`; q", "([_echo $([_a])] ; [_a])", "q", "a" },
    { "q 1 2; do a; done", "for(i in _1 _2,([_a]))", "q", "for i in" },
    { "q f", "[_echo _x 1>_f]", "q", "echo x >" },
    { "echo q>f; q>f", "([_echo _q 1>_f] ; [_echo 2>_f])", "q", "echo 2" },
};
/* clang-format on */

static const char *find_alias(void *context, const char *name, size_t n)
{
    const char *const *row = context;
    for (size_t i = 2; i < 8 && row[i]; i += 2) {
        if (strlen(row[i]) == n && !memcmp(row[i], name, n))
            return row[i + 1];
    }
    return NULL;
}

static void aliases_stand_for_text(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(aliased); i++) {
        union {
            const char *const *row;
            void *context;
        } row = { aliased[i] };
        struct parse_aliases aliases = { row.context, find_alias };
        struct text t = text_of(&m);
        text_say(&t, "");
        show_all(&t, aliased[i][0], strlen(aliased[i][0]), true, &aliases);
        if (strcmp(t.data, aliased[i][1]) != 0)
            fail_msg("%s\n%s\n%s", aliased[i][0], t.data, aliased[i][1]);
        text_release(&t);
        assert_int_equal(account.used, 0);
    }
}

/* Each begins the next but with two of it: what would double without end. */
static const char *find_doubling(void *context, const char *name, size_t n)
{
    static const char *const values[] = { "b b ", "c c ", "d d ", "e e ", "f f ", "g g ",
                                          "h h ", "i i ", "j j ", "k k ", "l l ", "m m ",
                                          "n n ", "o o ", "p p ", "q q ", "r r ", "s s ",
                                          "t t ", "u u ", "v v ", "w w ", "x x ", " " };
    (void)context;
    return n == 1 && *name >= 'a' && *name <= 'x' ? values[*name - 'a'] : NULL;
}

static void aliases_end(void **state)
{
    (void)state;
    struct memory_account account = { 0, 256 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    struct parse_aliases aliases = { NULL, find_doubling };
    struct text t = text_of(&m);
    show_all(&t, "a\n", 2, true, &aliases);
    assert_string_equal(t.data, "! 1 out of memory");
    text_release(&t);
}

/* One verdict on one text. */
static enum parse_verdict judge(struct memory *m, const char *s, size_t n, bool whole,
                                struct parse *p)
{
    /* In a block of its own size, so that reading past it is seen. */
    char *copy = memory_bytes(m, s, n);
    char *exact = memory_take(m, n);
    memcpy(exact, copy, n);
    memory_give(m, copy);
    *p = (struct parse){ .text = exact, .n = n, .whole = whole, .line = 1 };
    enum parse_verdict v = parse_command(p, m);
    arena_drop(p->arena);
    memory_give(m, exact);
    return v;
}

/* While a text is short, either more is waited for, or what is there is final: the same with all of
 * it. */
static void check_prefixes(struct memory *m, const char *s)
{
    size_t n = strlen(s);
    struct parse all, p;
    enum parse_verdict whole = judge(m, s, n, true, &all);
    for (size_t i = 0; i <= n; i++) {
        enum parse_verdict v = judge(m, s, i, false, &p);
        if (v == PARSE_MORE)
            continue;
        if (v != whole || (v == PARSE_ERROR &&
                           (strcmp(p.error, all.error) != 0 || p.error_line != all.error_line)))
            fail_msg("%zu of: %s\n%d %s\n%d %s", i, s, (int)v, p.error, (int)whole, all.error);
        if (v != PARSE_ERROR)
            assert_int_equal(p.used, all.used);
    }
    if (whole == PARSE_END)
        return;
    /* And with an end of line all of it is there, unless something is open. */
    char *line = memory_print(m, "%s\n", s);
    enum parse_verdict v = judge(m, line, n + 1, false, &p);
    memory_give(m, line);
    assert_true(v == whole || v == PARSE_MORE);
}

static void prefixes_agree(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(trees); i++)
        check_prefixes(&m, trees[i].in);
    for (size_t i = 0; i < LENGTH(errors); i++)
        check_prefixes(&m, errors[i].in);
    assert_int_equal(account.used, 0);
}

/* clang-format off */
static const struct {
    const char *in;
    enum parse_verdict verdict;
    size_t used;
    uint32_t lines;
    const char *waits;
} shorts[] = {
    { "", PARSE_MORE, 0, 0, NULL },
    { "\n", PARSE_EMPTY, 1, 1, NULL },
    { "  # c\nx", PARSE_EMPTY, 6, 1, NULL },
    { "  # c", PARSE_MORE, 0, 0, NULL },
    { "echo a", PARSE_MORE, 0, 0, NULL },
    { "echo a\n", PARSE_COMMAND, 7, 1, NULL },
    { "echo a\necho b\n", PARSE_COMMAND, 7, 1, NULL },
    { "echo a \\\n", PARSE_MORE, 0, 0, NULL },
    { "echo a \\\nb\nc", PARSE_COMMAND, 11, 2, NULL },
    { "if a\n", PARSE_MORE, 0, 0, NULL },
    { "echo \"a\n", PARSE_MORE, 0, 0, NULL },
    { "fi; echo\nx\n", PARSE_ERROR, 9, 1, NULL },
    { "cat <<A\n", PARSE_MORE, 0, 0, "A" },
    { "cat <<A\nx\nA", PARSE_MORE, 0, 0, "A" },
    { "cat <<A\nx\nA\n", PARSE_COMMAND, 12, 3, NULL },
    { "cat <<A <<'B C'\nx\nA\ny\n", PARSE_MORE, 0, 0, "B C" },
    { "cat <<A\n$(cat <<B\nx\nA\n", PARSE_MORE, 0, 0, "A" },
    { "echo $(cat <<B\nx\nA\n", PARSE_MORE, 0, 0, "B" },
    { "echo $(cat <<B\nx\nB\n", PARSE_MORE, 0, 0, NULL },
    { "cat <<A &&\nx\nA\n\n", PARSE_MORE, 0, 0, NULL },
};
/* clang-format on */

static void more_is_waited_for(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(shorts); i++) {
        struct parse p;
        enum parse_verdict v = judge(&m, shorts[i].in, strlen(shorts[i].in), false, &p);
        if (v != shorts[i].verdict || p.used != shorts[i].used || p.lines != shorts[i].lines ||
            !p.waits_for != !shorts[i].waits ||
            (p.waits_for && strcmp(p.waits, shorts[i].waits) != 0))
            fail_msg("%s: %d, %zu used, %u lines", shorts[i].in, (int)v, p.used, p.lines);
    }
}

static char *repeat(struct memory *m, const char *s, size_t times, const char *middle,
                    const char *end)
{
    struct text t = text_of(m);
    for (size_t i = 0; i < times; i++)
        text_say(&t, s);
    text_say(&t, middle);
    for (size_t i = 0; i < times; i++)
        text_say(&t, end);
    return t.data;
}

static void depth_is_bounded(void **state)
{
    (void)state;
    static const char *const nests[][3] = {
        { "(", "a", ")" },
        { "{ ", "a", "; }" },
        { "if a; then ", "b", "; fi" },
        { "echo $(", "a", ")" },
        { "echo \"$(", "a", ")\"" },
        { "echo ${x:-", "a", "}" },
        { "echo \"${x:-", "a", "}\"" },
        { "$((", "1", "))" },
        { "while a; do ", "b", "; done" },
        { "case a in a) ", "b", ";; esac" },
        { "f() ", "{ a; }", "" },
        { "cat <(", "a", ")" },
        { "a && b || ", "c", "" },
    };
    struct memory_account account = { 0, 64 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(nests); i++) {
        struct parse p;
        char *s = repeat(&m, nests[i][0], 20, nests[i][1], nests[i][2]);
        assert_int_equal(judge(&m, s, strlen(s), true, &p), PARSE_COMMAND);
        memory_give(&m, s);
        s = repeat(&m, nests[i][0], 20000, nests[i][1], nests[i][2]);
        assert_int_equal(judge(&m, s, strlen(s), true, &p), PARSE_ERROR);
        assert_string_equal(p.error, "out of memory");
        memory_give(&m, s);
    }
    assert_int_equal(account.used, 0);
}

/* Chains may be as long as they like. */
static void chains_are_not_deep(void **state)
{
    (void)state;
    static const char *const links[] = {
        "a;", "a&&", "a||", "a|", "a&", "!a\n", "if a;then b\nel"
    };
    struct memory_account account = { 0, 64 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(links); i++) {
        struct parse p;
        char *s = repeat(&m, links[i], i < 6 ? 20000 : 1, i < 6 ? "a" : "se b;fi", "");
        assert_int_equal(judge(&m, s, strlen(s), true, &p), PARSE_COMMAND);
        memory_give(&m, s);
    }
    assert_int_equal(account.used, 0);
}

static void nuls_are_nothing(void **state)
{
    (void)state;
    static const char s[] = "e\0cho \0 a\0b \"c\0d\" 'e\0f' $x\0y <<A\nx\0y\nA\n\0echo\n";
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    struct text t = text_of(&m);
    show_all(&t, s, sizeof s - 1, true, NULL);
    assert_string_equal(t.data, "[_echo _ab 'cd' 'ef' $xy 0<<'xy\n']\n[_echo]");
    text_release(&t);
}

static void quoted_texts_are_words(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    struct arena *a = arena_make(&m);
    struct text t = text_of(&m);
    show_words(&t, parse_quoted(a, &m, "$USER \"x\" $(id) \\$", 18));
    assert_string_equal(t.data, "\"$USER\"' \"x\" '\"$([_id])\"' $'");
    assert_null(parse_quoted(a, &m, "${x", 3));
    assert_null(parse_quoted(a, &m, "$(if", 4));
    text_release(&t);
    arena_hold(a);
    arena_drop(a);
    arena_drop(a);
    assert_int_equal(account.used, 0);
}

/* As the reference's `jobs` shows them. */
/* clang-format off */
static const char *const texts[][2] = {
    { "a=1 sleep 1 \"a b\" 'c d' $x \"$x\" ${x:-a} \"${x#a*}\" `echo q` $(echo r) $((1+2)) ~ a\"b\"c",
      "sleep 1 \"a b\" \"c d\" ${x} \"${x}\" ${x:-a} \"${x#a*}\" $(...) $(...) $((1+2)) ~ a\"b\"c" },
    { "if true; then sleep 1; else b; fi", "if true; then sleep 1; else b; fi" },
    { "if a; then b; elif c; then d; else e; fi", "if a; then b; else if c; then d; else e; fi; fi" },
    { "for i in a b; do sleep 1; done", "for i in a b; do sleep 1; done" },
    { "for i; do sleep 1; done", "for i in \"${@}\"; do sleep 1; done" },
    { "for i in; do sleep 1; done", "for i in ; do sleep 1; done" },
    { "case x in a|b) c;; *) sleep 1;; esac", "case x in a) c;; *) sleep 1;; esac" },
    { "case x in esac", "case x in esac" },
    { "case x in x) ;; esac", "case x in x) ;; esac" },
    { "f() { a; b; }", "f() { ... }" },
    { "{ sleep 1; a & b; }", "sleep 1; a; b" },
    { "(sleep 1; b) 2>/dev/null", "(sleep 1; b)" },
    { "! sleep 1 | cat | cat", "!sleep 1 | cat | cat" },
    { "sleep 1 && b || c", "sleep 1 && b || c" },
    { "until true; do a; done", "until true; do a; done" },
    { "while a; b; do c; d; done >x 2>y", "while a; b; do c; d; done" },
    { "sleep 1 &>/dev/null", "sleep 1 1>&/dev/null" },
    { "sleep 1 >|x <&0 2>&- 3<>/dev/null 4>>/dev/null", "sleep 1 1>|x 0<&0 2>&- 3<>/dev/null 4>>/dev/null" },
    { "sleep 1 ${#x} ${x:1:2} ${x/a/b} ${x:=a} ${x##a} ${x%%a} \"$@\" $1 $?",
      "sleep 1 ${#x:} ${x//1:2} ${xa/b} ${x:=a} ${x##a} ${x%%a} \"${@}\" ${1} ${?}" },
    { "[[ a && b ]]", "[[ a && b ]]" },
    { "sleep 1 \"a $x `q` $((1+$x)) b\" ~/x ~root", "sleep 1 \"a ${x} $(...) $((1+${x})) b\" ~/x ~root" },
    { "sleep 1 'a$b' \"\" '' a''", "sleep 1 \"a\\$b\" \"\" \"\" a\"\"" },
    { "sleep 1 <<A 3<<'B'\nA\nB\n", "sleep 1 <<... <<..." },
    { "sleep 1 <(a) >(b)", "sleep 1 <(...) >(...)" },
};
/* clang-format on */

static void jobs_have_texts(void **state)
{
    (void)state;
    struct memory_account account = { 0, 16 << 20 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    for (size_t i = 0; i < LENGTH(texts); i++) {
        struct parse p = { .text = texts[i][0], .n = strlen(texts[i][0]), .whole = true };
        struct text t = text_of(&m);
        assert_int_equal(parse_command(&p, &m), PARSE_COMMAND);
        node_text(p.tree, &t);
        assert_string_equal(t.data, texts[i][1]);
        text_release(&t);
        arena_drop(p.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_make_trees),    cmocka_unit_test(errors_are_the_references),
        cmocka_unit_test(aliases_stand_for_text), cmocka_unit_test(aliases_end),
        cmocka_unit_test(prefixes_agree),         cmocka_unit_test(more_is_waited_for),
        cmocka_unit_test(depth_is_bounded),       cmocka_unit_test(chains_are_not_deep),
        cmocka_unit_test(nuls_are_nothing),       cmocka_unit_test(quoted_texts_are_words),
        cmocka_unit_test(jobs_have_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
