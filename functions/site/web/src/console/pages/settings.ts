// A page's settings on their way: a good start, what was changed, and two sets of
// changes put together.

import type { Calendars, PageQuestion, PageSettings } from "../api";
import type { Language } from "../../messages";

/** What the host decides at first; the server has good values for all else. */
export interface Start {
  title: string;
  slug: string;
  durationMinutes: number;
}

/** The settings of a new page, kept from guests until it is published. */
export function startOf({ title, slug, durationMinutes }: Start, host: { timezone: string; locale: Language }, calendars: Calendars["calendars"]): Partial<PageSettings> {
  const writable = calendars.filter((c) => c.writable);
  const own = writable.find((c) => c.primary) ?? writable[0];
  const ref = own && own.provider !== "zoom" ? { provider: own.provider, id: own.id } : undefined;
  return {
    title: title.trim(),
    slug,
    published: false,
    timezone: host.timezone,
    locale: host.locale,
    durationMinutes,
    slotIntervalMinutes: durationMinutes <= 30 ? durationMinutes : 30,
    holidays: host.timezone === "Asia/Tokyo" ? "JP" : "",
    ...(ref && { calendars: { write: ref, check: [ref] } }),
  };
}

/** A slug made of a title, as far as it has letters for one. */
export const slugOf = (title: string) =>
  title
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 50)
    .replace(/-+$/, "");

/** The slug, or the next like it that is not taken. */
export function freeSlug(wanted: string, taken: readonly string[]): string {
  const base = wanted || "page";
  if (wanted && !taken.includes(base)) return base;
  for (let n = wanted ? 2 : 1; ; n++) {
    const slug = `${base.slice(0, 46)}-${n}`;
    if (!taken.includes(slug)) return slug;
  }
}

export const slugForm = /^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$/;

export type Setting = keyof PageSettings;

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The settings that differ. */
export const changed = (from: PageSettings, to: PageSettings): Setting[] => (Object.keys(to) as Setting[]).filter((s) => !same(from[s], to[s]));

export interface Conflict {
  theirs: Setting[]; // changed elsewhere
  mine: Setting[]; // changed here
  both: Setting[]; // changed in both places, to other values
}

export function conflictOf(base: PageSettings, mine: PageSettings, theirs: PageSettings): Conflict {
  const here = changed(base, mine);
  const there = changed(base, theirs);
  return { mine: here, theirs: there, both: here.filter((s) => there.includes(s) && !same(mine[s], theirs[s])) };
}

/** What was changed here, on top of what was saved elsewhere. */
export function merged(base: PageSettings, mine: PageSettings, theirs: PageSettings): PageSettings {
  const result: Record<string, unknown> = { ...theirs };
  for (const s of changed(base, mine)) result[s] = mine[s];
  return result as unknown as PageSettings;
}

/** The list with the element of that index in another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = list.filter((_, i) => i !== from);
  const item = list[from];
  if (item === undefined) return [...list];
  return [...rest.slice(0, to), item, ...rest.slice(to)];
}

export const chooses = (type: PageQuestion["type"]) => type === "select" || type === "multiselect";

/** A question of another type keeps what still has a meaning. */
export function retyped(q: PageQuestion, type: PageQuestion["type"]): PageQuestion {
  return { ...q, type, options: chooses(type) ? (q.options.length > 0 ? q.options : [""]) : [] };
}

/** An id that no other question has: answers are kept under it. */
export function nextID(questions: readonly PageQuestion[]): string {
  for (let n = questions.length + 1; ; n++) {
    const id = `q${n}`;
    if (!questions.some((q) => q.id === id)) return id;
  }
}

/** Bytes of a logo's file: as a data: URL it goes with every view of the page, and may have 8 KiB there. */
export const fileLimit = 6 * 1024;

const lines = (list: readonly string[]) => list.map((line) => line.trim()).filter(Boolean);

/** The settings as they are sent: lists that are typed by line have no empty ones. */
export function tidied(page: PageSettings): PageSettings {
  return {
    ...page,
    title: page.title.trim(),
    questions: page.questions.map((q) => ({ ...q, label: q.label.trim(), options: lines(q.options) })),
    embedOrigins: lines(page.embedOrigins),
  };
}

/** What is wrong with the sites that stand in one field: with the first one that is refused, by its name. */
export function siteError(sites: readonly string[], errors: Readonly<Record<string, string | undefined>>): string | undefined {
  const sent = lines(sites).map((site, i) => ({ site, why: errors[`embedOrigins[${i}]`] }));
  const refused = sent.find(({ why }) => why);
  return errors.embedOrigins ?? (refused && `${refused.site}: ${refused.why}`);
}
