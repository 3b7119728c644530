import { InvalidArgumentError } from 'commander';

/** What reads the value of a flag that must be a whole number. @param fault what is said of any other value */
export function wholeNumber(least: number, fault: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(fault);
  };
}
