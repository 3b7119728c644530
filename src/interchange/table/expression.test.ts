import { describe, expect, test } from 'vitest';
import { ExpressionError, parseExpression, type Scalar } from './expression.ts';

const row: Readonly<Record<string, Scalar>> = {
  true: '0.7',
  info: '.5',
  n: 3,
  text: 'Hello there',
  empty: '',
  none: null,
  yes: 'True',
  na: 'N/A',
  nan: 'NaN',
  dash: ' - ',
  error: 'error',
  high: '0.9',
  percent: '90 %',
  comma: '0,9',
  date: '2024-03-01',
  'odd name': 'x',
  'a.b': 2,
};
const value = (text: string) =>
  parseExpression(text).evaluate((column) => (Object.hasOwn(row, column) ? row[column] : undefined));

describe('an expression', () => {
  test.each<[string, Scalar]>([
    ['true > .5 and info >= .5', true],
    ['true > .5 and info > .5', false],
    ['not n == 3 or n in [1, 2, 3]', true],
    ['n not in [1, 2]', true],
    ['1 + 2 * 3 - -4 / 2', 9],
    ['(1 + 2) * 3', 9],
    ["text == 'Hello there'", true],
    ['text == "hello there"', false],
    ['lower(text) == "hello there"', true],
    ['contains(text, "the") and starts(text, "He")', true],
    ['length(text)', 11],
    ['yes', 'True'],
    ['yes and n', true],
    ['yes == false', false],
    ['`odd name` == "x"', true],
    ['a.b * 2', 4],
    ['min(n, 2, 7) + max(n, 2) + abs(-1) + round(1.6)', 8],
    ['if(n > 2, "many", "few")', 'many'],
    ['first(none, empty, n)', 3],
    ['text(n, none, empty, "de")', '3 / de'],
    ['null', null],
    ['10 > 9', true],
    ["'10' > '9'", true],
    ["'b' > 'a'", true],
    ['"it\\"s"', 'it"s'],
    ['percent > .5 and percent == high', true],
    ['comma > .5 and comma == high', true],
    ['percent + comma', 1.8],
    ['error == 1', false],
    ['error != 1', true],
    ['n in [na, 3]', true],
    ['error in [1, "error"]', true],
    ['na == "N/A"', true],
    ['na in ["N/A", "none"]', true],
    ['date > "2024" and date < "2024-04"', true],
  ])('%s is %s', (text, wanted) => {
    expect(value(text)).toBe(wanted);
  });

  test.each<[string, Scalar]>([
    ['none > 1', null],
    ['empty > 1', null],
    ['none and false', false],
    ['none or yes', true],
    ['none or false', null],
    ['not none', null],
    ['none + 1', null],
    ['na > .5', null],
    ['na < .5', null],
    ['nan >= 0', null],
    ['not (nan > .5)', null],
    ['dash <= 1', null],
    ['na > high', null],
    ['na == 1', null],
    ['na != 1', null],
    ['na in [0, 1]', null],
    ['empty in [0, 1]', null],
    ['na not in [0, 1]', null],
    ['error > .5', null],
    ['error < .5', null],
    ['if(error > .5, 1, 0)', null],
    ['1 / 0', null],
    ['max(n, none)', null],
    ['text + 1', null],
    ['if(none, 1, 2)', null],
  ])('what is not known stays unknown: %s is %s', (text, wanted) => {
    expect(value(text)).toBe(wanted);
  });

  test.each<[string, string, number]>([
    ['1 +', 'something is missing at the end', 3],
    ['(1', '")" is missing here', 2],
    ['1 2', '"2" is too much here', 2],
    ['n ; 2', '";" cannot be read here', 2],
    ['n = 2', '"=" cannot be read here', 2],
    ['minn(1)', 'there is no function "minn" (did you mean "min"?)', 0],
    ['abs(1, 2)', 'abs() takes 1, not 2', 0],
    ['n in 3', '"[" is missing here', 5],
    ['constructor(1)', 'there is no function "constructor"', 0],
    [`${'('.repeat(200)}1${')'.repeat(200)}`, 'this is nested too deeply', 100],
  ])('%s is refused with its place', (text, message, offset) => {
    const error = (() => {
      try {
        return parseExpression(text);
      } catch (error) {
        return error;
      }
    })() as ExpressionError;
    expect(error).toBeInstanceOf(ExpressionError);
    expect(error.message).toContain(message);
    expect(error.offset).toBe(offset);
  });

  test('needs the columns that it names; of first(), those of the last part', () => {
    expect(parseExpression('first(a, b + c, d) == first(e, "")').columns).toEqual(['d']);
    expect(parseExpression('a and first(a, b, c)').columns).toEqual(['a', 'c']);
  });

  test('names its columns, and one that is not there', () => {
    expect(parseExpression('a > 1 and `b c` == d.e').columns).toEqual(['a', 'b c', 'd.e']);
    expect(() => value('nothing > 1')).toThrow('there is no column "nothing"');
    expect(() => value('__proto__ == 1')).toThrow(ExpressionError);
  });
});
