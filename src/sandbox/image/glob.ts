/**
 * A pattern of COPY or `.dockerignore` as a regular expression over a whole path: `*` and `?` stay within a folder, `[a-z]` and
 * `[^a]` are classes, a backslash takes the next sign as it is, and with `deep`, `**` crosses folders.
 *
 * @see https://pkg.go.dev/path/filepath#Match
 */
export function globToRegExp(pattern: string, options: { deep?: boolean } = {}): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const sign = pattern[at] as string;
    const rest = pattern.slice(at);
    const klass = /^\[(\^?)((?:\\.|[^\]\\])+)\]/.exec(rest);
    if (options.deep && rest.startsWith('**/')) {
      source += '(?:.*/)?';
      at += 2;
    } else if (options.deep && rest.startsWith('**')) {
      source += '.*';
      at += 1;
    } else if (sign === '*') source += '[^/]*';
    else if (sign === '?') source += '[^/]';
    else if (klass) {
      source += `[${klass[1]}${(klass[2] as string).replace(/[[\]]/g, '\\$&')}]`;
      at += klass[0].length - 1;
    } else if (sign === '\\' && at + 1 < pattern.length) {
      at += 1;
      source += quote(pattern[at] as string);
    } else source += quote(sign);
  }
  return new RegExp(`^${source}$`, 's');
}

export function isPattern(path: string): boolean {
  return /[*?[\\]/.test(path);
}

function quote(sign: string): string {
  return sign.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
