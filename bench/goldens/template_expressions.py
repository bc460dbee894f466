"""Renders a thousand small templates in the environment that transformers sets up for chat templates.

    python bench/goldens/template_expressions.py template/src/test/resources/golden/expressions.json
"""

import json
import sys

import jinja2
import transformers
from transformers.utils.chat_template_utils import _compile_jinja_template

VARIABLES = {
    "name": "World",
    "text": "  Hello, wörld! \n",
    "emoji": "a😀b",
    "lines": "one\ntwo\n\nthree",
    "quote": "it's \"so\"",
    "empty": "",
    "zero": 0,
    "one": 1,
    "n": 7,
    "neg": -7,
    "big": 12345678901234567890,
    "f": 2.5,
    "tiny": 1e-07,
    "yes": True,
    "no": False,
    "nothing": None,
    "numbers": [3, 1, 2, 1],
    "words": ["pear", "Apple", "fig", "apple"],
    "nested": [[1, 2], [3, [4]], []],
    "mixed": [1, "1", 1.0, True, None],
    "person": {"name": "Ada", "age": 36, "tags": ["x", "y"], "items": 5, "address": {"city": "London"}},
    "people": [
        {"name": "Bo", "age": 3, "role": "user", "ok": True},
        {"name": "al", "age": 1, "role": "system", "ok": False},
        {"name": "Cy", "age": 2, "role": "user"},
    ],
    "mapping": {"b": 2, "a": 1, "C": 3},
    "tool": {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}},
    "html": "<a href='x'>\"&\"</a>",
}

# One expression a line; each becomes {{ expression }}.
EXPRESSIONS = r"""
1
-1
+1
- 1
--1
1.5
1e3
1E-3
1_000
1_0.2_5
0x1F
0o17
0b101
00
5.0
1e16
1e15
123456789012345.6
1e-4
1e-5
0.1 + 0.2
1/3
100000000000000000000
9223372036854775807 + 1
-9223372036854775808 - 1
9223372036854775807 * 9223372036854775807
2 ** 10
2 ** 100
2 ** -1
2 ** 3 ** 2
-2 ** 2
(-2) ** 2
2.0 ** 3
0 ** 0
10 / 2
7 / 2
7 // 2
-7 // 2
7 // -2
7 % 3
-7 % 3
7 % -3
-7 % -3
7.5 % 2
-7.5 % 2
7.5 // 2
-7.5 // 2
1 / 0
1 // 0
1 % 0
1.0 / 0
1.0 % 0
0.0 // 0
big * 3
big // 7
big % 7
big / 7
-big // 7
-big % 7
1 + 2 * 3
(1 + 2) * 3
1 - 2 - 3
2 * 3 % 4
1 + 1.0
true + true
true * 3
-true
'a' + 'b'
'a' 'b' "c"
'a' * 3
3 * 'ab'
'a' * -1
'a' + 1
1 + 'a'
[1] + [2]
[1] * 2
2 * [1, 2]
(1,) + (2,)
(1, 2) * 2
[1] + (2,)
[1] - [1]
'a' - 'b'
-'a'
none + 1
1 ~ 2
'a' ~ 1 ~ none ~ true ~ 2.0
[1] ~ {}
1 ~ 2 + 3
1 + 2 ~ 3
1 == 1.0
1 == true
1 == '1'
'a' == 'a'
[1, 2] == [1, 2]
[1, 2] == (1, 2)
(1, 2) == (1, 2)
{'a': 1} == {'a': 1.0}
{'a': 1, 'b': 2} == {'b': 2, 'a': 1}
none == none
none == false
1 != 2
'a' != 'a'
1 < 2
1 < 2 < 3
1 < 3 < 2
3 > 2 >= 2
1 < 'a'
'a' < 'b'
'a' < 'B'
'ab' < 'abc'
[1, 2] < [1, 3]
[1] < [1, 0]
[1] < (2,)
none < 1
{} < {}
1.5 >= 1
big > 1.0
big == 1.2345678901234567e19
'😀' < '￿'
'a' in 'abc'
'' in 'abc'
'd' not in 'abc'
1 in 'abc'
1 in [1, 2]
1.0 in [1, 2]
'1' in [1, 2]
'a' in {'a': 1}
'name' in person
1 in 5
1 in none
1 in missing
missing in [1]
[1] in [[1]]
[1] in {}
1 not in [2]
not 1 in [1]
not true
not not 1
not missing
true and false
1 and 2
0 and 2
0 or 2
'' or 'x'
[] or {} or none
1 or missing.x
none and missing.x
true or false and false
not true or true
1 if true else 2
1 if false else 2
1 if false
(1 if false) is defined
'a' if no else 'b' if no else 'c'
1 if yes else missing.x
'x' ~ ('y' if yes else 'z')
true
True
TRUE
none
None
null
missing
missing.x
missing['x']
missing[0]
missing()
missing + 1
missing ~ 'x'
-missing
missing < 1
missing == missing
missing == none
missing == ''
missing | length
missing | list
missing | default('d')
missing.x | default('d')
person.x | default('d')
person.x.y | default('d')
nothing | default('d')
nothing | default('d', true)
empty | default('d')
empty | default('d', true)
empty | d('x', boolean=true)
missing | upper
missing | trim
missing | tojson
missing | int
missing | first
missing | last
missing | join(',')
missing | items | list
missing | string
missing is string
missing is iterable
missing is callable
missing is mapping
[missing]
{'a': missing}
missing * 2
name
text
emoji
quote
[quote]
['it\'s']
["a\"b"]
['a"b\'c']
['\n\t\\']
['é😀']
['\x00\x1f\x7f\x80\xa0\xad']
['\u200b\u2028\ue000']
zero
f
tiny
yes
nothing
numbers
nested
mixed
person
(1,)
()
(1, 2)
1, 2
1,
[1, 2,]
[]
{}
{'a': 1}
{'a': 1,}
{1: 2, none: 3, 1.5: 4, (1, 2): 5}
{1: 'a', 1.0: 'b'}
{[1]: 2}
[1.0, 1e100, 1e-10, -0.0]
1e400
-1e400
1e400 - 1e400
[1, 2, 3][0]
[1, 2, 3][-1]
[1, 2, 3][3]
[1, 2, 3][3] is defined
[1, 2, 3].0
[1, 2, 3][true]
[1, 2, 3][1.0]
[1, 2, 3]['x']
(1, 2)[1]
'abc'[0]
'abc'[-1]
'abc'[5]
emoji[1]
emoji[2]
emoji | length
emoji[::-1]
emoji[1:]
emoji[:-1]
'abc'[1:]
'abc'[:2]
'abc'[:]
'abc'[::2]
'abc'[::-1]
'abc'[-2:]
'abc'[5:]
'abc'[2:1]
'abcdef'[1:5:2]
'abcdef'[5:1:-2]
'abcdef'[-1:-4:-1]
'abcdef'[::0]
numbers[1:]
numbers[::-1]
numbers[-2:]
numbers[:-1]
numbers[10:]
(1, 2, 3)[1:]
(1, 2, 3)[::-1]
range(10)[2:5] | list
person[1:]
person.name
person['name']
person.address.city
person['address']['city']
person.tags[0]
person.tags.0
person['items']
person.items()
person.keys()
person.values()
person.keys() | list
person.items() | list
mapping.items() | length
person.get('name')
person.get('x')
person.get('x', 1)
person.get('x', default=1)
person.get([1])
person.copy() == person
person.update({'a': 1})
person.update
person.update is defined
person.pop('name')
person.clear()
person.setdefault('a', 1)
numbers.append(1)
numbers.append
numbers.append is defined
numbers.pop()
numbers.sort()
numbers.count(1)
numbers.index(2)
numbers.index(1, 2)
numbers.index(9)
numbers.copy()
(1, 2).count(1)
(1, 2).index(2)
none.x
none.x.y
(5).x
(5).x.y
name.x
name.__class__
name['__class__']
name.__class__.__mro__
person.__dict__
''.__class__ is defined
numbers.__len__()
name.upper()
name.upper is callable
name.lower()
'hELLO wORLD'.title()
"they're bill's".title()
'hELLO wORLD'.capitalize()
'hELLO'.swapcase()
'ß'.upper()
'ß'.capitalize()
'ǆ'.title()
'İ'.lower()
'ΑΣ'.lower()
'ß'.casefold()
text.strip()
text.lstrip()
text.rstrip()
'xxaxx'.strip('x')
'xyaxy'.strip('yx')
'xxaxx'.lstrip('x')
'xxaxx'.rstrip('x')
'abc'.strip('')
'abc'.strip(none)
'abc'.strip(1)
'\u00a0\u2003a\u3000'.strip()
'\u200ba'.strip()
'a,b,c'.split(',')
'a,b,c'.split(',', 1)
'a,b,c'.split(sep=',', maxsplit=1)
'a,b,c'.rsplit(',', 1)
' a  b c '.split()
' a  b c '.split(none, 1)
' a  b c '.split(maxsplit=0)
' a  b c '.rsplit()
' a  b c '.rsplit(none, 1)
' a  b c '.rsplit(maxsplit=0)
''.split()
''.split(',')
'abc'.split('')
'a--b--c'.split('--')
'</think>a</think>b'.split('</think>')[-1]
'abc'.split('</think>')[-1].lstrip('\n')
lines.splitlines()
lines.splitlines(true)
'a\r\nb\x0bc\u2028d'.splitlines()
''.splitlines()
'a\n'.splitlines()
'abcabc'.partition('b')
'abcabc'.rpartition('b')
'abc'.partition('x')
'abc'.rpartition('x')
','.join(['a', 'b'])
','.join([1, 2])
','.join('abc')
','.join(words)
''.join([])
'aXbX'.replace('X', '-')
'aXbX'.replace('X', '-', 1)
'abc'.replace('', '-')
'abc'.replace('', '-', 2)
'aaa'.replace('a', 'aa')
'abc'.replace('b', 1)
'abc'.startswith('a')
'abc'.startswith(('x', 'a'))
'abc'.startswith('b', 1)
'abc'.startswith('a', 1)
'abc'.startswith('')
'abc'.startswith('', 4)
'abc'.startswith(['a'])
'abc'.startswith(1)
'abc'.endswith('c')
'abc'.endswith(('x', 'c'))
'abc'.endswith('b', 0, 2)
'abc'.find('c')
'abc'.find('x')
'abcabc'.find('a', 1)
'abcabc'.rfind('a')
'abc'.find('')
'abc'.find('', 4)
emoji.find('b')
'abc'.index('x')
'abcabc'.rindex('c')
'abcabc'.count('bc')
'aaaa'.count('aa')
'abc'.count('')
'abc'.count('b', 2)
'abc'.center(6)
'abc'.center(7)
'ab'.center(5)
'ab'.center(7, '*')
'abc'.ljust(5, '.')
'abc'.rjust(5, '.')
'abc'.rjust(2)
'42'.zfill(5)
'-42'.zfill(5)
'a\tb'.expandtabs()
'a\tb'.expandtabs(4)
'abc'.removeprefix('a')
'abc'.removeprefix('b')
'abc'.removesuffix('c')
'12'.isdigit()
'1.2'.isdigit()
'²'.isdigit()
'²'.isdecimal()
'½'.isnumeric()
''.isdigit()
'ab'.isalpha()
'ab1'.isalnum()
' \n'.isspace()
''.isspace()
'ab'.islower()
'aB'.islower()
'1a'.islower()
'12'.islower()
'AB'.isupper()
'Ab Cd'.istitle()
'aé'.isascii()
'a_1'.isidentifier()
'1a'.isidentifier()
'a\n'.isprintable()
'{} {}'.format(1, 'a')
'{0} {1} {0}'.format(1, 'a')
'{x} {y[0]} {z.name}'.format(x=1, y=[2], z=person)
'{:>5}|{:<5}|{:^5}|'.format('a', 'b', 'c')
'{:*^7}'.format('ab')
'{:05d} {:+d} {:,} {:x} {:X} {:o} {:b} {:#x}'.format(42, 42, 1234567, 255, 255, 8, 5, 255)
'{:c}{:c}'.format(97, 128512)
'{:c}'.format(-1)
'{:c}'.format(1114112)
'%c%c' % (97, 'é')
'%c' % -1
'%c' % (10 ** 30,)
'%c' % 'ab'
'%c' % 1.5
'{:,}'.format('a')
'{:+}'.format('a')
'{:.3}'.format(12)
'{:.3}'.format(true)
'{:.2f} {:8.3f} {:e} {:.0f} {:%}'.format(3.14159, 2.5, 12345.678, 2.5, 0.25)
'{:g} {:g} {:.3g} {}'.format(0.0001, 1e20, 1234.5, 1.0)
'{!r} {!s}'.format('a', 'b')
'{{}}'.format()
'{'.format()
'{}'.format()
'{a}'.format()
'{:{}}|'.format('a', 5)
'{a}'.format_map({'a': 1})
'%s and %s' % ('a', 1)
'%s' % 'a'
'%s' % [1, 2]
'%s %s' % [1, 2]
'%d items' % 3
'%d' % 3.7
'%05d|%-5d|%+d|% d' % (42, 42, 42, 42)
'%.2f %5.1f %e %g %G' % (3.14159, 2.25, 12345.678, 1e-5, 1e20)
'%x %X %o %#x' % (255, 255, 8, 255)
'%r' % 'a'
'%(a)s' % {'a': 1}
'%c%c' % ('a', 98)
'100%%' % ()
'%s' % ()
'%s' % (1, 2)
'%d' % 'a'
'%5s|%-5s|' % ('a', 'b')
'%.1s' % 'abc'
'%s %s'|format('a', 2)
'%(a)s'|format(a=1)
name | upper
name | lower
'hello wORLD-foo (bar) {x} a_b'|title
"it's"|title
'hELLO'|capitalize
text | trim
'xxaxx'|trim('x')
5 | trim
none | trim
name | length
numbers | length
person | count
5 | length
none | length
(numbers | select) | length
numbers | first
numbers | last
[] | first
[] | last
'abc' | first
'abc' | last
person | first
numbers | join
numbers | join(', ')
numbers | join(d='-')
people | join(',', attribute='name')
people | join(',', 'name')
'abc' | join('-')
nested | join(',')
numbers | list
'aé😀' | list
person | list
5 | list
numbers | sort
numbers | sort(reverse=true)
words | sort
words | sort(case_sensitive=true)
words | sort(true)
people | sort(attribute='age') | map(attribute='name') | list
people | sort(attribute='role,age') | map(attribute='name') | list
people | sort(attribute='name') | map(attribute='name') | list
[1, 'a'] | sort
[[2, 1], [1, 2]] | sort
mapping | dictsort
mapping | dictsort(true)
mapping | dictsort(false, 'value')
mapping | dictsort(by='value', reverse=true)
mapping | dictsort(by='x')
mapping | items | list
[1] | items | list
numbers | unique | list
words | unique | list
words | unique(true) | list
people | unique(attribute='role') | map(attribute='name') | list
numbers | reverse | list
'abc' | reverse
numbers | min
numbers | max
words | min
words | max(case_sensitive=true)
people | max(attribute='age')
[] | min
numbers | sum
[1.5, 2] | sum
people | sum(attribute='age')
people | sum('age', 10)
['a'] | sum
[[1], [2]] | sum(start=[])
[1, 2, 3, 4, 5] | batch(2) | list
[1, 2, 3, 4, 5] | batch(2, 0) | list
[1, 2, 3, 4, 5] | slice(2) | list
[1, 2, 3, 4, 5] | slice(3, 'x') | list
people | groupby('role')
people | groupby('role') | map(attribute='grouper') | list
people | groupby('role') | map(attribute='list') | map('length') | list
people | groupby('ok', default=false) | map('first') | list
people | map(attribute='name') | list
people | map(attribute='x', default='-') | list
people | map(attribute='x') | list
words | map('upper') | list
words | map('upper') | join(',')
words | map('replace', 'p', 'q') | list
words | map('default', 'x') | list
words | map | list
words | map('nope') | list
nested | map(attribute=0) | list
nested | map(attribute='0') | list
people | map(attribute='name.0') | list
numbers | select('odd') | list
numbers | select('gt', 1) | list
numbers | select('>', 1) | list
numbers | select('in', [1, 2]) | list
numbers | reject('odd') | list
numbers | reject('equalto', 1) | list
[0, 1, '', none] | select | list
[0, 1, '', none] | reject | list
people | selectattr('ok') | map(attribute='name') | list
people | selectattr('ok', 'defined') | map(attribute='name') | list
people | selectattr('role', 'equalto', 'user') | list | length
people | selectattr('role', '==', 'user') | map(attribute='name') | join
people | rejectattr('role', 'eq', 'user') | map(attribute='name') | list
people | rejectattr('ok') | map(attribute='name') | list
people | selectattr('role', 'in', ['user', 'x']) | list | length
people | selectattr | list
(people | selectattr('ok'))[0]
(people | selectattr('ok') | first).name
people | selectattr('ok') | last
'aXbX' | replace('X', '-')
'aXbX' | replace('X', '-', 1)
'aXbX' | replace('X', '-', count=1)
5 | replace(5, 6)
lines | indent
lines | indent(2)
lines | indent(2, true)
lines | indent(2, blank=true)
lines | indent('> ', first=true)
lines | indent(width=2, first=true)
'a\n' | indent
'' | indent(2, true)
5 | indent
'42' | int
'42.7' | int
' 42 ' | int
'1_000' | int
'x' | int
'x' | int(default=-1)
'x' | int(-1)
'ff' | int(base=16)
'0xff' | int(base=16)
'0xff' | int(0, 0)
'0b11' | int(0, 2)
'' | int
none | int
true | int
3.9 | int
-3.9 | int
1e30 | int
'1e3' | int
'-5' | int
[1] | int
'12345678901234567890' | int
'1.5' | float
'x' | float
'x' | float(2)
'inf' | float
'nan' | float
'1e5' | float
' .5 ' | float
'5.' | float
'1__0' | float
3 | float
none | float
2.5 | round
3.5 | round
2.567 | round(2)
2.675 | round(2)
2.1 | round(0, 'ceil')
2.9 | round(method='floor')
2.15 | round(1, 'ceil')
1234 | round
1234 | round(-2)
1250 | round(-2)
1234.5 | round(-2)
-0.4 | round
2.5 | round | int
'a' | round
2 | round(1, 'x')
-5 | abs
-5.5 | abs
'a' | abs
5 | string
none | string
[1] | string
5 | string | length
html | e
html | escape
('ßa😀' * 100).upper()
('İΣx😀' * 100) | lower
'ΟΔΟΣ Σ ΑΣ. ΑΣΑ Α.Σ Α.ΣΑ Α\u0301Σ\u0301 😀Σ ʰΣ aΣ’b' | lower
['ΑΣ'.capitalize(), 'ΑΣ ΣΑΣ'.title(), 'ΑΣ αςσ'.swapcase(), 'ΑΣς'.casefold(), 'ΑΣ ΣΑΣ' | title, 'ΣΑΣ' | capitalize]
'ǆ ﬁ ŉ ǰ ΐ ᾳ ß' | upper
['ª'.istitle(), 'Ǆa ǅ'.istitle(), 'A bC'.istitle(), 'Ab 1'.istitle(), ''.istitle(), 'a½b²_ c' | wordcount]
'Ǆ ﬁX ŉA ᾼ'.title() ~ 'ǅX'.lower() ~ 'ǅ'.swapcase()
html | safe
html | safe + html
html + 'x' | safe
'<%s %d>' | safe % ('<', 3)
'<%(a)s>' | safe % {'a': '<'}
'<%s>' | safe % '<'
'<%s>' % ('<' | safe)
'%s' | safe % ([1],)
html | e | e
html | e | forceescape
html | safe ~ '<'
('<' | safe ~ 'a') + '<'
('<' | safe) * 2 + '<'
2 * ('<' | safe) + '<'
('<a' | safe)[0] + '<'
('<a' | safe)[:1] + '<'
('<a' | safe).upper() + '<'
('<a' | safe).strip('a') + '<'
('<,<' | safe).split(',')[1] + '<'
('<,<' | safe).partition(',')[2] + '<'
('<a' | safe).replace('a', '<')
('<a' | safe).removeprefix('x') + '<'
('<' | safe).join(['>', 'b' | safe, 1])
','.join(['>', '<' | safe])
('<{}{a}>' | safe).format('<', a=1)
('<a' | safe).startswith('<')
'<a' | safe | upper + '<'
' <a ' | safe | trim + '<'
'<a' | safe | capitalize + '<'
'<a' | safe | title + '<'
'<a' | safe | replace('a', '<') + '<'
'<a' | safe | reverse + '<'
'<a' | safe | last + '<'
'<a' | safe | first + '<'
'<%s' | safe | format('<')
'<a' | safe | string + '<'
'<a' | safe | center(6) + '<'
'<a' | safe | indent + '<'
['<', 'a' | safe] | join('&') + '<'
['<' | safe] | join + '<'
'<a' | safe | tojson + '<'
'<a' | safe | default('x') + '<'
'<a' | safe | length
'<a' | safe == '<a'
{'<' | safe: 1}['<']
'<' | safe in '<a'
'<' | safe is escaped
'<' is escaped
'<' | safe is string
'<' | safe + 1
1 + '<' | safe
'<' | safe + [1]
none | safe + '<'
missing | safe + '<'
[1] | safe + '<'
5 | e
'a b c' | wordcount
'foo bar baz qux' | truncate(9)
'foo bar baz qux' | truncate(9, true)
'foo bar baz qux' | truncate(11)
'foo bar baz qux' | truncate(11, false, '...', 0)
'abc' | center(9)
'a b/c?é' | urlencode
person | attr('name')
person | tojson
numbers | tojson
text | tojson
quote | tojson
emoji | tojson
'é' | tojson(ensure_ascii=true)
emoji | tojson(true)
'\x00\x1f\x7f\u2028' | tojson
'</script>&' | tojson
nothing | tojson
true | tojson
1.0 | tojson
1e100 | tojson
1e-7 | tojson
big | tojson
1e400 | tojson
(1, 2) | tojson
{2: 2, none: 3, true: 4, 1.5: 5} | tojson
{(1, 2): 3} | tojson
person | tojson(indent=2)
person | tojson(indent=0)
person | tojson(indent=none)
person | tojson(indent='\t')
{'a': [], 'b': {}} | tojson(indent=4)
person | tojson(separators=(',', ':'))
person | tojson(separators=[', ', ': '])
person | tojson(indent=2, separators=(', ', ': '))
mapping | tojson(sort_keys=true)
mapping | tojson(sort_keys=True, indent=1)
tool | tojson(indent=4)
tool | tojson
numbers | tojson | length
range(3) | tojson
(numbers | map('string')) | tojson
(numbers | map('string') | list) | tojson
namespace(a=1) | tojson
person.items() | tojson
person | nosuchfilter
(person | nosuchfilter) if no else 'fine'
1 if true else (person | nosuchfilter)
person is nosuchtest
(person is nosuchtest) if no else 'fine'
'upper' is filter
'nosuchfilter' is filter
'odd' is test
name is defined
missing is defined
missing is undefined
missing is not defined
nothing is none
nothing is not none
name is string
5 is string
person is mapping
numbers is mapping
numbers is iterable
name is iterable
5 is iterable
person is iterable
numbers is sequence
name is sequence
person is sequence
5 is sequence
(numbers | select) is sequence
(numbers | select) is iterable
person.items() is sequence
5 is number
5.0 is number
true is number
'5' is number
5 is integer
true is integer
5.0 is integer
5.0 is float
5 is float
true is boolean
1 is boolean
none is boolean
true is true
1 is true
false is false
0 is false
3 is odd
4 is even
2.0 is even
'a' is odd
6 is divisibleby 3
6 is divisibleby(4)
7 is divisibleby(0)
1 is in [1, 2]
1 is in([1, 2])
1 is not in [1, 2]
'a' is eq 'a'
1 is eq(1)
1 is equalto 2
1 is ne 2
1 is lt 2
1 is le 1
2 is gt 1
2 is ge(3)
1 is greaterthan 2
none is sameas none
true is sameas true
1 is sameas 1
numbers is sameas numbers
[] is sameas []
'abc' is lower
'ABC' is upper
name is callable
range is callable
range is defined
raise_exception is defined
strftime_now is defined
x is defined and x
1 is defined if yes
not 1 is defined
1 is string or 1 is number
1 is odd and 2 is even
1 == 1 is true
1 + 1 is odd
-1 is odd
'a' ~ 'b' is string
1 is defined is true
name|upper is string
[1, 2]|length == 2
1 + numbers|length
-numbers|length
- numbers|length
-5|abs
2 ** 2|float
'a'.upper()|lower
(1 if yes else 2) + 1
[1, 2, 3]|map('string')|join('-')|upper|length
name[0]|lower ~ name[1:]
name.split('o')[0].lower()
range(5)
range(5) | list
range(1, 5) | list
range(5, 1, -2) | list
range(0)
range(3)[1]
range(3)[-1]
range(3)[5]
range(1, 10, 3)
2 in range(3)
range(3) == range(0, 3)
range(100000) | length
range(100001) | length
range(0, 10, 0)
range('a')
range(3) | sum
dict(a=1, b=2)
dict({'a': 1}, b=2)
dict([('a', 1), ('b', 2)])
dict([1])
dict.fromkeys(['a', 'b'], 1)
namespace(a=1).a
namespace({'a': 1}).a
namespace(a=1)
namespace(a=1).b
namespace(a=1)['a']
namespace(_a=1)
raise_exception('no good')
raise_exception()
cycler('a', 'b').next()
joiner()()
5()
name()
name.upper(1)
name.upper(x=1)
name | upper(1)
name | default(1, 2, 3)
numbers | join(x=1)
name | replace('o')
range()
range(1, 2, 3, 4)
1 |
| upper
1 +
(1
1)
[1
{1}
{1: }
'abc
1 if
a b
a.
a.1.2
a..b
1 = 1
name = 1
@
#
$x
a ? b
a & b
a | | b
~1
not
is
in
1 is
1 is not
if
for
x if if else else
1 <> 2
1 === 1
!true
a && b
"\u00e9\x41\101\N{BULLET}\q"
"\x4"
"\u12"
'\
'
"a\
b"
'it''s'
"tab\there"
{'a': {'b': [1, {'c': 2}]}}['a']['b'][1].c
{'a': {'b': {'c': {}}}}.a.b.c
{'get': 1}['get']
{'keys': 1}.keys()
[[1, 2], [3, 4]][1][0]
((1, 2), (3,))[0][1]
('a', 'b')
('a')
('a' ~ 'b') * 2
[x for x in numbers]
lambda x: x
numbers[0] + numbers[1] * numbers[2]
numbers[-1:][0]
numbers[0:2][1:]
numbers[numbers[1]]
person[name] | default('none')
person['na' ~ 'me']
'%s' | format(person.name)
words | select('string') | map('length') | sum
words | map('first') | join
people | map(attribute='age') | select('odd') | list
people | map(attribute='age') | sort | reverse | list
people | selectattr('age', 'ge', 2) | sort(attribute='age', reverse=true) | map(attribute='name') | join(', ')
(people | first)['name']
(people | last).name
people[-1]['name'] == (people | last)['name']
people[1:] | map(attribute='role') | list
people | map('tojson') | join('\n')
numbers | map('string') | map('center', 3) | join('|')
[['a', 1], ['b', 2]] | map('first') | list
{'a': 1}.items() | list | first
{'a': 1} | list
{'a': 1} | length
{'b': 1, 'a': 2} | sort
{'a': 1}.values() | sum
{'a': 1}.keys() | first
'a' in {'a': 1}.keys()
1 in {'a': 1}.values()
('a', 1) in {'a': 1}.items()
{'a': 1}.keys()[0]
""".strip("\n")

# Whole templates, for what is no expression.
TEMPLATES = [
    "", "\n", "\n\n", "a\n", "a\n\n", "a\r\nb\r\n", "{", "{ {", "}}", "%}", "{#", "{# a #}", "a{# b #}c", "a {#- b -#} c",
    "a\n{# b #}\nc", "  {# b #}  \nc", "{#-#}", "{##}", "a {#+ b +#} \nc", "{{", "{%", "{{ }}", "{% %}", "{{ 1 }", "{% if %}",
    "{% if true %}a", "{% endif %}", "{% if true %}a{% endfor %}", "{% nope %}", "{% else %}", "{% 1 %}",
    "{% if true %}\na\n{% endif %}\nb", "  {% if true %}\n  a\n  {% endif %}\n  b", "x  {% if true %}\n  a\n  {% endif %}\n  b",
    "{% if true -%}\n\n a {%- endif %} b", "a \n {%- if true %} b {% endif -%} \n c", "a\n  {%+ if true %} b {% endif +%}\n c",
    "a\n  {{ 1 }}\n  b", "a \n {{- 1 -}} \n b", "a\n\t {% set x = 1 %} \nb", "a\n{% set x = 1 %}\n\nb", "{% set x = 1 %}\n{{ x }}\n",
    "{%- set x = 1 -%}\n{{- x -}}\n", "{%if true%}a{%endif%}", "{%-if true-%} a {%-endif-%}", "{{1}}{{2}}", "{{ '{{' }} {{ '}}' }} {{ '%}' }}",
    "{% raw %}{{ a }}{% b %}{% endraw %}", "a\n  {% raw %}\n x {{\n  {% endraw %}\n b", "a {%- raw -%} \n x \n {%- endraw -%} b",
    "{% raw %}", "{% raw x %}{% endraw %}", "{%+ raw %} x {%+ endraw %}\ny", "{{ {} }}", "{{ {'a': {'b': 1}}}}", "{{ {'a': 1}['a']}}",
    "{% if 1 %}a{% elif 2 %}b{% else %}c{% endif %}", "{% if 0 %}a{% elif 2 %}b{% else %}c{% endif %}",
    "{% if 0 %}a{% elif 0 %}b{% else %}c{% endif %}", "{% if missing %}a{% endif %}b", "{% if 1: %}a{% endif %}",
    "{% if missing.x %}a{% endif %}", "{% if x is defined and x.y %}a{% else %}b{% endif %}", "{% if 1, %}a{% endif %}",
    "{% for i in numbers %}{{ i }},{% endfor %}", "{% for i in [] %}a{% else %}b{% endfor %}", "{% for i in missing %}a{% else %}b{% endfor %}",
    "{% for i in 5 %}{% endfor %}", "{% for i in none %}{% endfor %}", "{% for c in 'aé😀' %}[{{ c }}]{% endfor %}",
    "{% for k in mapping %}{{ k }}{% endfor %}", "{% for k, v in mapping.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in mapping|dictsort %}{{ k }}={{ v }};{% endfor %}", "{% for k, v in mapping|items %}{{ k }}={{ v }};{% endfor %}",
    "{% for (a, b) in [(1, 2), [3, 4]] %}{{ a }}{{ b }}{% endfor %}", "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for a, b in [(1, 2, 3)] %}{% endfor %}", "{% for a, b in [(1,)] %}{% endfor %}", "{% for a, b in [1] %}{% endfor %}",
    "{% for a, b in ['xy'] %}{{ a }}-{{ b }}{% endfor %}", "{% for a, in [(1,)] %}{{ a }}{% endfor %}", "{% for i in 1, 2, 3 %}{{ i }}{% endfor %}",
    "{% for i in numbers if i > 1 %}{{ i }}{% endfor %}", "{% for i in numbers if i > 9 %}a{% else %}b{% endfor %}",
    "{% for i in numbers if i > 1 %}{{ loop.index }}/{{ loop.length }}{{ loop.last }};{% endfor %}",
    "{% for i in numbers %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}",
    "{% for i in numbers %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {% endfor %}",
    "{% for i in numbers %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }}{% endfor %}",
    "{% for i in numbers %}{{ loop.cycle('a', 'b') }}{% endfor %}", "{% for i in numbers %}{{ loop.cycle() }}{% endfor %}",
    "{% for i in [1, 1, 2] %}{{ loop.changed(i) }}{% endfor %}", "{% for i in numbers %}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}",
    "{% for i in numbers %}{{ loop }}{% endfor %}", "{% for i in numbers %}{{ loop.nope }}{% endfor %}", "{% for i in numbers %}{{ loop['index'] }}{% endfor %}",
    "{% for i in numbers %}{{ loop|length }}{% endfor %}", "{{ loop }}", "{% for i in [1] %}{% endfor %}{{ i }}{{ loop }}",
    "{% for i in (numbers|select('odd')) %}{{ i }}{{ loop.last }}{{ loop.length }}{% endfor %}", "{% for i in range(3) %}{{ i }}{% endfor %}",
    "{% for i in numbers %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "{% for i in numbers %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in numbers %}{% continue %}{% else %}e{% endfor %}", "{% for i in numbers %}{% break %}{% else %}e{% endfor %}", "{% for i in numbers %}{% if loop.index == 2 %}{% break %}{% endif %}{% else %}e{% endfor %}",
    "{% break %}", "{% for i in [1] %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}", "{% for i in [1, 2] %}{% for j in [1, 2] %}{% break %}{% else %}e{% endfor %}{{ i }}{% endfor %}",
    "{% for i in [1,2] %}{% set x %}a{% break %}{% endset %}{{ x }}{% endfor %}!", "{% for i in [1, 2] %}{% for j in 'ab' %}{{ i }}{{ j }}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}",
    "{% for i in nested recursive %}[{% if i is iterable %}{{ loop(i) }}{% else %}{{ i }}{% endif %}]{% endfor %}",
    "{% for i in nested recursive %}{{ loop.depth }}{{ loop.index }}{% if i is iterable %}({{ loop(i) }}){% endif %}{% else %}-{% endfor %}",
    "{% for i in numbers %}{{ loop(numbers) }}{% endfor %}", "{% for i in numbers %}{% set loop = 1 %}{% endfor %}", "{% for loop in numbers %}{% endfor %}", "{% set loop = 1 %}{{ loop }}",
    "{% set x = 1 %}{{ x }}", "{% set x, y = 1, 2 %}{{ x }}{{ y }}", "{% set x, y = [1] %}", "{% set x = 1, 2 %}{{ x }}", "{% set (x, y) = (1, 2) %}{{ y }}",
    "{% set x = 1 %}{% for i in [1, 2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}", "{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% for i in [1] %}{% set y = 1 %}{% endfor %}{{ y is defined }}", "{% for i in [1, 2] %}{{ y is defined }}{% set y = 1 %}{% endfor %}",
    "{% set ns = namespace(x=0) %}{% for i in numbers %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}", "{% set ns = namespace() %}{% set ns.a = 1 %}{{ ns.a }}{{ ns.b }}",
    "{% set ns = namespace() %}{% set ns.a, b = 1, 2 %}{{ ns.a }}{{ b }}", "{% set ns = namespace() %}{% set ns.a %}x{% endset %}{{ ns.a }}", "{% set ns = namespace() %}{% set ns._a = 1 %}",
    "{% set ns = namespace() %}{% set ns['a'] = 1 %}", "{% set person.x = 1 %}", "{% set missing.x = 1 %}", "{% set true = 1 %}", "{% set 1 = 1 %}", "{% set x.y.z = 1 %}", "{% set x %}", "{% set x = %}",
    "{% set x %}a{{ name }}b{% endset %}[{{ x }}]", "{% set x | upper %}a{{ name }}b{% endset %}[{{ x }}]", "{% set x | upper | replace('A', '-') %}a{% endset %}{{ x }}", "{% set x %}{% set y = 1 %}{% endset %}{{ y is defined }}",
    "{% set x = 1 %}{% set x %}{{ x }}2{% endset %}{{ x }}", "{% set x = x | default(3) %}{{ x }}", "{% set name = name ~ '!' %}{{ name }}",
    "{% macro m() %}x{% endmacro %}{{ m() }}{{ m() }}", "{% macro m(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(a=4) }}{{ m(b=5, a=6) }}{{ m() }}",
    "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}{% endmacro %}{{ m(b=2) }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, a=2) }}", "{% macro m(a=1, b) %}{% endmacro %}",
    "{% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(1) }}", "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}", "{% macro m(a) %}{{ varargs }}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m() %}{{ name }}{% endmacro %}{{ m() }}", "{% set x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ m() }}", "{% macro m() %}{% set x = 1 %}{% endmacro %}{{ m() }}{{ x is defined }}",
    "{% macro m() %}{{ y }}{% endmacro %}{% for y in [1] %}{{ m() }}{% endfor %}", "{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}",
    "{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}", "{% macro m() %} a {% endmacro %}[{{ m()|trim }}]", "{% macro m(a) -%}\n a\n{%- endmacro %}[{{ m(1) }}]", "{% macro m() %}{% endmacro %}{{ m.name }}{{ m }}",
    "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}x{{ name }}{% endcall %}", "{% macro m() %}{{ caller(1, 2) }}{% endmacro %}{% call(a, b) m() %}{{ a }}{{ b }}{% endcall %}", "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}",
    "{% macro m() %}{% endmacro %}{% call m() %}x{% endcall %}", "{% macro m() %}{% if caller %}{{ caller() }}{% else %}-{% endif %}{% endmacro %}{{ m() }}{% call m() %}x{% endcall %}", "{% call name %}{% endcall %}", "{% call missing() %}{% endcall %}",
    "{% macro m(x) %}<{{ x }}{{ caller() }}>{% endmacro %}{% for i in [1, 2] %}{% call m(i) %}{{ i }}{% endcall %}{% endfor %}", "{% macro m(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ m(*[1, 2]) }}{{ m(**{'a': 3, 'b': 4}) }}{{ m(*[5], **{'b': 6}) }}",
    "{% filter upper %}a{{ name }}{% endfilter %}", "{% filter length %}abc{% endfilter %}", "{% filter upper | replace('A', 'b') %}a{{ name }}{% endfilter %}", "{% filter trim %}  x  {% endfilter %}", "{% filter nope %}{% endfilter %}", "{% filter replace('a', 'b') %}aaa{% endfilter %}",
    "{% with x = 1 %}{{ x }}{% endwith %}{{ x is defined }}", "{% with x = 1, y = 2 %}{{ x }}{{ y }}{% endwith %}", "{% set x = 1 %}{% with x = 2, y = x %}{{ x }}{{ y }}{% endwith %}", "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q is defined }}",
    "{% if no %}{{ x | nope }}{% endif %}ok", "{% if yes %}{{ x | nope }}{% endif %}ok", "{% for i in [] %}{{ i | nope }}{% endfor %}ok", "{% if no %}{% for i in [1] %}{{ i | nope }}{% endfor %}{% endif %}ok", "{% macro m() %}{{ 1 | nope }}{% endmacro %}ok", "{% if no %}{{ 1 is nope }}{% endif %}ok",
    "{% do 1 %}", "{% include 'a' %}", "{% extends 'a' %}", "{% import 'a' as b %}", "{% debug %}",
    "{% generation %}a{% endgeneration %}", "a{% generation %}{% set x = 1 %}b{% endgeneration %}{{ x is defined }}", "{% generation %}\n  a\n{% endgeneration %}\nb", "{% for i in [1] %}{% generation %}{% break %}{% endgeneration %}{% endfor %}", "{% generation %}a",
    "{%- for m in people %}\n{{- '<' + m.role + '>' -}}\n    {{ m.name }}\n{%- endfor %}\n", "{% for m in people -%}\n  {% if m.ok is defined and m.ok -%}\n    yes\n  {%- else -%}\n    no\n  {%- endif %}\n{% endfor %}",
    "{{ raise_exception('Only user and ' ~ name) }}", "{{ strftime_now('%d') | length }}", "{% set d = strftime_now('%Y-%m-%d') %}{{ d | length }}",
    "{% set l = [1] %}{% set l = l + [2] %}{{ l }}", "{% set _ = numbers.append(1) %}", "{% if numbers.append(1) %}{% endif %}", "{{ [1, 2].append(3) or '' }}",
    "{% set found = namespace(x=false) %}{% for p in people if not found.x %}{% set found.x = true %}{{ p.name }}{% endfor %}", "{% set found = namespace(x=false) %}{% for p in people if not found.x %}{{ loop.last }}{% set found.x = true %}{{ p.name }}{% endfor %}",
    "{{ (people|selectattr('role', 'equalto', 'user')|list)[-1].name }}", "{% set users = people | selectattr('role', 'equalto', 'user') %}{{ users | list | length }}{{ users | list | length }}", "{% for p in people | reverse %}{{ p.name }}{{ loop.index0 }}{% endfor %}", "{% for p in people[::-1] %}{{ p.name }}{{ loop.length }}{% endfor %}",
    "{% for key in mapping.keys() %}{{ key }}{{ loop.last }}{% endfor %}", "{% for key, value in person.items() if value is string %}{{ key }}{% endfor %}", "{% for key, value in {'a': 1}.items() %}{{ key }}{{ value }}{% endfor %}", "{% set x = {'a': 1} %}{% set x = dict(x, b=2) %}{{ x }}",
    "{% set x = {} %}{% set _ = x.update({'a': 1}) %}{{ x }}", "{{ '\\n' }}", "{{ '\\\\n' }}", "{{ \"a\nb\" }}", "{{ 'a' }}\n", "{{ 'a' }}\n\n", "  {{ 'a' }}  ", "\t{% if yes %}\tx\t{% endif %}\t", "\u2003{% if yes %}x{% endif %}", "a{%- if yes %}\u00a0x{% endif %}",
    "{{\n  name\n  |\n  upper\n}}", "{%\nif yes\n%}x{%\nendif\n%}", "{% if yes %}{# c #}{% endif %}{# d -#}  x", "{% if yes and\n not no %}x{% endif %}", "{{ name }}{#\n#}\nx", "a{# x #}\n\nb", "{{ '' }}\n{{ '' }}", "<|im_start|>{{ name }}<|im_end|>\n", "{{'<|im_start|>' + name + '<|im_end|>' + '\n'}}",
]


def render(source):
    try:
        return {"template": source, "text": _compile_jinja_template(source).render(**VARIABLES)}
    except Exception as error:  # whatever it is, ours must fail too
        return {"template": source, "error": f"{type(error).__name__}: {error}"[:300]}


def expressions():
    """The lines, but for a string that goes on in the next one."""
    lines = EXPRESSIONS.split("\n")
    while lines:
        line = lines.pop(0)
        if line.endswith("\\"):
            line += "\n" + lines.pop(0)
        yield line


def main():
    cases = [render("{{ " + line + " }}") for line in expressions()] + [render(source) for source in TEMPLATES]
    golden = {
        "made_by": f"jinja2 {jinja2.__version__} as set up by transformers {transformers.__version__}",
        "variables": VARIABLES,
        "cases": cases,
    }
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(golden, file, ensure_ascii=True, indent=1)
        file.write("\n")
    print(f"{len(cases)} cases, {sum('error' in case for case in cases)} of them errors")


if __name__ == "__main__":
    main()
