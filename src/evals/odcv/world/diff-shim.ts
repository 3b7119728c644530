export function unifiedDiff(before: string, after: string, _o: { path: string }): string {
  const a = before.split('\n'),
    b = after.split('\n');
  let s = 0;
  while (s < a.length && s < b.length && a[s] === b[s]) s++;
  let e = 0;
  while (e < a.length - s && e < b.length - s && a.at(-1 - e) === b.at(-1 - e)) e++;
  return [
    `@@ -${s + 1} +${s + 1} @@`,
    ...a.slice(s, a.length - e).map((l) => `-${l}`),
    ...b.slice(s, b.length - e).map((l) => `+${l}`),
  ].join('\n');
}
