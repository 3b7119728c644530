/** The packages that src/checkpoints/engines/trl/python/ needs, each with the oldest version that it works with. */
const OLDEST = {
  torch: '2.6',
  transformers: '5.0',
  trl: '1.0',
  peft: '0.18',
  accelerate: '1.10',
  datasets: '4.0',
};

/** What to install, and a Python program that prints the version of each as JSON; `null` for one that is not there. */
export function trainingPackages(): { readonly packages: readonly string[]; readonly script: string } {
  const names = JSON.stringify(Object.keys(OLDEST));
  return {
    packages: Object.entries(OLDEST).map(([name, oldest]) => `'${name}>=${oldest}'`),
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
