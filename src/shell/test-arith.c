#include "shell/arith.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])
#define SYNTAX "arithmetic syntax error"
#define CHOICE "malformed ?: operator"
#define ZERO "divide by zero"
#define EXPONENT "exponent less than 0"
#define LOOP "expression recursion loop detected"
#define SAID "said"

/* Answers of BusyBox 1.35 with the variables below. */
/* clang-format off */
static const struct {
    const char *expression;
    int64_t value, x; /* $x afterwards */
    const char *why;
} cases[] = {
    { "1+2", 3, 5, NULL },
    { "1 +", 0, 0, SYNTAX },
    { "+", 0, 0, SYNTAX },
    { " ", 0, 5, NULL },
    { "1/0", 0, 0, ZERO },
    { "1%0", 0, 0, ZERO },
    { "1//2", 0, 0, SYNTAX },
    { "2**10", 1024, 5, NULL },
    { "2**-1", 0, 0, EXPONENT },
    { "2**63", INT64_MIN, 5, NULL },
    { "2**64", 0, 5, NULL },
    { "-9223372036854775807-1", INT64_MIN, 5, NULL },
    { "(-9223372036854775807-1)/-1", INT64_MIN, 5, NULL },
    { "(-9223372036854775807-1)%-1", 0, 5, NULL },
    { "9223372036854775807+1", INT64_MIN, 5, NULL },
    { "9223372036854775808", INT64_MIN, 5, NULL },
    { "18446744073709551615", -1, 5, NULL },
    { "18446744073709551616", 0, 5, NULL },
    { "99999999999999999999999", 0, 5, NULL },
    { "0x10", 16, 5, NULL },
    { "0X10", 16, 5, NULL },
    { "010", 8, 5, NULL },
    { "08", 0, 0, SYNTAX },
    { "0x", 0, 0, SYNTAX },
    { "0xg", 0, 0, SYNTAX },
    { "16#ff", 255, 5, NULL },
    { "2#101", 5, 5, NULL },
    { "2#102", 0, 0, SYNTAX },
    { "36#z", 35, 5, NULL },
    { "37#z", 35, 5, NULL },
    { "64#_", 63, 5, NULL },
    { "64#@", 62, 5, NULL },
    { "65#1", 0, 0, SYNTAX },
    { "1#0", 0, 0, SYNTAX },
    { "0#0", 0, 0, SYNTAX },
    { "10#09", 9, 5, NULL },
    { "1?2:3", 2, 5, NULL },
    { "0?2:3", 3, 5, NULL },
    { "1?2", 0, 0, CHOICE },
    { "1:2", 0, 0, CHOICE },
    { "1?2:3:4", 0, 0, CHOICE },
    { "1?0?1:2:3", 0, 0, CHOICE },
    { "1,2", 2, 5, NULL },
    { "1,", 0, 0, SYNTAX },
    { ",1", 0, 0, SYNTAX },
    { "x=5", 5, 5, NULL },
    { "x=y=6,x", 6, 6, NULL },
    { "x+=3", 8, 8, NULL },
    { "x-=3", 2, 2, NULL },
    { "x*=3", 15, 15, NULL },
    { "x/=3", 1, 1, NULL },
    { "x%=3", 2, 2, NULL },
    { "x/=0", 0, 0, ZERO },
    { "x<<=2", 20, 20, NULL },
    { "x>>=1", 2, 2, NULL },
    { "x&=6", 4, 4, NULL },
    { "x|=6", 7, 7, NULL },
    { "x^=6", 3, 3, NULL },
    { "x**=2", 0, 0, SYNTAX },
    { "x++", 5, 6, NULL },
    { "x--", 5, 4, NULL },
    { "++x", 6, 6, NULL },
    { "--x", 4, 4, NULL },
    { "++x+1", 7, 6, NULL },
    { "5++", 0, 0, SYNTAX },
    { "++5", 5, 5, NULL },
    { "--5", 5, 5, NULL },
    { "5=6", 0, 0, SYNTAX },
    { "x==y", 0, 5, NULL },
    { "x!=y", 1, 5, NULL },
    { "1<2", 1, 5, NULL },
    { "1<=2", 1, 5, NULL },
    { "1>2", 0, 5, NULL },
    { "1>=2", 0, 5, NULL },
    { "1<<2", 4, 5, NULL },
    { "1<<64", 1, 5, NULL },
    { "1<<65", 2, 5, NULL },
    { "1<<-1", INT64_MIN, 5, NULL },
    { "-1>>1", -1, 5, NULL },
    { "-1>>63", -1, 5, NULL },
    { "-8>>65", -4, 5, NULL },
    { "1&&0", 0, 5, NULL },
    { "1||0", 1, 5, NULL },
    { "0||0", 0, 5, NULL },
    { "1&&2", 1, 5, NULL },
    { "0&&(x=9)", 0, 9, NULL },
    { "1||(x=9)", 1, 9, NULL },
    { "0?(x=9):2", 2, 9, NULL },
    { "0&&1/0", 0, 0, ZERO },
    { "1||1/0", 0, 0, ZERO },
    { "1?1:1/0", 0, 0, ZERO },
    { "!5", 0, 5, NULL },
    { "!0", 1, 5, NULL },
    { "~5", -6, 5, NULL },
    { "-5", -5, 5, NULL },
    { "- -5", 5, 5, NULL },
    { "+5", 5, 5, NULL },
    { "-+-5", 5, 5, NULL },
    { "(1+2)*3", 9, 5, NULL },
    { "(1+2", 3, 5, NULL },
    { "1+2)", 0, 0, SYNTAX },
    { "()", 0, 0, SYNTAX },
    { "(())", 0, 0, SYNTAX },
    { "((1))", 1, 5, NULL },
    { "1 2", 0, 0, SYNTAX },
    { "1 x", 0, 0, SYNTAX },
    { "x 1", 0, 0, SYNTAX },
    { "x x", 0, 0, SYNTAX },
    { "nosuch", 0, 5, NULL },
    { "nosuch+1", 1, 5, NULL },
    { "nosuch=3", 3, 5, NULL },
    { "a.b", 0, 0, SYNTAX },
    { "@", 0, 0, SYNTAX },
    { "#", 0, 0, SYNTAX },
    { "$", 0, 0, SYNTAX },
    { "1.5", 0, 0, SYNTAX },
    { "\"1\"", 0, 0, SYNTAX },
    { "'1'", 0, 0, SYNTAX },
    { "1+\"2\"", 0, 0, SYNTAX },
    { "\\1", 0, 0, SYNTAX },
    { "x[1]", 0, 0, SYNTAX },
    { "[1]", 0, 0, SYNTAX },
    { "1;2", 0, 0, SYNTAX },
    { "1&", 0, 0, SYNTAX },
    { "&1", 0, 0, SYNTAX },
    { "1&&", 0, 0, SYNTAX },
    { "1||", 0, 0, SYNTAX },
    { "1<", 0, 0, SYNTAX },
    { "a=", 0, 0, SYNTAX },
    { "=1", 0, 0, SYNTAX },
    { "a==", 0, 0, SYNTAX },
    { "1=2", 0, 0, SYNTAX },
    { "1!", 0, 0, SYNTAX },
    { "!", 0, 0, SYNTAX },
    { "~", 0, 0, SYNTAX },
    { "1~2", 0, 0, SYNTAX },
    { "1!2", 0, 0, SYNTAX },
    { "2*-3", -6, 5, NULL },
    { "2+-3", -1, 5, NULL },
    { "2--3", 5, 5, NULL },
    { "2---3", -1, 5, NULL },
    { "x---x", 1, 4, NULL },
    { "x+++x", 11, 6, NULL },
    { "x+++++x", 0, 0, SYNTAX },
    { "x - -- x", 0, 4, NULL },
    { "x- --x", 0, 4, NULL },
    { "1+++2", 3, 5, NULL },
    { "1 + + 2", 3, 5, NULL },
    { "1?2:", 0, 0, SYNTAX },
    { "1?:2", 0, 0, SYNTAX },
    { "?1:2", 0, 0, SYNTAX },
    { "1?2,3:4", 0, 0, CHOICE },
    { "1?(2,3):4", 3, 5, NULL },
    { "1,2?3:4", 3, 5, NULL },
    { "x=1?2:3", 2, 2, NULL },
    { "0?1:x=7", 0, 0, SYNTAX },
    { "1?x=7:3", 0, 0, CHOICE },
    { "2**3**2", 512, 5, NULL },
    { "-2**2", 4, 5, NULL },
    { "!2**2", 0, 5, NULL },
    { "2*3**2", 18, 5, NULL },
    { "1-2-3", -4, 5, NULL },
    { "8/4/2", 1, 5, NULL },
    { "1<<2<<3", 32, 5, NULL },
    { "1<2<3", 1, 5, NULL },
    { "3>2>1", 0, 5, NULL },
    { "1==1==1", 1, 5, NULL },
    { "1|2^3&4", 3, 5, NULL },
    { "1||0&&0", 1, 5, NULL },
    { "7&3==3", 1, 5, NULL },
    { " \t1\t+ 2", 3, 5, NULL },
    { "1+", 0, 0, SYNTAX },
    { "2", 2, 5, NULL },
    { "0b11", 0, 0, SYNTAX },
    { "0777", 511, 5, NULL },
    { "0888", 0, 0, SYNTAX },
    { "1e3", 0, 0, SYNTAX },
    { "1_000", 0, 0, SYNTAX },
    { "_x=3", 3, 5, NULL },
    { "x1=4", 4, 5, NULL },
    { "1x", 0, 0, SYNTAX },
    { "0x1g", 0, 0, SYNTAX },
    { "0xABCDEFabcdef", 188900977659375, 5, NULL },
    { "0x7fffffffffffffff", 9223372036854775807, 5, NULL },
    { "0xffffffffffffffff", -1, 5, NULL },
    { "0x10000000000000000", 0, 5, NULL },
    { "-0x8000000000000000", INT64_MIN, 5, NULL },
    { "z=5,z*2", 10, 5, NULL },
    { "5%3", 2, 5, NULL },
    { "-5%3", -2, 5, NULL },
    { "5%-3", 2, 5, NULL },
    { "-5/2", -2, 5, NULL },
    { "x=(1+2)", 3, 3, NULL },
    { "(x)=3", 0, 0, SYNTAX },
    { "x=", 0, 0, SYNTAX },
    { "x+=", 0, 0, SYNTAX },
    { "3+=4", 0, 0, SYNTAX },
    { "&&", 0, 0, SYNTAX },
    { "||", 0, 0, SYNTAX },
    { "**", 0, 0, SYNTAX },
    { "2**0", 1, 5, NULL },
    { "0**0", 1, 5, NULL },
    { "0**-1", 0, 0, EXPONENT },
    { "1**-1", 0, 0, EXPONENT },
    { "-1**-1", 0, 0, EXPONENT },
    { "-1**3", -1, 5, NULL },
    { "7**77", -164713749180026137, 5, NULL },
    { "x:y", 0, 0, CHOICE },
    { "x?y", 0, 0, CHOICE },
    { "x?y:z", 2, 5, NULL },
    { "a?b?c:d:e", 0, 0, CHOICE },
    { "a,b,c", 0, 5, NULL },
    { "!x", 0, 5, NULL },
    { "!!x", 1, 5, NULL },
    { "~~x", 5, 5, NULL },
    { "- x", -5, 5, NULL },
    { "-x", -5, 5, NULL },
    { "+x", 5, 5, NULL },
    { "++ x", 6, 6, NULL },
    { "x ++", 5, 6, NULL },
    { "x ++ 1", 0, 0, SYNTAX },
    { "(x++)", 5, 6, NULL },
    { "(x)++", 0, 0, SYNTAX },
    { "++(x)", 5, 5, NULL },
    { "x++++", 0, 0, SYNTAX },
    { "x=x++", 5, 5, NULL },
    { "x=x++ + ++x", 12, 12, NULL },
    { "1 ? 2 : 3", 2, 5, NULL },
    { "010+1", 9, 5, NULL },
    { "-010", -8, 5, NULL },
    { "9#8", 8, 5, NULL },
    { "9#9", 0, 0, SYNTAX },
    { "16#FF", 255, 5, NULL },
    { "16#fF", 255, 5, NULL },
    { "36#Zz", 1295, 5, NULL },
    { "62#Zz", 3817, 5, NULL },
    { "64#zZ", 2301, 5, NULL },
    { "10#", 0, 5, NULL },
    { "#10", 0, 0, SYNTAX },
    { "10#a", 0, 0, SYNTAX },
    { "16#xyz", 0, 0, SYNTAX },
    { "16 # ff", 0, 0, SYNTAX },
    { "10#-5", -5, 5, NULL },
    { "2147483648", 2147483648, 5, NULL },
    { "4294967296*4294967296", 0, 5, NULL },
    { "(x)+(x=9)", 14, 9, NULL },
    { "x+(x=9)", 18, 9, NULL },
    { "x+0+(x=9)", 14, 9, NULL },
    { "-x+(x=9)", 4, 9, NULL },
    { "1?2:1?3:4", 2, 5, NULL },
    { "0?2:1?3:4", 3, 5, NULL },
    { "1?2:0?3:4", 2, 5, NULL },
    { "0?1:0?2:3", 3, 5, NULL },
    { "1?(1?2:3):4", 2, 5, NULL },
    { "1/0+", 0, 0, ZERO },
    { "1/0 1", 0, 0, SYNTAX },
    { "1/0)", 0, 0, ZERO },
    { "loop", 0, 0, LOOP },
    { "loop+1", 0, 0, LOOP },
    { "l1", 0, 0, LOOP },
    { "bad", 0, 0, SYNTAX },
    { "bad+1", 0, 0, SYNTAX },
    { "empty", 0, 5, NULL },
    { "empty+1", 1, 5, NULL },
    { "spaces", 3, 5, NULL },
    { "paren", 4, 5, NULL },
    { "neg", -3, 5, NULL },
    { "neg**2", 9, 5, NULL },
    { "-neg", 3, 5, NULL },
    { "expr1*2", 6, 5, NULL },
    { "expr2", 6, 5, NULL },
    { "assn", 9, 9, NULL },
    { "assn+x", 14, 9, NULL },
    { "assn,x", 5, 9, NULL },
    { "chain1", 7, 5, NULL },
    { "chain1=4", 4, 5, NULL },
    { "hexv", 31, 5, NULL },
    { "octv", 15, 5, NULL },
    { "bad8", 0, 0, SYNTAX },
    { "str", 0, 0, SYNTAX },
    { "strundef", 0, 5, NULL },
    { "strundef=5", 5, 5, NULL },
    { "plus", 0, 0, SYNTAX },
    { "plus+1", 0, 0, SYNTAX },
    { "1plus", 0, 0, SYNTAX },
    { "unbal", 1, 5, NULL },
    { "unbal2", 0, 0, SYNTAX },
    { "tern", 0, 0, CHOICE },
    { "nl", 3, 5, NULL },
    { "dollar", 0, 0, SYNTAX },
    { "quote", 0, 0, SYNTAX },
    { "at", 0, 0, SYNTAX },
    { "inc", 5, 6, NULL },
    { "x=inc", 5, 5, NULL },
    { "inc,x", 5, 6, NULL },
    { "loop=3", 3, 5, NULL },
    { "x=1,y=2,x+y", 3, 1, NULL },
    { "x=y=z=4,x+y+z", 12, 4, NULL },
    { "x+=y+=3", 10, 10, NULL },
    { "x=2+y=3", 0, 0, SYNTAX },
    { "2+x=3", 0, 0, SYNTAX },
    { "x=3=4", 0, 0, SYNTAX },
    { "1+x+=3", 0, 0, SYNTAX },
    { "!x=3", 0, 0, SYNTAX },
    { "-x=3", 0, 0, SYNTAX },
    { "-x++", -5, 6, NULL },
    { "-++x", -6, 6, NULL },
    { "!x++", 0, 6, NULL },
    { "x++ + x++", 11, 7, NULL },
    { "x-- - --x", 2, 3, NULL },
    { "x=x+1,x=x+1", 7, 7, NULL },
    { "1&&x=2", 0, 0, SYNTAX },
    { "1||x=2", 0, 0, SYNTAX },
    { "a=1?2:3,a", 2, 5, NULL },
    { "roo=1", 0, 0, SAID },
    { "roo+=1", 0, 0, SAID },
    { "roo++", 0, 0, SAID },
    { "roo", 4, 5, NULL },
    { "1,2,3", 3, 5, NULL },
    { "(1,2)+3", 5, 5, NULL },
    { "1 +2 *3 - 4/ 2", 5, 5, NULL },
    { "1<<2+3", 32, 5, NULL },
    { "1+2<<3", 24, 5, NULL },
    { "1<2==1", 1, 5, NULL },
    { "1&2==2", 1, 5, NULL },
    { "1|2&&0", 0, 5, NULL },
    { "4^4||0", 0, 5, NULL },
    { "1<2&3", 1, 5, NULL },
    { "5&6|1^2", 7, 5, NULL },
    { "~1+1", -1, 5, NULL },
    { "!1+1", 1, 5, NULL },
    { "- - - 1", -1, 5, NULL },
    { "!~0", 0, 5, NULL },
    { "1==", 0, 0, SYNTAX },
    { "1 = = 2", 0, 0, SYNTAX },
    { "x = = 2", 0, 0, SYNTAX },
    { "x + = 2", 0, 0, SYNTAX },
    { "x = 2", 2, 2, NULL },
    { "x += 2", 7, 7, NULL },
    { "1 < < 2", 0, 0, SYNTAX },
    { "1 & & 2", 0, 0, SYNTAX },
    { "1 * * 2", 0, 0, SYNTAX },
    { "x + +", 0, 0, SYNTAX },
    { "x + + +1", 6, 5, NULL },
    { "+ + + 1", 1, 5, NULL },
    { "x ++ + 1", 6, 6, NULL },
    { "x ++ - 1", 4, 6, NULL },
    { "x ++ x", 0, 0, SYNTAX },
    { "x ++ * 2", 10, 6, NULL },
    { "++x++", 0, 0, SYNTAX },
    { "++ ++ x", 6, 6, NULL },
    { "-- -- x", 4, 4, NULL },
    { "-- x --", 0, 0, SYNTAX },
    { "x - - 1", 6, 5, NULL },
    { "x - -1", 6, 5, NULL },
    { "9223372036854775807*9223372036854775807", 1, 5, NULL },
    { "-9223372036854775808", INT64_MIN, 5, NULL },
    { "-9223372036854775808/-1", INT64_MIN, 5, NULL },
    { "9223372036854775807<<1", -2, 5, NULL },
    { "1<<63", INT64_MIN, 5, NULL },
    { "(1<<63)-1", 9223372036854775807, 5, NULL },
    { "(1<<63)**2", 0, 5, NULL },
    { "(1<<63)/10", -922337203685477580, 5, NULL },
    { "3**-0", 1, 5, NULL },
    { "2**62*2", INT64_MIN, 5, NULL },
    { "2**100000", 0, 5, NULL },
    { "-(1<<63)", INT64_MIN, 5, NULL },
    { "(1<<63)%10", -8, 5, NULL },
    { "(-7)%0", 0, 0, ZERO },
    { "0/0", 0, 0, ZERO },
    { "x=10,x/=3", 3, 3, NULL },
    { "x%=0", 0, 0, ZERO },
    { "x<<=100", 343597383680, 343597383680, NULL },
    { "x>>=-1", 0, 0, NULL },
    { "0x_", 0, 0, SYNTAX },
    { "0x 1", 0, 0, SYNTAX },
    { "0 x1", 0, 0, SYNTAX },
    { "00", 0, 5, NULL },
    { "000012", 10, 5, NULL },
    { "0_1", 0, 0, SYNTAX },
    { "2#", 0, 5, NULL },
    { "2#2", 0, 0, SYNTAX },
    { "2##1", 0, 0, SYNTAX },
    { "2#1#1", 0, 0, SYNTAX },
    { "16#0x10", 0, 0, SYNTAX },
    { "064", 52, 5, NULL },
    { "@#1", 0, 0, SYNTAX },
    { "64#@_", 4031, 5, NULL },
    { "64#a", 10, 5, NULL },
    { "64#A", 36, 5, NULL },
    { "36#A", 10, 5, NULL },
    { "37#A", 36, 5, NULL },
    { "37#a", 10, 5, NULL },
    { "11#a", 10, 5, NULL },
    { "011#5", 0, 0, SYNTAX },
    { "0x10#5", 0, 0, SYNTAX },
    { "010#5", 0, 0, SYNTAX },
    { "1#1", 0, 0, SYNTAX },
    { "64#", 0, 5, NULL },
    { "66#1", 0, 0, SYNTAX },
    { "100#1", 0, 0, SYNTAX },
    { "0100#1", 0, 0, SYNTAX },
    { "18446744073709551626#1", 0, 0, SYNTAX },
    { "9999999999#1", 0, 0, SYNTAX },
    { "99999999999999999999#1", 0, 0, SYNTAX },
    { "ABC", 0, 5, NULL },
    { "aBc=1", 1, 5, NULL },
    { "_", 0, 5, NULL },
    { "_1", 0, 5, NULL },
    { "a_b=3", 3, 5, NULL },
    { "1?0?1:2:(3/0)", 0, 0, ZERO },
    { "1?0?1:(2/0):3", 0, 0, ZERO },
    { "1?0?(1/0):2:3", 0, 0, ZERO },
    { "0?1?1:2:3", 0, 0, CHOICE },
    { "1?1?1:2:3", 0, 0, CHOICE },
    { "1?2:3:(4/0)", 0, 0, ZERO },
    { "1?2:(3/0):4", 0, 0, ZERO },
    { "1:(2/0)", 0, 0, ZERO },
    { "1:2:(3/0)", 0, 0, ZERO },
    { "1?2,(3/0):4", 0, 0, CHOICE },
    { "1?2,3:(4/0)", 0, 0, CHOICE },
    { "1?2:0?4:5:6", 0, 0, CHOICE },
    { "1?2:0?4:5:(6/0)", 0, 0, ZERO },
    { "1?(x=7):(x=8)", 7, 8, NULL },
    { "0?(x=7):(x=8)", 8, 8, NULL },
    { "1?x=7:x=8", 0, 0, CHOICE },
    { "1?x++:x--", 5, 5, NULL },
    { "0?x++:x--", 6, 5, NULL },
    { "1?y:x++", 2, 6, NULL },
    { "1,1:2", 0, 0, CHOICE },
    { "1:2,1", 0, 0, CHOICE },
    { "(1:2)", 0, 0, CHOICE },
    { "(1:2)/0", 0, 0, CHOICE },
    { "1+(1:2)", 0, 0, CHOICE },
    { "1?(1:2):3", 1, 5, NULL },
    { "1?2:(3:4)", 0, 0, CHOICE },
    { "1?(1:2)", 1, 5, NULL },
    { "(1?1:2)", 1, 5, NULL },
    { "1:2?3:4", 0, 0, CHOICE },
    { "0?1:2?3:4", 3, 5, NULL },
    { "1?1:2?3:4", 1, 5, NULL },
    { "1?1:2&&0", 1, 5, NULL },
    { "1&&0?3:4", 4, 5, NULL },
    { "0&&1?3:4", 4, 5, NULL },
    { "1?1:2||1/0", 0, 0, ZERO },
    { "x=1:2", 0, 0, CHOICE },
    { "x=1?2", 0, 0, CHOICE },
    { "1?2:3,4", 4, 5, NULL },
    { "0?2:3,4", 4, 5, NULL },
    { "1?2:3=4", 0, 0, SYNTAX },
    { "1?x:3=4", 0, 0, SYNTAX },
    { "a=1?b=2:3", 0, 0, CHOICE },
    { "1?(a=2):3,a", 2, 5, NULL },
    { "1?2?3:4", 0, 0, CHOICE },
    { "1?2?3", 0, 0, CHOICE },
    { "1:", 0, 0, SYNTAX },
    { ":1", 0, 0, SYNTAX },
    { ":", 0, 0, SYNTAX },
    { "?", 0, 0, SYNTAX },
    { "1?:", 0, 0, SYNTAX },
    { "1?2 3:4", 0, 0, SYNTAX },
    { "1?2:3 4", 0, 0, SYNTAX },
    { "1?""?2:3", 0, 0, SYNTAX },
    { "1?2::3", 0, 0, SYNTAX },
    { "1?-1:+1", -1, 5, NULL },
    { "1?!1:~1", 0, 5, NULL },
    { "(1:2)?3:4", 0, 0, CHOICE },
    { "-(1:2)", 0, 0, CHOICE },
    { "!(1:2)", 0, 0, CHOICE },
    { "x=(1:2)", 0, 0, CHOICE },
    { "(1:2)=3", 0, 0, CHOICE },
    { "5++x", 0, 0, SYNTAX },
    { "5--x", 0, 0, SYNTAX },
    { "(x)++x", 0, 0, SYNTAX },
    { "x++y", 0, 0, SYNTAX },
    { "(x)--y", 0, 0, SYNTAX },
    { "5 ++ x", 0, 0, SYNTAX },
    { "5 -- 3", 8, 5, NULL },
    { "10#99999999999999999999999", 200376420520689663, 5, NULL },
    { "16#10000000000000001", 1, 5, NULL },
    { "16#10000000000000000", 0, 5, NULL },
    { "2#10000000000000000000000000000000000000000000000000000000000000001", 1, 5, NULL },
    { "99999999999999999999", 0, 5, NULL },
    { "0777777777777777777777777", 0, 5, NULL },
    { "0x11111111111111111", 0, 5, NULL },
    { "1)+(2", 0, 0, SYNTAX },
    { "1),(2", 0, 0, SYNTAX },
    { "1)", 0, 0, SYNTAX },
    { "nosuch/0", 0, 0, ZERO },
    { "0?nosuch:x", 5, 5, NULL },
    { "y=loop2", 0, 5, NULL },
    { "1+(loop2=2)", 3, 5, NULL },
    { "x=1:(y=9)", 0, 0, CHOICE },
    { "(x=7)/0", 0, 0, ZERO },
    { "x+++y", 7, 6, NULL },
    { "x---y", 3, 4, NULL },
    { "y++ +x", 7, 5, NULL },
    { "y+-x", -3, 5, NULL },
    { "y+--x", 6, 4, NULL },
    { "y-++x", -4, 6, NULL },
    { "y- --x", -2, 4, NULL },
    { "++x--", 0, 0, SYNTAX },
    { "!++x", 0, 6, NULL },
    { "~x++", -6, 6, NULL },
    { "!x==0", 1, 5, NULL },
    { "x=!y", 0, 0, NULL },
    { "x=-y", -2, -2, NULL },
    { "x= -y", -2, -2, NULL },
    { "x=+ +y", 2, 2, NULL },
    { "x*-y", -10, 5, NULL },
    { "x**-y", 0, 0, EXPONENT },
    { "x**y**y", 625, 5, NULL },
    { "-x**y", 25, 5, NULL },
    { "x<<y>>1", 10, 5, NULL },
    { "x>y==1", 1, 5, NULL },
    { "x&y|1", 1, 5, NULL },
    { "x%y*2", 2, 5, NULL },
    { "x+=y-=1,x", 6, 6, NULL },
    { "x=y=1:2", 0, 0, CHOICE },
    { "x++ ++x", 0, 0, SYNTAX },
    { "x++--x", 0, 0, SYNTAX },
    { "x++ --1", 0, 0, SYNTAX },
    { "x++ ++1", 0, 0, SYNTAX },
    { "x++ -- -1", 0, 0, SYNTAX },
    { "(x++)++1", 6, 6, NULL },
    { "5++1", 6, 5, NULL },
    { "x++++1", 0, 0, SYNTAX },
    { "x--++1", 0, 0, SYNTAX },
    { "x++ ++(1)", 0, 0, SYNTAX },
    { "(x)++1", 6, 5, NULL },
    { "(x)--1", 6, 5, NULL },
    { "1 ++ (2)", 3, 5, NULL },
    { "x ++ (2)", 0, 0, SYNTAX },
    { "x++ + +1", 6, 6, NULL },
    { "++x++1", 0, 0, SYNTAX },
    { "++x ++ 1", 0, 0, SYNTAX },
    { "++x -- 1", 0, 0, SYNTAX },
    { "x--(1)", 0, 0, SYNTAX },
    { "(1", 1, 5, NULL },
    { ")", 0, 0, SYNTAX },
    { "(", 0, 0, SYNTAX },
    { "x=(1+2", 0, 0, SYNTAX },
    { "((1)", 1, 5, NULL },
    { "(1))", 0, 0, SYNTAX },
    { "x=3)", 0, 0, SYNTAX },
    { "1,(", 0, 0, SYNTAX },
    { ")(", 0, 0, SYNTAX },
    { "", 0, 5, NULL },
    { "x=1)+2", 0, 0, SYNTAX },
    { "(x", 5, 5, NULL },
    { "1+)", 0, 0, SYNTAX },
    { "(+", 0, 0, SYNTAX },
    { "1 (2)", 0, 0, SYNTAX },
    { "x(2)", 0, 0, SYNTAX },
    { "(1)(2)", 0, 0, SYNTAX },
    { "2(3)", 0, 0, SYNTAX },
    { "1\t2", 0, 0, SYNTAX },
    { "1\v+2", 3, 5, NULL },
    { "1\f+2", 3, 5, NULL },
    { "1\r+2", 3, 5, NULL },
    { "x\n+\n1", 6, 5, NULL },
    { "x", 0, 0, SYNTAX },
    { "big+1", INT64_MIN, 5, NULL },
    { "big*big", 1, 5, NULL },
    { "long", 10, 5, NULL },
    { "-big-2", 9223372036854775807, 5, NULL },
    { "9223372036854775807+big", -2, 5, NULL },
    { "1<<x<<y", 128, 5, NULL },
    { "0x7fffffffffffffff+1", INT64_MIN, 5, NULL },
};

static const char *const variables[] = {
    "x=5", "y=2", "loop=loop", "l1=l2", "l2=l3", "l3=l1", "bad=1+", "empty=", "spaces=  3 ", "paren=(4)", "neg=-3",
    "expr1=1+2", "expr2=expr1*2", "assn=x=9", "chain1=chain2", "chain2=chain3", "chain3=7", "hexv=0x1f", "octv=017",
    "bad8=08", "str=abc def", "strundef=undef", "plus=+", "unbal=(1", "unbal2=1)", "tern=1?2", "nl=\n1\n+ 2\n",
    "dollar=$x", "quote=\"3\"", "at=@", "inc=x++", "big=9223372036854775807",
    "long=0000000000000000000000000000012",
};
/* clang-format on */

static struct memory_account account;
static struct memory memory;

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    (void)m;
    abort();
}

static int set_up(void **state)
{
    struct vars *v = vars_make(&memory);
    for (size_t i = 0; i < LENGTH(variables); i++) {
        size_t n = strcspn(variables[i], "=");
        assert_int_equal(vars_set(&v, &memory, variables[i], n, variables[i] + n + 1, 0), 0);
    }
    assert_int_equal(vars_set(&v, &memory, "roo", 3, "4", VAR_READONLY), 0);
    *state = v;
    return 0;
}

static int tear_down(void **state)
{
    vars_drop(*state);
    assert_int_equal(account.used, 0);
    return 0;
}

static const char *get(void *context, const char *name, size_t n)
{
    struct vars **v = context;
    const struct var *x = vars_find(*v, name, n);
    return x ? x->text + n + 1 : NULL;
}

static bool set(void *context, const char *name, size_t n, const char *value)
{
    struct vars **v = context;
    return vars_set(v, &memory, name, n, value, 0) == 0;
}

static void as_the_reference(void **state)
{
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct vars *v = vars_share(*state);
        const struct arith_scope scope = { &v, get, set };
        const char *why;
        int64_t value = -1;
        int e = arith_value(cases[i].expression, &memory, &scope, &value, &why, NULL);
        char is[200], wanted[200];
        if (e)
            snprintf(is, sizeof is, "%s: %s", cases[i].expression, why ? why : SAID);
        else
            snprintf(is, sizeof is, "%s: %lld, x=%s", cases[i].expression, (long long)value,
                     vars_get(v, "x"));
        if (cases[i].why)
            snprintf(wanted, sizeof wanted, "%s: %s", cases[i].expression, cases[i].why);
        else
            snprintf(wanted, sizeof wanted, "%s: %lld, x=%lld", cases[i].expression,
                     (long long)cases[i].value, (long long)cases[i].x);
        assert_string_equal(is, wanted);
        vars_drop(v);
    }
}

/* Each of a chain of variables names the next `times` times. */
static int64_t chain(size_t length, int times, const char **ret_why)
{
    struct vars *v = vars_make(&memory);
    for (size_t i = 0; i < length; i++) {
        char name[16], value[64] = "";
        snprintf(name, sizeof name, "v%zu", i);
        for (int j = 0; j < times; j++)
            snprintf(value + strlen(value), sizeof value - strlen(value), "%sv%zu", j ? "+" : "",
                     i + 1);
        assert_int_equal(vars_set(&v, &memory, name, strlen(name), i + 1 < length ? value : "7", 0),
                         0);
    }
    const struct arith_scope scope = { &v, get, set };
    uint64_t work = 0;
    int64_t value = 0;
    int e = arith_value("v0", &memory, &scope, &value, ret_why, &work);
    assert_int_equal(e != 0, *ret_why != NULL);
    assert_true(work < 20 << 20);
    vars_drop(v);
    return value;
}

static void depth_and_work_are_bounded(void **state)
{
    const char *why;
    (void)state;
    assert_int_equal(chain(50, 1, &why), 7);
    assert_null(why);
    chain(100, 1, &why);
    assert_string_equal(why, LOOP);
    assert_int_equal(chain(10, 2, &why), 7 << 9);
    chain(60, 2, &why);
    assert_string_equal(why, LOOP);
}

static void nesting_needs_no_stack(void **state)
{
    enum { DEEP = 1 << 20 };
    char *s = memory_take(&memory, 2 * DEEP + 2);
    memset(s, '(', DEEP);
    s[DEEP] = '3';
    memset(s + DEEP + 1, ')', DEEP);
    const struct arith_scope scope = { state, get, set };
    const char *why;
    int64_t value;
    assert_int_equal(arith_value(s, &memory, &scope, &value, &why, NULL), 0);
    assert_int_equal(value, 3);
    memset(s, '-', 2 * DEEP);
    s[2 * DEEP] = '3';
    assert_int_equal(arith_value(s, &memory, &scope, &value, &why, NULL), 0);
    assert_int_equal(value, 3);
    memory_give(&memory, s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_reference),
        cmocka_unit_test(depth_and_work_are_bounded),
        cmocka_unit_test(nesting_needs_no_stack),
    };
    account.most = 64 << 20;
    memory.account = &account;
    memory.exhausted = exhausted;
    return cmocka_run_group_tests_name("shell/arith", tests, set_up, tear_down);
}
