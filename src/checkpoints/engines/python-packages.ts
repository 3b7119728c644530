/**
 * What to install for these packages of Python, and a program that prints the version of each as JSON; `null` for one that is not
 * there.
 *
 * @param oldest by package, the oldest version that works
 */
export function pythonPackages(oldest: Readonly<Record<string, string>>): {
  readonly packages: readonly string[];
  readonly script: string;
} {
  const names = JSON.stringify(Object.keys(oldest));
  return {
    packages: Object.entries(oldest).map(([name, version]) => `'${name}>=${version}'`),
    script: [
      'import json',
      'from importlib.metadata import version, PackageNotFoundError',
      'def found(name):',
      '    try: return version(name)',
      '    except PackageNotFoundError: return None',
      `print(json.dumps({name: found(name) for name in ${names}}))`,
    ].join('\n'),
  };
}
