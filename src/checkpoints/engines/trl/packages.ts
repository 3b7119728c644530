import { pythonPackages } from '../python-packages.ts';

/** The packages that src/checkpoints/engines/trl/python/ needs, each with the oldest version that it works with. */
const OLDEST = {
  torch: '2.6',
  transformers: '5.0',
  trl: '1.0',
  peft: '0.18',
  accelerate: '1.10',
  datasets: '4.0',
};

/** What a Python needs to train. */
export function trainingPackages(): ReturnType<typeof pythonPackages> {
  return pythonPackages(OLDEST);
}
