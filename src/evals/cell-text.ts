import { type ErrorPlace, InputError, type Json } from '../core/index.ts';

/** What a cell of a table says, as text. @throws InputError where it is empty, or neither text nor a number */
export function cellText(value: Json | undefined, column: string, place: ErrorPlace): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (text.trim() !== '') return text;
  throw new InputError(`the column "${column}" is empty here`, { place });
}
