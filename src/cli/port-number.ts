import { InvalidArgumentError } from 'commander';

/** Reads the port of an option. @throws InvalidArgumentError for what is not one; 0 is one, and means any that is free */
export function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new InvalidArgumentError('It must be a port: 0 to 65535.');
  return port;
}
