// The month grid: dates as "2026-12-01", months as "2026-12", without clocks or
// zones.

const utc = (date: string) => new Date(`${date}T00:00:00Z`);
const text = (d: Date) => d.toISOString().slice(0, 10);

export const monthOf = (date: string) => date.slice(0, 7);
export const firstOf = (month: string) => `${month}-01`;

export function lastOf(month: string): string {
  const d = utc(firstOf(month));
  return text(new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + 1, 0)));
}

export function addDays(date: string, days: number): string {
  const d = utc(date);
  d.setUTCDate(d.getUTCDate() + days);
  return text(d);
}

export function addMonths(month: string, months: number): string {
  const d = utc(firstOf(month));
  d.setUTCMonth(d.getUTCMonth() + months);
  return monthOf(text(d));
}

/** The month's weeks; cells outside the month are null. Weekday 0 is Sunday. */
export function weeksOf(month: string, firstWeekday: number): (string | null)[][] {
  const lead = (utc(firstOf(month)).getUTCDay() - firstWeekday + 7) % 7;
  const days = Number(lastOf(month).slice(8));
  const cells: (string | null)[] = Array.from({ length: Math.ceil((lead + days) / 7) * 7 }, (_, i) => {
    const day = i - lead + 1;
    return day < 1 || day > days ? null : `${month}-${String(day).padStart(2, "0")}`;
  });
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}

/** The locale's first weekday, 0 for Sunday; Sunday where the browser does not know. */
export function firstWeekday(locale: string): number {
  const l = new Intl.Locale(locale) as Intl.Locale & {
    getWeekInfo?: () => { firstDay: number };
    weekInfo?: { firstDay: number };
  };
  return ((l.getWeekInfo?.() ?? l.weekInfo)?.firstDay ?? 7) % 7;
}

const arrows: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** Where an arrow key leads from a date: the nearest open day on its way within the month. */
export function stepByKey(from: string, key: string, isOpen: (date: string) => boolean): string | undefined {
  const step = arrows[key];
  if (step === undefined) return undefined;
  for (let d = addDays(from, step); monthOf(d) === monthOf(from); d = addDays(d, step)) {
    if (isOpen(d)) return d;
  }
  return undefined;
}
