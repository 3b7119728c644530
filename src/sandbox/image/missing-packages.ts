import { InputError } from '../../core/index.ts';
import { type Installed, type PackageRequest, requirementNames } from './packages.ts';
import type { Place } from './words.ts';

/**
 * Holds what a RUN line installs against what the base has.
 *
 * @param requirements reads a requirement file of pip
 * @throws InputError naming what is missing
 */
export async function requireInstalled(
  request: PackageRequest,
  installed: Installed,
  requirements: (path: string) => Promise<string>,
  place: Place,
): Promise<void> {
  const named = await Promise.all(
    request.requirements.map(async (path) => requirementNames(await requirements(path))),
  );
  const packages = request.packages.filter((name) => !installed.has('package', name));
  const distributions = [...request.distributions, ...named.flat()].filter(
    (name) => !installed.has('distribution', name),
  );
  const missing = [...packages, ...distributions.map((name) => `${name} (Python)`)];
  if (missing.length === 0) return;
  throw new InputError(
    `RUN installs what the base has not got, and nothing can be downloaded while an image is built: ${missing.join(', ')}`,
    {
      place,
      remedy: [
        packages.length > 0 && `Put it into the base: apt-get install ${packages.join(' ')}.`,
        distributions.length > 0 &&
          `Put it into the base: python3 -m pip install ${distributions.join(' ')}.`,
        'Or let Docker build over the image that FROM names: docker pull it, and say sandbox: { engine: docker }.',
      ]
        .filter(Boolean)
        .join(' '),
    },
  );
}
