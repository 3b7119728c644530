/** A user and a password before a host, with or without a protocol before them. */
const USER = /(?<=:\/{1,2}|^\/\/)[^\s/@]{0,300}@|[^\s/@:]{1,200}:[^\s/@]{1,300}@(?=[^\s/@]{1,200}\/)/g;
const QUERY = /(?<=https?:[^\s?#"]{0,300})\?[^\s#"]*/gi;

/**
 * A text that repeats a URL as somebody wrote it, without the parts that often hold keys: user, password and query.
 *
 * @example withoutUrlSecrets('http://me:pass@host/v1?key=k#m'); // => 'http://…@host/v1?…#m'
 */
export function withoutUrlSecrets(text: string): string {
  return text.replace(USER, '…@').replace(QUERY, '?…');
}
