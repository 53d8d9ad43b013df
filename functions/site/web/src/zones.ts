// Time zones: which is the guest's, which there are, and how they are called.
// Names and present offsets come from the browser; no booking's time does.

import { offsetLabel } from "./stamp";

/** The browser's zone; UTC if it has none that it knows itself, such as "Etc/Unknown". */
export function detectedZone(): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    return zone ? new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone : "UTC";
  } catch {
    return "UTC";
  }
}

/** Today's date on the zone's calendar. */
export function today(zone: string, now = new Date()): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(now);
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** What people call the zone: "Japan Time", 「日本時間」. */
export function zoneName(zone: string, locale: string): string {
  try {
    const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: "longGeneric" }).formatToParts();
    return parts.find((p) => p.type === "timeZoneName")?.value ?? zone;
  } catch {
    return zone; // a name that this browser does not know
  }
}

export interface ZoneChoice {
  id: string;
  city: string;
  name: string;
  offset: string;
  search: string;
}

/** Every zone that the browser knows, from west to east. */
export function zoneChoices(locale: string, now = new Date()): ZoneChoice[] {
  return [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC"])]
    .map((id) => {
      const minutes = offsetNow(id, now);
      const offset = offsetLabel(minutes);
      const city = cityOf(id);
      const name = zoneName(id, locale);
      return { id, city, name, offset, minutes, search: folded(`${city} ${name} ${id} ${offset}`) };
    })
    .sort((a, b) => a.minutes - b.minutes || a.city.localeCompare(b.city));
}

export function matching(choices: ZoneChoice[], typed: string): ZoneChoice[] {
  const words = folded(typed).split(/\s+/).filter(Boolean);
  return choices.filter((c) => words.every((w) => c.search.includes(w)));
}

const folded = (s: string) => s.normalize("NFKC").toLowerCase().replaceAll("−", "-");

/** "America/Argentina/Buenos_Aires" → "Buenos Aires". */
export const cityOf = (zone: string) => zone.slice(zone.lastIndexOf("/") + 1).replaceAll("_", " ");

function offsetNow(zone: string, now: Date): number {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(now);
  const m = /GMT([+-])(\d\d):(\d\d)/.exec(parts.find((p) => p.type === "timeZoneName")?.value ?? "");
  return m ? (m[1] === "-" ? -1 : 1) * (Number(m[2]) * 60 + Number(m[3])) : 0;
}
