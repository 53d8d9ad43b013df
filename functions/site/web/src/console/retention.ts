import { halfWidth } from "../details";

/** A whole number of days, however the keyboard writes digits; undefined if it is none. */
export function daysOf(typed: string): number | undefined {
  const digits = halfWidth(typed);
  return /^\d{1,5}$/.test(digits) ? Number(digits) : undefined;
}
