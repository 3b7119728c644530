import { describe, expect, it } from 'vitest';
import { distributionOfFolder, installedFrom, packageRequest, requirementNames } from './packages.ts';

describe('a RUN line that installs', () => {
  it('is told from what else it does', () => {
    expect(
      packageRequest(
        'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3 python3-pip jq=1.6 bc:amd64 && rm -rf /var/lib/apt/lists/* && mkdir -p /app/output',
      ),
    ).toEqual({
      packages: ['python3', 'jq', 'bc'],
      distributions: [],
      requirements: [],
      rest: 'mkdir -p /app/output',
    });
    expect(packageRequest('pip3 install --no-cache-dir -r /app/requirements.txt PyYAML==6.0 ')).toEqual({
      packages: [],
      distributions: ['pyyaml'],
      requirements: ['/app/requirements.txt'],
      rest: '',
    });
  });

  it('is left to the shell where it is more than words', () => {
    expect(packageRequest('apt-get install -y $(cat packages)')).toBeUndefined();
    expect(packageRequest('echo apt-get install jq')).toBeUndefined();
    expect(packageRequest('rm -rf /var/lib/apt/lists/*')).toBeUndefined();
    expect(packageRequest('python3 -m pip download x')).toBeUndefined();
  });
});

it('knows what a base has by its package list, and by its programs where it has none', () => {
  const status =
    'Package: jq\nStatus: install ok installed\n\nPackage: bc\nStatus: deinstall ok config-files\n';
  const debian = installedFrom(status, new Set(['ls']), new Set(['flask']));
  expect(['jq', 'bc', 'coreutils'].map((name) => debian.has('package', name))).toEqual([true, false, true]);
  expect(debian.has('distribution', 'flask')).toBe(true);
  expect(debian.has('distribution', 'jq')).toBe(false);
});

it('reads names of Python distributions', () => {
  expect(
    requirementNames('Flask>=2 # web\n\n-r other.txt\nruamel.yaml[jinja2]==0.1; python_version > "3"'),
  ).toEqual(['flask', 'ruamel-yaml']);
  expect(
    ['PyYAML-6.0.dist-info', 'zope.interface-5.4-py3.11.egg-info', 'python3', 'chardet.egg-info'].map(
      distributionOfFolder,
    ),
  ).toEqual(['pyyaml', 'zope-interface', undefined, 'chardet']);
});
